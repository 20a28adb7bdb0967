"""Leave and swaps: asked for by people, granted by supervisors, never so that a level stands uncovered."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from schemas.terms import Level
from tests.integration.triage.conftest import Hotline
from triage.domain.case import Refusal
from triage.domain.roster.author import Author
from triage.handlers import covering
from triage.handlers.covering import RosterRefused
from triage.handlers.leave import take_leave, withdraw_leave
from triage.handlers.rosters import apply_rosters, explanation
from triage.handlers.swaps import Asked, Half, ask_swap, grant_swap, refuse_swap
from triage.seed import DEMO, read, refusal

DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 9, 8, tzinfo=UTC)
"""The next handover in Camden; Jones then stands first, Baker second, and Khan alone is the backup."""


def own(hotline: Hotline, handle: str) -> Author:
    return Author(hotline.people[handle], may_grant=handle == "sup-lu")


async def away(hotline: Hotline, handle: str, by: str, override: str | None = None, **time: Any) -> UUID:
    begins = time.get("begins", MONDAY)
    async with hotline.turn() as turn:
        during = (begins, time.get("ends", begins + DAY))
        return await take_leave(turn, hotline.people[handle], during, own(hotline, by), override)


async def asked(hotline: Hotline, there: Half, back: Half | None, by: str = "cam-doyle") -> UUID:
    team = await hotline.admin.pool.fetchval("select team_id from triage.teams where slug = 'camden'")
    swap = Asked(team, hotline.people["cam-doyle"], hotline.people["cam-khan"], there, back)
    async with hotline.turn() as turn:
        return await ask_swap(turn, swap, own(hotline, by))


async def granted(hotline: Hotline, swap_id: UUID, by: str = "sup-lu", override: str | None = None) -> None:
    async with hotline.turn() as turn:
        await grant_swap(turn, swap_id, 1, own(hotline, by), override)


async def on_call(hotline: Hotline, level: str, at: datetime) -> list[str]:
    """As the notifier reads it."""
    rows = await hotline.admin.pool.fetch(
        "select p.handle from triage.for_notifier_shifts s join triage.people p using (person_id) "
        "join triage.teams t using (team_id) where t.slug = 'camden' and level = $1 and during @> $2::timestamptz "
        "order by position",
        level,
        at,
    )
    return [row["handle"] for row in rows]


THERE = Half(Level.LEAD, MONDAY, MONDAY + DAY)
BACK = Half(Level.BACKUP, MONDAY + 2 * DAY, MONDAY + 3 * DAY)


async def refused(act: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as found:
        await act
    return found.value.key


async def test_whoever_is_on_leave_is_not_on_call_and_is_again_after_it(hotline: Hotline) -> None:
    await away(hotline, "cam-baker", by="cam-baker")

    assert await on_call(hotline, "first", MONDAY - timedelta(hours=1)) == ["cam-baker", "cam-jones"]
    assert await on_call(hotline, "first", MONDAY + timedelta(hours=1)) == ["cam-jones"]
    assert await on_call(hotline, "first", MONDAY + DAY) == ["cam-jones", "cam-baker"]


async def test_leave_that_leaves_a_level_empty_is_refused_with_the_exact_stretch(hotline: Hotline) -> None:
    before = await hotline.admin.pool.fetchval("select count(*) from triage.shifts")
    with pytest.raises(RosterRefused) as found:
        await away(hotline, "cam-khan", by="cam-khan")

    assert refusal(found.value, ["en", "zh"]).splitlines() == [
        "Camden child protection team: nobody who can be reached would be on call at the second level (backup) from "
        "2026-03-09 08:00 until 2026-03-10 08:00. Find somebody for it first. "
        "A supervisor can accept it with a reason.",
        "卡姆登儿童保护组：2026-03-09 08:00 至 2026-03-10 08:00，第二层（备班）将没有可以联系到的人。"
        "请先安排人员，或由值班长写明理由后同意空缺。",
    ]
    assert await hotline.admin.pool.fetchval("select count(*) from triage.leaves") == 0
    assert await hotline.admin.pool.fetchval("select count(*) from triage.shifts") == before


async def test_a_supervisor_accepts_what_leave_leaves_and_a_responder_cannot(hotline: Hotline) -> None:
    assert await refused(away(hotline, "cam-khan", by="cam-khan", override="I must")) == "refusal_role"

    await away(hotline, "cam-khan", by="sup-lu", override="A death in the family")

    assert await on_call(hotline, "backup", MONDAY) == []
    kept: Any = await hotline.admin.pool.fetchrow("select act, accepted_by from triage.accepted_gaps")
    assert tuple(kept) == ("take_leave", hotline.people["sup-lu"])
    assert b"death" not in await hotline.admin.pool.fetchval("select reason from triage.accepted_gaps")


async def test_a_supervisor_does_not_accept_what_their_own_leave_leaves(hotline: Hotline) -> None:
    assert await refused(away(hotline, "sup-lu", by="sup-lu", override="I go")) == "refusal_second_person"


@pytest.mark.parametrize(
    ("handle", "by", "time", "key"),
    [
        ("cam-baker", "cam-jones", {}, "refusal_not_own"),
        ("cam-baker", "cam-baker", {"ends": MONDAY}, "refusal_over"),
        ("cam-baker", "cam-baker", {"begins": MONDAY - 30 * DAY}, "refusal_over"),
    ],
)
async def test_leave_that_is_not_theirs_or_over_is_refused(
    hotline: Hotline, handle: str, by: str, time: dict[str, Any], key: str
) -> None:
    assert await refused(away(hotline, handle, by=by, **time)) == key


async def test_leave_is_not_taken_twice_for_one_time(hotline: Hotline) -> None:
    await away(hotline, "cam-baker", by="cam-baker")

    assert await refused(away(hotline, "cam-baker", by="sup-lu", begins=MONDAY + DAY / 2)) == "refusal_on_leave"


async def test_of_two_who_alone_are_left_one_gets_leave(hotline: Hotline) -> None:
    both = [away(hotline, handle, by=handle) for handle in ("cam-baker", "cam-jones")]

    done = await asyncio.gather(*both, return_exceptions=True)

    assert [type(each) for each in done if isinstance(each, Exception)] == [RosterRefused]
    assert len(await on_call(hotline, "first", MONDAY)) == 1


async def test_leave_that_is_withdrawn_midway_ends_then(hotline: Hotline) -> None:
    leave_id = await away(hotline, "cam-baker", by="cam-baker")
    hotline.clock.advance(MONDAY + DAY / 2 - hotline.clock.now())
    async with hotline.turn() as turn:
        await withdraw_leave(turn, leave_id, 1, own(hotline, "cam-baker"))

    assert await on_call(hotline, "first", MONDAY + DAY / 4) == ["cam-jones"]
    assert await on_call(hotline, "first", MONDAY + DAY / 2) == ["cam-jones", "cam-baker"]
    async with hotline.turn() as turn:
        await apply_rosters(
            turn, [each for each in read([DEMO / "rosters.yaml"]).rosters if each.team == "camden"], "x"
        )
    assert await on_call(hotline, "first", MONDAY + DAY / 2) == ["cam-jones", "cam-baker"]


@pytest.mark.parametrize(
    ("seen", "by", "key"),
    [(2, "cam-baker", "refusal_roster_changed"), (1, "cam-jones", "refusal_not_own")],
)
async def test_leave_is_withdrawn_as_it_was_seen_by_whose_it_is(
    hotline: Hotline, seen: int, by: str, key: str
) -> None:
    leave_id = await away(hotline, "cam-baker", by="cam-baker")
    with pytest.raises(Refusal, match=key):
        async with hotline.turn() as turn:
            await withdraw_leave(turn, leave_id, seen, own(hotline, by))


async def test_leave_that_is_over_withdrawn_or_unknown_is_not_withdrawn(hotline: Hotline) -> None:
    leave_id = await away(hotline, "cam-baker", by="cam-baker")

    async def withdraw(which: UUID, seen: int) -> None:
        async with hotline.turn() as turn:
            await withdraw_leave(turn, which, seen, own(hotline, "cam-baker"))

    assert await refused(withdraw(UUID(int=1), 1)) == "refusal_no_leave"
    await withdraw(leave_id, 1)
    assert await refused(withdraw(leave_id, 2)) == "refusal_over"


async def test_leave_outlasts_a_new_roster(hotline: Hotline) -> None:
    await away(hotline, "cam-baker", by="cam-baker")
    camden = [each for each in read([DEMO / "rosters.yaml"]).rosters if each.team == "camden"]

    async with hotline.turn() as turn:
        await apply_rosters(turn, camden, "test")

    assert await on_call(hotline, "first", MONDAY + timedelta(hours=1)) == ["cam-jones"]


async def test_a_granted_swap_exchanges_the_two_stretches_and_nothing_else(hotline: Hotline) -> None:
    swap_id = await asked(hotline, THERE, BACK)
    assert await on_call(hotline, "lead", MONDAY) == ["cam-doyle"]
    await granted(hotline, swap_id)

    hour = timedelta(hours=1)
    assert await on_call(hotline, "lead", MONDAY - hour) == ["cam-doyle"]
    assert await on_call(hotline, "lead", MONDAY) == ["cam-khan"]
    assert await on_call(hotline, "lead", MONDAY + DAY) == ["cam-doyle"]
    assert await on_call(hotline, "backup", MONDAY + 2 * DAY - hour) == ["cam-khan"]
    assert await on_call(hotline, "backup", MONDAY + 2 * DAY) == ["cam-doyle"]
    assert await on_call(hotline, "backup", MONDAY + 3 * DAY) == ["cam-khan"]
    async with hotline.turn() as turn:
        assert await covering.uncovered(turn) == []


async def test_a_shift_may_be_given_for_nothing_and_what_was_made_agrees_with_its_explanation(
    hotline: Hotline,
) -> None:
    await granted(hotline, await asked(hotline, THERE, None))

    for at in (MONDAY, MONDAY + DAY):
        async with hotline.turn() as turn:
            told = await explanation(turn, "camden", Level.LEAD, at)
        assert [shift.person for shift in told.on_call] == await on_call(hotline, "lead", at)
    hotline.clock.advance(MONDAY + 2 * DAY - hotline.clock.now())
    async with hotline.turn() as turn:
        (shift,) = (await explanation(turn, "camden", Level.LEAD, MONDAY)).on_call
    assert (shift.person, shift.grounds.kind, shift.grounds.instead_of) == ("cam-khan", "swap", "cam-doyle")
    assert shift.grounds.replaced is not None
    assert shift.grounds.replaced.every == 7 * DAY


@pytest.mark.parametrize(
    ("there", "back", "key"),
    [
        (Half(Level.BACKUP, MONDAY, MONDAY + DAY), None, "refusal_not_on_call"),
        (THERE, Half(Level.LEAD, MONDAY + 2 * DAY, MONDAY + 3 * DAY), "refusal_not_on_call"),
        (Half(Level.LEAD, MONDAY - 30 * DAY, MONDAY), None, "refusal_over"),
        (Half(Level.LEAD, MONDAY, MONDAY), None, "refusal_over"),
        (Half(Level.LEAD, MONDAY, MONDAY + 60 * DAY), None, "refusal_not_on_call"),
    ],
)
async def test_what_is_not_theirs_to_swap_is_refused(
    hotline: Hotline, there: Half, back: Half | None, key: str
) -> None:
    assert await refused(asked(hotline, there, back)) == key


async def test_nobody_takes_what_they_cannot_do(hotline: Hotline) -> None:
    swap_id = await asked(hotline, THERE, None)
    await away(hotline, "cam-khan", by="sup-lu", override="ill")

    assert await refused(granted(hotline, swap_id)) == "refusal_on_leave"
    assert await refused(asked(hotline, THERE, None)) == "refusal_on_leave"


@pytest.mark.parametrize(
    ("by", "key"),
    [("cam-doyle", "refusal_role"), ("cam-khan", "refusal_role"), ("duty-zhou", "refusal_role")],
)
async def test_only_a_supervisor_grants(hotline: Hotline, by: str, key: str) -> None:
    assert await refused(granted(hotline, await asked(hotline, THERE, BACK), by=by)) == key
    assert await on_call(hotline, "lead", MONDAY) == ["cam-doyle"]


async def test_nobody_grants_what_they_asked_for_themselves(hotline: Hotline) -> None:
    swap_id = await asked(hotline, THERE, BACK, by="sup-lu")

    assert await refused(granted(hotline, swap_id)) == "refusal_second_person"


async def test_a_swap_of_others_is_not_asked_for(hotline: Hotline) -> None:
    assert await refused(asked(hotline, THERE, BACK, by="cam-baker")) == "refusal_not_own"


async def test_a_swap_is_decided_once(hotline: Hotline) -> None:
    swap_id = await asked(hotline, THERE, BACK)
    async with hotline.turn() as turn:
        await refuse_swap(turn, swap_id, 1, own(hotline, "cam-khan"))

    assert await refused(granted(hotline, swap_id)) == "refusal_roster_changed"
    assert await refused(granted(hotline, UUID(int=1))) == "refusal_no_swap"
    assert await on_call(hotline, "lead", MONDAY) == ["cam-doyle"]
    rows = await hotline.admin.pool.fetch("select action from infra.audit where purpose = 'roster' order by at, id")
    assert [row["action"] for row in rows][-2:] == ["ask_swap", "refuse_swap"]


async def test_a_swap_is_refused_by_whom_it_concerns_alone(hotline: Hotline) -> None:
    swap_id = await asked(hotline, THERE, BACK)
    with pytest.raises(Refusal, match="refusal_role"):
        async with hotline.turn() as turn:
            await refuse_swap(turn, swap_id, 1, own(hotline, "cam-baker"))


async def test_a_swap_that_leaves_a_level_empty_is_refused_unless_accepted(hotline: Hotline) -> None:
    swap_id = await asked(hotline, THERE, None)
    await hotline.admin.pool.execute("delete from triage.phones where person_id = $1", hotline.people["cam-khan"])

    assert await refused(granted(hotline, swap_id)) == "roster_gap_left"
    await granted(hotline, swap_id, override="He answers by radio")
    assert await on_call(hotline, "lead", MONDAY) == ["cam-khan"]


async def test_leave_within_a_swapped_stretch_takes_it_from_whoever_has_it_now(hotline: Hotline) -> None:
    await granted(hotline, await asked(hotline, THERE, BACK))

    with pytest.raises(RosterRefused) as found:
        await away(hotline, "cam-khan", by="cam-khan")

    assert {each.gap.level for each in found.value.uncovered} == {Level.LEAD, Level.BACKUP}
