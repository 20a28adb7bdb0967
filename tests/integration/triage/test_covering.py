"""No level stands uncovered unseen: refused with the exact stretch, or accepted by a supervisor and alarmed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.vault import Subject
from schemas.terms import Level
from tests.integration.triage.conftest import Hotline
from triage.domain.case import Refusal
from triage.domain.roster import WATCHED_AHEAD, Roster
from triage.domain.roster.author import Acceptance, Author
from triage.handlers import covering, presence, rosters
from triage.handlers.covering import RosterRefused
from triage.handlers.phones import remove_phone
from triage.handlers.rosters import apply_rosters
from triage.seed import refusal
from triage.timer import Timer

NIGHT = {"level": "backup", "remove": "cam-baker", "begins": "2026-03-10T20:00", "ends": "2026-03-11T08:00"}


def roster(**given: Any) -> Roster:
    turns = [{"level": level, "people": ["cam-baker"], "starts_on": "2026-01-01"} for level in Level]
    rules = {"team": "camden", "time_zone": "Europe/London", "levels": list(Level), "rotations": turns}
    return Roster.model_validate(rules | given)


async def apply(hotline: Hotline, given: Roster, override: Acceptance | None = None) -> None:
    async with hotline.turn() as turn:
        await apply_rosters(turn, [given], "test", override)


async def watch(hotline: Hotline) -> datetime:
    async with hotline.turn() as turn:
        return await covering.watch(turn)


async def alarms(hotline: Hotline) -> list[str]:
    rows = await hotline.admin.pool.fetch("select kind from triage.alarms order by raised_at, kind")
    return [row["kind"] for row in rows]


async def calls(hotline: Hotline) -> int:
    return len(await hotline.told("desk.changed.v1"))


def supervisor(hotline: Hotline, reason: str = "Nobody is left this week") -> Acceptance:
    return Acceptance(Author(hotline.people["sup-lu"], may_grant=True), reason)


async def test_a_supervisor_accepts_a_gap_with_a_reason_and_it_is_alarmed_and_kept(hotline: Hotline) -> None:
    await apply(hotline, roster(overrides=[NIGHT]), supervisor(hotline))

    row: Any = await hotline.admin.pool.fetchrow("select * from triage.accepted_gaps")
    assert (row["level"], row["act"], row["accepted_by"]) == ("backup", "apply_rosters", hotline.people["sup-lu"])
    assert (row["during"].lower, row["during"].upper) == (
        datetime(2026, 3, 10, 20, tzinfo=UTC),
        datetime(2026, 3, 11, 8, tzinfo=UTC),
    )
    async with hotline.turn() as turn:
        said = await hotline.vault.open(turn.tx, Subject("organisation", row["team_id"]), "gap_reason", row["reason"])
    assert said.decode() == "Nobody is left this week"
    assert await alarms(hotline) == ["roster_gap_accepted/backup_202603110800"]


async def test_an_accepted_gap_is_not_refused_again_and_a_wider_one_is(hotline: Hotline) -> None:
    await apply(hotline, roster(overrides=[NIGHT]), supervisor(hotline))

    await apply(hotline, roster(overrides=[NIGHT]))
    with pytest.raises(RosterRefused) as refused:
        await apply(hotline, roster(overrides=[NIGHT | {"ends": "2026-03-11T09:30"}]))

    assert "from 2026-03-11 08:00 until 2026-03-11 09:30" in refusal(refused.value, ["en"])


async def test_a_gap_that_was_mended_since_is_a_gap_again(hotline: Hotline) -> None:
    await apply(hotline, roster(overrides=[NIGHT]), supervisor(hotline))
    await apply(hotline, roster())

    with pytest.raises(RosterRefused, match="roster_gap"):
        await apply(hotline, roster(overrides=[NIGHT]))


async def test_a_level_that_need_have_nobody_any_more_is_left_out_by_a_supervisor_alone(hotline: Hotline) -> None:
    less = roster(levels=["first"])
    with pytest.raises(RosterRefused) as refused:
        await apply(hotline, less)
    assert "`levels` leaves out the second level (backup)" in refusal(refused.value, ["en"])
    assert "levels 中没有" in refusal(refused.value, ["zh"])

    await apply(hotline, less, supervisor(hotline))
    kinds = [kind.split("/")[1].split("_")[0] for kind in await alarms(hotline)]
    assert sorted(kinds) == ["backup", "lead", "manager"]
    await apply(hotline, less)


async def test_a_phone_at_which_nobody_is_heard_of_any_more_covers_nothing(hotline: Hotline) -> None:
    """A number the provider calls dead: the manager hears of it, and the other phone cannot be taken away."""
    await watch(hotline)
    assert await calls(hotline) == 0
    await _dies(hotline, "cam-khan")
    await watch(hotline)
    assert await calls(hotline) == 1
    assert [kind for kind in await alarms(hotline) if kind.startswith("roster_gap_soon/backup")]

    khan = hotline.people["cam-khan"]
    async with hotline.admin.transaction() as tx:
        await tx.execute(
            "insert into triage.phones (person_id, position, number, number_token, verified_at) "
            "select person_id, 2, number, '\\x01', verified_at from triage.phones where person_id = $1",
            khan,
        )
    with pytest.raises(RosterRefused, match="roster_gap_left"):
        async with hotline.turn() as turn:
            await remove_phone(turn, khan, 2, Author(khan, may_grant=False))


async def _dies(hotline: Hotline, handle: str) -> None:
    await hotline.admin.pool.execute(
        "insert into notifier.marked_phones (person_id, number_token, mark, error_code, since) "
        "select person_id, number_token, 'dead', '30005', $2 from triage.phones where person_id = $1",
        hotline.people[handle],
        hotline.clock.now(),
    )


@pytest.mark.parametrize(
    ("handle", "may_grant", "reason", "key"),
    [("duty-zhou", False, "tired", "refusal_role"), ("sup-lu", True, "  ", "refusal_empty")],
)
async def test_a_gap_is_accepted_by_supervisors_with_a_reason_alone(
    hotline: Hotline, handle: str, may_grant: bool, reason: str, key: str
) -> None:
    with pytest.raises(Refusal, match=key):
        await apply(hotline, roster(overrides=[NIGHT]), Acceptance(Author(hotline.people[handle], may_grant), reason))
    assert await hotline.admin.pool.fetchval("select count(*) from triage.accepted_gaps") == 0
    assert await alarms(hotline) == []


async def test_one_team_is_mended_while_another_has_a_gap(hotline: Hotline) -> None:
    await hotline.admin.pool.execute(
        "delete from triage.shifts s using triage.teams t where s.team_id = t.team_id and t.slug = 'xihu'"
    )
    await apply(hotline, roster())


async def test_a_loopback_covers_no_team_of_people(hotline: Hotline) -> None:
    with pytest.raises(RosterRefused, match="roster_gap"):
        await apply(
            hotline, roster(rotations=[{"level": "first", "people": ["loopback"], "starts_on": "2026-01-01"}])
        )


async def test_a_gap_of_later_days_is_alarmed_once_a_day_and_calls_nobody(hotline: Hotline) -> None:
    await _remove(hotline, "camden", "backup", timedelta(days=8))
    next_look = await watch(hotline)
    await watch(hotline)
    assert await alarms(hotline) == [f"roster_gap/backup_{hotline.clock.now() + timedelta(days=8):%Y%m%d%H%M}"]
    assert await calls(hotline) == 0
    assert next_look == hotline.clock.now() + timedelta(hours=1)

    await _settle(hotline)
    hotline.clock.advance(timedelta(hours=2))
    await watch(hotline)
    assert len(await alarms(hotline)) == 1
    hotline.clock.advance(timedelta(hours=23))
    await watch(hotline)
    assert len(await alarms(hotline)) == 2


async def test_each_later_gap_of_a_level_is_alarmed_while_another_stands_or_was_seen_to(hotline: Hotline) -> None:
    await _apply_unchecked(hotline, roster(overrides=[_night(14), _night(24)]))
    await watch(hotline)
    both = ["roster_gap/backup_202603142000", "roster_gap/backup_202603242000"]
    assert await alarms(hotline) == both

    await _settle(hotline)
    hotline.clock.advance(timedelta(hours=2))
    await _apply_unchecked(hotline, roster(overrides=[_night(14), _night(19), _night(24)]))
    await watch(hotline)
    assert await alarms(hotline) == [*both, "roster_gap/backup_202603192000"]


async def test_a_later_gap_that_is_let_stand_leaves_the_others_alarmed(hotline: Hotline) -> None:
    await apply(hotline, roster(overrides=[_night(14)]), supervisor(hotline))
    await _apply_unchecked(hotline, roster(overrides=[_night(14), _night(24)]))
    await watch(hotline)
    assert sorted(await alarms(hotline)) == [
        "roster_gap/backup_202603242000",
        "roster_gap_accepted/backup_202603150800",
    ]


async def test_a_gap_that_comes_into_sight_hour_by_hour_is_alarmed_once(hotline: Hotline) -> None:
    horizon = hotline.clock.now() + WATCHED_AHEAD
    begins, ends = (horizon + timedelta(hours=hours) for hours in (-1, 2))
    night = NIGHT | {"begins": f"{begins:%Y-%m-%dT%H:%M}", "ends": f"{ends:%Y-%m-%dT%H:%M}"}
    await _apply_unchecked(hotline, roster(time_zone="UTC", overrides=[night]))
    for _ in range(5):
        await watch(hotline)
        hotline.clock.advance(timedelta(hours=1))

    assert await alarms(hotline) == [f"roster_gap/backup_{begins:%Y%m%d%H%M}"]


async def test_the_next_look_is_when_a_gap_begins_to_be_near(hotline: Hotline) -> None:
    await _remove(hotline, "camden", "backup", timedelta(hours=24, minutes=20))

    assert await watch(hotline) == hotline.clock.now() + timedelta(minutes=20)
    hotline.clock.advance(timedelta(minutes=20, seconds=1))
    await watch(hotline)

    assert await calls(hotline) == 1
    (rung,) = (await hotline.told("desk.changed.v1"))[0]["body"]["assignments"][0]["ladder"]["rungs"]
    assert (rung["level"], rung["channels"]) == ("manager", ["sms", "voice"])


async def test_each_gap_calls_the_manager_once_also_when_its_alarm_was_seen_to(hotline: Hotline) -> None:
    await _remove(hotline, "camden", "backup", timedelta(hours=5))
    for _ in range(3):
        await watch(hotline)
        await _settle(hotline)
        hotline.clock.advance(timedelta(hours=1))
    assert await calls(hotline) == 1

    await _remove(hotline, "xihu", "first", timedelta(hours=5))
    await watch(hotline)
    assert await calls(hotline) == 2


async def test_a_gap_that_was_mended_and_comes_back_calls_again(hotline: Hotline) -> None:
    await _remove(hotline, "camden", "backup", timedelta(hours=5))
    await watch(hotline)
    await apply(hotline, roster())
    await watch(hotline)
    assert await calls(hotline) == 1

    await _remove(hotline, "camden", "backup", timedelta(hours=5))
    await watch(hotline)
    assert await calls(hotline) == 2


async def test_a_level_without_anybody_for_weeks_does_not_call_every_hour(hotline: Hotline) -> None:
    await hotline.admin.pool.execute("delete from triage.shifts where level = 'backup'")
    for _ in range(3):
        await watch(hotline)
        hotline.clock.advance(timedelta(hours=1))

    assert await calls(hotline) == 1
    assert all(kind == "roster_gap_soon/backup" for kind in await alarms(hotline))


async def test_the_manager_is_called_about_a_gap_while_an_absent_desk_is_called_too(hotline: Hotline) -> None:
    hotline.clock.advance(timedelta(hours=1))
    async with hotline.turn() as turn:
        await presence.look(turn)
    await _remove(hotline, "camden", "backup", timedelta(hours=5))
    await watch(hotline)

    told = (await hotline.told("desk.changed.v1"))[-1]["body"]["assignments"]
    by_purpose = {each["purpose"]: each for each in told}
    assert {name: each["status"] for name, each in by_purpose.items()} == {"presence": "calling", "roster": "calling"}
    assert [rung["level"] for rung in by_purpose["roster"]["ladder"]["rungs"]] == ["manager"]


async def test_the_timer_makes_shifts_and_sees_to_gaps(hotline: Hotline, timer: Timer) -> None:
    hotline.clock.advance(timedelta(days=3))
    await timer.look_at_rosters()

    assert await hotline.admin.pool.fetchval("select max(upper(during)) from triage.shifts") == (
        hotline.clock.now() + timedelta(days=35)
    )
    assert await alarms(hotline) == []


async def test_the_last_phone_of_the_only_person_is_not_taken_away(hotline: Hotline) -> None:
    khan = hotline.people["cam-khan"]
    with pytest.raises(RosterRefused) as refused:
        async with hotline.turn() as turn:
            await remove_phone(turn, khan, 1, Author(khan))

    assert [(each.team["slug"], each.gap.level) for each in refused.value.uncovered] == [("camden", Level.BACKUP)]
    assert await _phones(hotline, khan) == 1


async def test_a_phone_goes_where_somebody_else_is_reachable_and_it_is_written_down(hotline: Hotline) -> None:
    baker = hotline.people["cam-baker"]
    async with hotline.turn() as turn:
        await remove_phone(turn, baker, 1, Author(baker))

    assert await _phones(hotline, baker) == 0
    entry: Any = await hotline.admin.pool.fetchrow("select * from infra.audit where subject_id = $1", baker)
    assert (entry["actor"], entry["action"], entry["purpose"]) == (str(baker), "remove_phone", "roster")


async def test_a_supervisor_lets_a_phone_go_and_nobody_lets_their_own(hotline: Hotline) -> None:
    khan, lu = hotline.people["cam-khan"], hotline.people["sup-lu"]
    with pytest.raises(Refusal, match="refusal_second_person"):
        async with hotline.turn() as turn:
            await remove_phone(turn, lu, 1, Author(lu, may_grant=True), "It is broken")

    async with hotline.turn() as turn:
        await remove_phone(turn, khan, 1, Author(lu, may_grant=True), "It was stolen")

    assert await _phones(hotline, khan) == 0
    assert (await alarms(hotline))[0].startswith("roster_gap_accepted/backup")


@pytest.mark.parametrize(
    ("who", "position", "by", "key"),
    [
        ("cam-baker", 1, "cam-jones", "refusal_not_own"),
        ("cam-baker", 9, "cam-baker", "refusal_no_phone"),
        (None, 1, "sup-lu", "refusal_no_person"),
    ],
)
async def test_a_phone_that_is_not_there_or_not_theirs_is_refused(
    hotline: Hotline, who: str | None, position: int, by: str, key: str
) -> None:
    person = hotline.people[who] if who else UUID(int=7)
    with pytest.raises(Refusal, match=key):
        async with hotline.turn() as turn:
            await remove_phone(turn, person, position, Author(hotline.people[by], by == "sup-lu"))


def _night(day: int) -> dict[str, str]:
    """A night of March without its backup."""
    return NIGHT | {"begins": f"2026-03-{day}T20:00", "ends": f"2026-03-{day + 1}T08:00"}


async def _apply_unchecked(hotline: Hotline, given: Roster) -> None:
    """Rules whose gaps nobody refused: what left them was no act."""
    async with hotline.turn() as turn:
        team_id = await turn.tx.fetchval("select team_id from triage.teams where slug = 'camden'")
        await rosters.replace(turn, team_id, given, "test")


async def _remove(hotline: Hotline, team: str, level: str, after: timedelta) -> None:
    """Take an hour from whoever is on call, behind the back of every rule."""
    await hotline.admin.pool.execute(
        "update triage.shifts s set during = tstzrange(lower(during), $3) from triage.teams t "
        "where t.team_id = s.team_id and t.slug = $1 and level = $2 and during @> $3::timestamptz",
        team,
        level,
        hotline.clock.now() + after,
    )


async def _settle(hotline: Hotline) -> None:
    await hotline.admin.pool.execute(
        "update triage.alarms set settled_at = $1, settled_by = $2 where settled_at is null",
        hotline.clock.now(),
        hotline.people["duty-zhou"],
    )


async def _phones(hotline: Hotline, person: UUID) -> int:
    count: int = await hotline.admin.pool.fetchval("select count(*) from triage.phones where person_id = $1", person)
    return count
