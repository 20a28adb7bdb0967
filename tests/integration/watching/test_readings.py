"""Second readings: who may read what, what two and three readers settle, and what is told when it is graver."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from infra import audit
from infra.audit import AuditEntry
from infra.ids import new_id
from infra.vault import Subject
from schemas.terms import AcknowledgedVia, Role, Urgency
from tests.integration.triage.conftest import Hotline
from tests.integration.watching.conftest import DUE, Cases, alarm_kinds, draw, entry_of, move_to, plan, read
from triage.domain.case import Actor, Press, Refusal
from triage.handlers import presses
from triage.handlers.second_readings import raise_as_read
from triage.store import second_readings, timeline

ZHOU, CARTER, LU, GAO = "duty-zhou", "duty-carter", "sup-lu", "mgr-gao"


async def drawn(hotline: Hotline, cases: Cases, urgency: str = "routine", **given: Any) -> tuple[Any, UUID]:
    """A case of last week and its entry in the sample."""
    (case,) = await cases(urgency, **given)
    await plan(hotline)
    move_to(hotline, DUE)
    await draw(hotline)
    return case, await entry_of(hotline, case)


async def waits_for(hotline: Hotline, who: str) -> list[UUID]:
    async with hotline.turn() as turn:
        return [row["entry_id"] for row in await second_readings.awaiting(turn.tx, hotline.people[who])]


async def truth_of(hotline: Hotline, entry_id: UUID) -> str | None:
    found: str | None = await hotline.admin.pool.fetchval(
        "select truth from triage.sample_entries where entry_id = $1", entry_id
    )
    return found


async def test_two_who_agree_settle_a_case(hotline: Hotline, cases: Cases) -> None:
    _, entry = await drawn(hotline, cases)

    await read(hotline, entry, ZHOU, "routine")
    assert await truth_of(hotline, entry) is None
    assert await waits_for(hotline, ZHOU) == []
    await read(hotline, entry, CARTER, "routine")

    assert await truth_of(hotline, entry) == "routine"
    assert await waits_for(hotline, LU) == []


async def test_a_third_reader_breaks_the_tie_and_a_fourth_is_not_asked(hotline: Hotline, cases: Cases) -> None:
    _, entry = await drawn(hotline, cases)

    await read(hotline, entry, ZHOU, "routine")
    await read(hotline, entry, CARTER, "urgent")
    assert await truth_of(hotline, entry) is None
    assert await waits_for(hotline, LU) == [entry]
    await read(hotline, entry, LU, "priority")

    assert await truth_of(hotline, entry) == "priority"
    assert await waits_for(hotline, GAO) == []
    with pytest.raises(Refusal, match="refusal_not_to_read"):
        await read(hotline, entry, GAO, "routine")


async def test_nobody_reads_the_same_case_twice(hotline: Hotline, cases: Cases) -> None:
    _, entry = await drawn(hotline, cases)
    await read(hotline, entry, ZHOU, "routine")

    with pytest.raises(Refusal, match="refusal_not_to_read"):
        await read(hotline, entry, ZHOU, "immediate")

    assert await hotline.admin.pool.fetchval("select count(*) from triage.second_readings") == 1


async def test_of_readers_at_the_same_moment_no_more_than_are_needed_are_kept(hotline: Hotline, cases: Cases) -> None:
    _, entry = await drawn(hotline, cases)

    said = await asyncio.gather(
        *(read(hotline, entry, who, "routine") for who in (ZHOU, CARTER, LU, GAO)), return_exceptions=True
    )

    assert [type(each) for each in said if each is not None] == [Refusal, Refusal]
    assert await truth_of(hotline, entry) == "routine"
    assert await hotline.admin.pool.fetchval("select count(*) from triage.second_readings") == 2


async def test_a_case_that_does_not_exist_is_refused(hotline: Hotline) -> None:
    with pytest.raises(Refusal, match="refusal_not_to_read"):
        await read(hotline, new_id(), ZHOU, "routine")


async def looks(hotline: Hotline, case: Any, action: str) -> None:
    async with hotline.turn() as turn:
        look = AuditEntry(
            turn.now, str(hotline.people[ZHOU]), "duty", action, Subject("case", case["case_id"]), case["case_id"]
        )
        await audit.record(turn.tx, look)


async def opens_its_page(hotline: Hotline, case: Any) -> None:
    await looks(hotline, case, "case_shown")


async def opens_a_tree_of_it(hotline: Hotline, case: Any) -> None:
    await looks(hotline, case, "tree_shown")


async def opens_its_facts(hotline: Hotline, case: Any) -> None:
    await looks(hotline, case, "facts_shown")


async def reads_it(hotline: Hotline, case: Any) -> None:
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case["case_id"], ZHOU))


async def raises_it(hotline: Hotline, case: Any) -> None:
    async with hotline.turn() as turn:
        await presses.raise_urgency(turn, await hotline.press(case["case_id"], ZHOU), Urgency.URGENT)


async def decides_in_it(hotline: Hotline, case: Any) -> None:
    async with hotline.turn() as turn:
        await timeline.add(turn.tx, case["case_id"], "lower_refused", turn.now, hotline.people[ZHOU])


async def has_it(hotline: Hotline, case: Any) -> None:
    await hotline.admin.pool.execute(
        "update triage.cases set taken_by = $2, taken_at = $3, taken_via = $4 where case_id = $1",
        case["case_id"],
        hotline.people[ZHOU],
        hotline.clock.now(),
        AcknowledgedVia.SMS,
    )


async def is_kept_out(hotline: Hotline, case: Any) -> None:
    await hotline.admin.pool.execute(
        "insert into triage.exclusions (case_id, person_id, reason, added_by, added_at) "
        "values ($1, $2, 'conflict_of_interest', 'test', $3)",
        case["case_id"],
        hotline.people[ZHOU],
        hotline.clock.now(),
    )


KNOWING = [
    opens_its_page, opens_a_tree_of_it, opens_its_facts, reads_it, raises_it, decides_in_it, has_it, is_kept_out,
]  # fmt: skip


@pytest.mark.parametrize("knows", KNOWING)
@pytest.mark.parametrize("is_before", [True, False])
async def test_who_knows_a_case_is_not_its_reader(
    hotline: Hotline, cases: Cases, knows: Any, is_before: bool
) -> None:
    (case,) = await cases("routine")
    if is_before:
        await knows(hotline, case)
    await plan(hotline)
    move_to(hotline, DUE)
    await draw(hotline)
    entry = await entry_of(hotline, case)
    if not is_before:
        assert await waits_for(hotline, ZHOU) == [entry]
        await knows(hotline, case)

    assert await waits_for(hotline, ZHOU) == []
    with pytest.raises(Refusal, match="refusal_not_to_read"):
        await read(hotline, entry, ZHOU, "routine")
    assert await waits_for(hotline, CARTER) == [entry]


async def test_a_graver_reading_sounds_the_alarm_and_the_reader_can_raise(hotline: Hotline, cases: Cases) -> None:
    case, entry = await drawn(hotline, cases)

    await read(hotline, entry, ZHOU, "urgent")
    assert await alarm_kinds(hotline) == ["second_reading_graver"]
    async with hotline.turn() as turn:
        await raise_as_read(turn, await hotline.press(case["case_id"], ZHOU), entry)

    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "urgent"
    assert await alarm_kinds(hotline) == []
    settled = await hotline.admin.pool.fetchval("select settled_by from triage.alarms")
    assert settled == hotline.people[ZHOU]
    assert "raised" in await hotline.kinds(case["case_id"])


async def test_a_case_that_was_lowered_is_compared_with_what_it_now_is(hotline: Hotline, cases: Cases) -> None:
    case, entry = await drawn(hotline, cases, "immediate")
    await hotline.admin.pool.execute("update triage.cases set urgency = 'priority'")

    await read(hotline, entry, ZHOU, "urgent")

    assert await alarm_kinds(hotline) == ["second_reading_graver"]
    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "priority"


async def test_a_milder_or_equal_reading_changes_and_sounds_nothing(hotline: Hotline, cases: Cases) -> None:
    case, entry = await drawn(hotline, cases, "urgent")

    await read(hotline, entry, ZHOU, "routine")
    await read(hotline, entry, CARTER, "urgent")

    assert await alarm_kinds(hotline) == []
    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "urgent"


async def test_a_closed_case_found_graver_sounds_and_is_not_raised_by_a_machine(
    hotline: Hotline, cases: Cases
) -> None:
    case, entry = await drawn(hotline, cases, closed=1)

    await read(hotline, entry, ZHOU, "immediate")

    assert await alarm_kinds(hotline) == ["second_reading_graver"]
    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "routine"
    with pytest.raises(Refusal, match="refusal_closed"):
        async with hotline.turn() as turn:
            await raise_as_read(turn, await hotline.press(case["case_id"], ZHOU), entry)
    assert await alarm_kinds(hotline) == ["second_reading_graver"]


async def test_only_a_reader_raises_by_a_reading_and_only_its_own_case(hotline: Hotline, cases: Cases) -> None:
    case, entry = await drawn(hotline, cases)
    await read(hotline, entry, ZHOU, "urgent")
    other = (await cases("routine"))[0]

    for press in (
        await hotline.press(case["case_id"], CARTER),
        Press(
            Actor(hotline.people[ZHOU], Role.DUTY_OFFICER), other["case_id"], other["version"], hotline.clock.now()
        ),
    ):
        with pytest.raises(Refusal, match="refusal_not_to_read"):
            async with hotline.turn() as turn:
                await raise_as_read(turn, press, entry)


async def test_a_reading_is_in_the_audit_of_its_case_without_what_was_found(hotline: Hotline, cases: Cases) -> None:
    case, entry = await drawn(hotline, cases)

    await read(hotline, entry, ZHOU, "urgent")

    row = await hotline.admin.pool.fetchrow(
        "select actor, purpose, action, shown from infra.audit where case_id = $1", case["case_id"]
    )
    assert row is not None
    assert tuple(row) == (str(hotline.people[ZHOU]), "second_reading", "second_reading_given", [])
