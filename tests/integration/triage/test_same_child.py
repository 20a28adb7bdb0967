"""Same child, same matter: what people say of two cases, what follows, and that everything can be undone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from infra import audit
from infra.vault import Subject
from schemas.report import FactSheet
from schemas.terms import Urgency
from tests.integration.triage.conftest import ASKED, Hotline, Reports, Updates
from triage.domain.assessment import History
from triage.domain.case import Refusal, Status
from triage.domain.closing import Hindrance, Standing, hindrances, is_owed
from triage.handlers import malice, past, presses, same_child
from triage.handlers.standing import open_reports, standing_of
from triage.handlers.turn import Turn
from triage.store.pairings import Says

QUESTION = "想了解一下你们的服务。"
QUIET = {"danger_now": "no", "answers": ASKED}
WORSE = {"danger_now": "yes"}


async def opened(hotline: Hotline, report: Reports, words: str = QUESTION, **given: Any) -> tuple[UUID, Any]:
    event = await report(words, **(QUIET | given))
    await hotline.receive(event)
    hotline.clock.advance(timedelta(minutes=1))
    return (await hotline.case_of(event.report_id))["case_id"], event


async def say(hotline: Hotline, case_id: UUID, other_id: UUID, says: Says = Says.SAME_MATTER) -> None:
    async with hotline.turn() as turn:
        await same_child.say(turn, await hotline.press(case_id), other_id, says)


async def undo(hotline: Hotline, case_id: UUID, other_id: UUID) -> None:
    async with hotline.turn() as turn:
        await same_child.undo(turn, await hotline.press(case_id), other_id)


async def standing(turn: Turn, case_id: UUID) -> Standing:
    pack = turn.means.packs.for_jurisdiction("CN", turn.now.date())
    return await standing_of(turn.tx, pack, case_id, await open_reports(turn.tx, turn.means.vault, case_id))


async def urgency(hotline: Hotline, case_id: UUID) -> str:
    return str((await hotline.case_of_id(case_id))["urgency"])


async def sheet_of(hotline: Hotline, case_id: UUID) -> FactSheet:
    async with hotline.turn() as turn:
        sealed = await turn.tx.fetchval("select sheet from triage.sheets where case_id = $1", case_id)
        return FactSheet.model_validate_json(
            await hotline.vault.open(turn.tx, Subject("case", case_id), "sheet", sealed)
        )


async def clocks_of(hotline: Hotline, case_id: UUID) -> list[Any]:
    return list(
        await hotline.admin.pool.fetch(
            "select name, started_at, due_at from triage.clocks where case_id = $1 and ended_at is null "
            "order by name",
            case_id,
        )
    )


async def test_an_earlier_report_of_the_same_child_raises_the_later_case_one_step(
    hotline: Hotline, report: Reports
) -> None:
    earlier, _ = await opened(hotline, report)
    later, _ = await opened(hotline, report)
    assert await urgency(hotline, later) == "routine"

    await say(hotline, later, earlier, Says.SAME_CHILD)

    assert await urgency(hotline, later) == "priority"
    assert await urgency(hotline, earlier) == "routine", "what came later is no earlier report"
    assert "said_same_child" in await hotline.kinds(earlier)
    assert {"said_same_child", "raised"} <= set(await hotline.kinds(later))
    reasons = await hotline.admin.pool.fetchval(
        "select reasons from triage.assessments where case_id = $1 "
        "order by assessed_at desc, assessment_id desc limit 1",
        later,
    )
    assert "earlier-reports" in {each["rule"] for each in reasons}


async def test_it_does_so_from_the_page_of_either(hotline: Hotline, report: Reports) -> None:
    earlier, _ = await opened(hotline, report)
    later, _ = await opened(hotline, report)

    await say(hotline, earlier, later, Says.SAME_CHILD)

    assert (await urgency(hotline, later), await urgency(hotline, earlier)) == ("priority", "routine")


async def test_a_closed_case_is_history_and_stays_closed(hotline: Hotline, report: Reports) -> None:
    earlier, _ = await opened(hotline, report)
    await hotline.had_closed(earlier)
    later, _ = await opened(hotline, report)

    await say(hotline, later, earlier, Says.SAME_CHILD)

    assert await urgency(hotline, later) == "priority"
    before = await hotline.case_of_id(earlier)
    assert (before["status"], before["version"]) == ("closed", 1)
    await undo(hotline, later, earlier)
    with pytest.raises(Refusal, match="refusal_inside_closed"):
        await say(hotline, later, earlier, Says.SAME_MATTER)


async def test_the_fourth_closed_in_a_row_with_a_young_child_must_be_assigned_and_calls(
    hotline: Hotline, report: Reports
) -> None:
    cases = [(await opened(hotline, report, "孩子四岁。"))[0] for _ in range(4)]
    for case_id in cases[:3]:
        await hotline.had_closed(case_id)
    for one, other in zip(cases[1:], cases, strict=False):
        if one == cases[3]:
            await say(hotline, one, other, Says.SAME_CHILD)
        else:
            await tie(hotline, one, other)

    case = await hotline.case_of_id(cases[3])
    assert case["urgency"] in ("urgent", "immediate")
    async with hotline.turn() as turn:
        assert (await past.of_case(turn.tx, cases[3])).closed_in_a_row == 3
        assert is_owed(await standing(turn, cases[3]))
    assert {"calling_waits", "assigned"} & set(await hotline.kinds(cases[3]))


async def test_it_is_not_closed_before_people_were_called(hotline: Hotline, report: Reports) -> None:
    cases = [(await opened(hotline, report, "孩子四岁。"))[0] for _ in range(4)]
    for one, other in zip(cases[1:], cases, strict=False):
        await tie(hotline, one, other)
    for case_id in cases[:3]:
        await hotline.had_closed(case_id)
    async with hotline.turn() as turn:
        found = await standing(turn, cases[3])
        assert Hindrance.OWED in hindrances(replace(found, was_called=False))
        assert Hindrance.OWED not in hindrances(replace(found, was_called=True))


async def test_the_same_matter_told_by_somebody_else_ends_a_mark_of_malice(hotline: Hotline, report: Reports) -> None:
    marked, _ = await opened(hotline, report, came_from="+8613800000001")
    same, _ = await opened(hotline, report, came_from="+8613800000001")
    other, _ = await opened(hotline, report, came_from="+8613800000002")
    async with hotline.turn() as turn:
        await malice.mark_malice(turn, await hotline.press(marked), "笑声")
    await say(hotline, marked, same)
    assert "malice_ended" not in await hotline.kinds(marked)
    await say(hotline, marked, other)
    assert "malice_ended" in await hotline.kinds(marked)


async def tie(hotline: Hotline, one: UUID, other: UUID) -> None:
    """What people had said of two cases before they were closed."""
    await hotline.admin.pool.execute(
        "insert into triage.pairings (pairing_id, case_id, other_id, says, said_by, said_at) "
        "values (gen_random_uuid(), $1, $2, 'same_child', $3, $4)",
        one,
        other,
        hotline.people["duty-zhou"],
        hotline.clock.now(),
    )


async def test_an_older_child_and_a_row_that_was_broken_owe_nothing(hotline: Hotline, report: Reports) -> None:
    cases = [(await opened(hotline, report, "孩子十二岁。"))[0] for _ in range(4)]
    for one, other in zip(cases[1:], cases, strict=False):
        await tie(hotline, one, other)
    for case_id in cases[:3]:
        await hotline.had_closed(case_id)
    async with hotline.turn() as turn:
        assert not is_owed(await standing(turn, cases[3]))

    await hotline.had_closed(cases[1], first_action_at=hotline.clock.now())
    async with hotline.turn() as turn:
        assert await past.of_case(turn.tx, cases[3]) == History(earlier_reports=3, closed_in_a_row=1)


async def test_a_report_linked_to_a_closed_case_has_an_earlier_one(hotline: Hotline, report: Reports) -> None:
    first, event = await opened(hotline, report)
    await hotline.had_closed(first)

    second, _ = await opened(hotline, report, linked_to=event.report_id)

    assert second != first
    assert await urgency(hotline, second) == "priority"


async def test_a_merge_takes_the_worse_urgency_and_calls(hotline: Hotline, report: Reports) -> None:
    living, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report, **WORSE)
    assert await hotline.assignments(living) == []

    await say(hotline, living, other)

    assert await urgency(hotline, living) == "immediate"
    assert [each["because"] for each in await hotline.assignments(living)] == ["raised"]
    assert await hotline.clock_of(living, "emergency_service") is not None


async def test_a_merge_stops_no_calling_and_no_clock_and_closes_nothing(hotline: Hotline, report: Reports) -> None:
    living, _ = await opened(hotline, report, **WORSE)
    other, event = await opened(hotline, report, **WORSE)
    before = await clocks_of(hotline, other)
    calling = await hotline.assignments(other)

    await say(hotline, living, other)

    inside = await hotline.case_of_id(other)
    assert inside["status"] == "open"
    assert await clocks_of(hotline, other) == before
    assert [(each["number"], each["status"]) for each in await hotline.assignments(other)] == [
        (each["number"], "calling") for each in calling
    ]
    assert (await hotline.case_of(event.report_id))["case_id"] == other, "its record is its own"
    assert len(await hotline.assignments(living)) == 1, "nobody is called twice for what is no worse"


async def test_who_has_a_case_keeps_it_inside_another(hotline: Hotline, report: Reports) -> None:
    living, _ = await opened(hotline, report, **WORSE)
    other, _ = await opened(hotline, report, **WORSE)
    taker = hotline.people["bj-li"]
    await hotline.receive(hotline.escalation(await hotline.case_of_id(other), acknowledged_by=taker))

    await say(hotline, living, other)
    await undo(hotline, living, other)

    assert (await hotline.case_of_id(other))["taken_by"] == taker


async def test_the_sheet_of_facts_tells_what_both_tell_until_it_is_undone(hotline: Hotline, report: Reports) -> None:
    living, _ = await opened(hotline, report, "楼上孩子在哭。", **WORSE)
    other, _ = await opened(hotline, report, "窗户被砸了。", **WORSE)

    await say(hotline, living, other)
    assert "窗户被砸了" in (await sheet_of(hotline, living)).narrative

    await undo(hotline, other, living)
    assert "窗户被砸了" not in (await sheet_of(hotline, living)).narrative
    assert "窗户被砸了" in (await sheet_of(hotline, other)).narrative


async def test_undoing_restores_both_and_lowers_nothing(hotline: Hotline, report: Reports) -> None:
    living, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report, **WORSE)
    clocks = await clocks_of(hotline, other)
    await say(hotline, living, other)

    await undo(hotline, living, other)

    assert (await urgency(hotline, living), await urgency(hotline, other)) == ("immediate", "immediate")
    assert await clocks_of(hotline, other) == clocks
    assert "undid_same_matter" in await hotline.kinds(living)
    assert "undid_same_matter_inside" in await hotline.kinds(other)
    with pytest.raises(Refusal, match="refusal_not_paired"):
        await undo(hotline, living, other)
    await say(hotline, other, living)


async def test_words_that_come_later_reach_the_living_case(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    living, _ = await opened(hotline, report)
    other, event = await opened(hotline, report)
    await say(hotline, living, other)
    for case_id in (living, other):
        async with hotline.turn() as turn:
            await presses.mark_read(turn, await hotline.press(case_id))

    await hotline.receive(await update(event, "他拿着刀，孩子现在有危险。", danger_now="yes"))

    for case_id in (living, other):
        case = await hotline.case_of_id(case_id)
        assert case["unread_since"] is not None
        assert case["urgency"] == "immediate"
        assert (await hotline.assignments(case_id))[-1]["because"] == "raised"
    assert "words_inside" in await hotline.kinds(living)
    assert "他拿着刀" in (await sheet_of(hotline, living)).narrative


async def test_a_raise_by_hand_inside_raises_the_living_case(hotline: Hotline, report: Reports) -> None:
    living, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report)
    await say(hotline, living, other)

    async with hotline.turn() as turn:
        await presses.raise_urgency(turn, await hotline.press(other), Urgency.IMMEDIATE)

    assert await urgency(hotline, living) == "immediate"


async def test_who_reads_the_living_case_has_read_what_is_inside(hotline: Hotline, report: Reports) -> None:
    living, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report)
    await say(hotline, living, other)

    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(living))

    assert (await hotline.case_of_id(other))["unread_since"] is None
    assert "read" in await hotline.kinds(other)


async def test_not_the_same_changes_nothing_but_what_is_offered(hotline: Hotline, report: Reports) -> None:
    one, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report)

    await say(hotline, one, other, Says.NOT_SAME)

    assert (await urgency(hotline, one), await urgency(hotline, other)) == ("routine", "routine")
    with pytest.raises(Refusal, match="refusal_paired"):
        await say(hotline, other, one, Says.SAME_CHILD)


async def test_a_case_is_inside_one_case_and_holds_none_then(hotline: Hotline, report: Reports) -> None:
    first, second, third, fourth = [(await opened(hotline, report))[0] for _ in range(4)]
    await say(hotline, first, second)

    for living, inner, why in (
        (third, second, "refusal_inside_already"),
        (second, third, "refusal_inside_already"),
        (third, first, "refusal_holds_others"),
        (second, first, "refusal_paired"),
        (first, first, "refusal_same_case"),
        (first, UUID(int=7), "refusal_no_case"),
    ):
        with pytest.raises(Refusal, match=why):
            await say(hotline, living, inner)
    await say(hotline, first, fourth)


async def test_every_press_is_on_record_for_both(hotline: Hotline, report: Reports) -> None:
    one, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report)
    for here, there in ((one, other), (other, one)):
        await say(hotline, here, there, Says.SAME_CHILD)
        await undo(hotline, here, there)

    for case_id in (one, other):
        rows = await hotline.admin.pool.fetch(
            "select action from infra.audit where case_id = $1 order by seq", case_id
        )
        assert [row["action"] for row in rows] == ["say_same_child", "undo_pairing"] * 2
        async with hotline.db.transaction() as tx:
            assert await audit.verify(tx, case_id) == 4


async def test_a_closed_living_case_hears_nothing_more(hotline: Hotline, report: Reports, update: Updates) -> None:
    living, _ = await opened(hotline, report)
    other, event = await opened(hotline, report)
    await say(hotline, living, other)
    await hotline.had_closed(living)

    await hotline.receive(await update(event, "他拿着刀，孩子现在有危险。", danger_now="yes"))

    assert (await hotline.case_of_id(living))["status"] == Status.CLOSED
    inside = await hotline.case_of_id(other)
    assert (inside["urgency"], inside["status"]) == ("immediate", "open"), "it lives by itself"


async def test_nobody_can_store_two_standing_words_or_an_undoing_by_nobody(hotline: Hotline, report: Reports) -> None:
    one, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report)
    await tie(hotline, one, other)
    with pytest.raises(asyncpg.UniqueViolationError):
        await tie(hotline, other, one)
    with pytest.raises(asyncpg.CheckViolationError):
        await hotline.admin.pool.execute("update triage.pairings set undone_at = said_at")
