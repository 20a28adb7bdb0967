"""The weekly sample: planned, drawn once, from every urgency, closed cases too; what it alarms."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from infra.postgres import Listener
from infra.service import Service
from infra.settings import Env, Settings
from schemas.terms import Urgency
from tests.integration.triage.conftest import Hotline, Reports
from tests.integration.watching.conftest import DUE, MONDAY, Cases, alarm_kinds, draw, entries, move_to, plan
from triage.domain.second_reading import Framed
from triage.domain.second_reading import draw as drawn_again
from triage.samples import Samples
from triage.store import second_readings


async def test_nothing_is_drawn_before_the_week_is_over_and_its_night_worked_on(
    hotline: Hotline, cases: Cases
) -> None:
    await cases("routine", 2)

    assert not await draw(hotline)
    move_to(hotline, DUE - timedelta(seconds=1))
    assert not await draw(hotline)
    move_to(hotline, DUE)
    assert await draw(hotline)


async def test_of_every_urgency_cases_are_drawn_closed_ones_too(hotline: Hotline, cases: Cases) -> None:
    await cases("immediate", 2)
    await cases("priority", 12, closed=12)
    await cases("routine", 23, closed=10)
    await plan(hotline)
    move_to(hotline, DUE)

    await draw(hotline)

    drawn = await entries(hotline)
    assert Counter(row["urgency"] for row in drawn) == {"immediate": 2, "priority": 10, "routine": 20}
    assert [row["place"] for row in drawn] == list(range(1, 33))
    assert all(row["was_closed"] for row in drawn if row["urgency"] == "priority")
    assert any(row["was_closed"] for row in drawn if row["urgency"] == "routine")
    strata = await hotline.admin.pool.fetch("select urgency, cases, drawn from triage.sample_strata order by cases")
    assert [tuple(row) for row in strata] == [("immediate", 2, 2), ("priority", 12, 10), ("routine", 23, 20)]


async def test_canaries_and_cases_of_other_weeks_are_left_out(
    hotline: Hotline, cases: Cases, report: Reports
) -> None:
    (mine,) = await cases("routine")
    await hotline.receive(await report(is_canary=True))
    await plan(hotline)
    move_to(hotline, MONDAY)
    await cases("immediate")
    move_to(hotline, DUE)

    await draw(hotline)

    assert [row["case_id"] for row in await entries(hotline)] == [mine["case_id"]]
    assert await hotline.admin.pool.fetchval("select cases from triage.samples where week = '2026-03-02'") == 1


async def test_the_choice_can_be_made_again_from_the_seed(hotline: Hotline, cases: Cases) -> None:
    made = await cases("routine", 25)
    await plan(hotline)
    move_to(hotline, DUE)

    await draw(hotline)

    seed = await hotline.admin.pool.fetchval("select seed from triage.samples where drawn_at is not null")
    frame = [Framed(case["case_id"], Urgency.ROUTINE, False, False) for case in made]
    again = drawn_again(frame, hotline.means.packs.watching.sample.by_urgency(), seed)
    assert [row["case_id"] for row in await entries(hotline)] == [each.case_id for each in again.cases]


async def test_two_processes_draw_it_once(hotline: Hotline, cases: Cases) -> None:
    await cases("routine", 5)
    await plan(hotline)
    move_to(hotline, DUE)

    drew = await asyncio.gather(*(draw(hotline) for _ in range(4)))

    assert sorted(drew) == [False, False, False, True]
    assert len(await entries(hotline)) == 5
    assert not await draw(hotline)


async def test_weeks_that_were_missed_are_drawn_one_after_the_other(hotline: Hotline, cases: Cases) -> None:
    await cases("routine")
    await plan(hotline)
    move_to(hotline, MONDAY + timedelta(days=3))
    await cases("urgent")
    move_to(hotline, MONDAY + timedelta(days=22))

    while await draw(hotline):
        pass

    assert [(row["week"], row["urgency"]) for row in await entries(hotline)] == [
        (date(2026, 3, 2), "routine"),
        (date(2026, 3, 9), "urgent"),
    ]
    weeks = await hotline.admin.pool.fetch("select week, drawn_at is not null from triage.samples order by week")
    assert [tuple(row) for row in weeks] == [
        *((date(2026, 3, day), True) for day in (2, 9, 16, 23)),
        (date(2026, 3, 30), False),
    ]


async def test_the_machine_is_remembered_by_its_gravest_judgement(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    await hotline.admin.pool.execute("update triage.cases set urgency = 'routine'")
    await plan(hotline)
    move_to(hotline, DUE)

    await draw(hotline)

    (drawn,) = await entries(hotline)
    assert (drawn["case_id"], drawn["urgency"], drawn["engine_urgency"]) == (case["case_id"], "routine", "immediate")


async def test_the_draw_is_in_the_audit(hotline: Hotline, cases: Cases) -> None:
    await cases("routine")
    await plan(hotline)
    move_to(hotline, DUE)
    await draw(hotline)

    row = await hotline.admin.pool.fetchrow(
        "select actor, purpose, at from infra.audit where action = 'sample_drawn'"
    )

    assert row is not None
    assert tuple(row) == ("triage", "second_reading", DUE)


async def test_what_was_drawn_cannot_be_changed(hotline: Hotline, cases: Cases) -> None:
    await cases("routine")
    await plan(hotline)
    move_to(hotline, DUE)
    await draw(hotline)

    for change in (
        "update triage.sample_strata set cases = cases + 1",
        "update triage.sample_entries set urgency = 'urgent'",
        "delete from triage.sample_entries",
        "delete from triage.second_readings",
    ):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RaiseError)):
            await hotline.db.pool.execute(change)


async def raised_week(hotline: Hotline, week: date, cases: int, raised: int) -> None:
    """A week whose sample was drawn before."""
    await hotline.admin.pool.execute(
        "insert into triage.samples (week, begins_at, ends_at, due_at, drawn_at, seed, cases, raised) "
        "values ($1::date, $1::date, $1::date + 7, $1::date + 7, $1::date + 7, 's', $2, $3)",
        week,
        cases,
        raised,
    )


async def test_a_jump_of_raises_alarms_once_for_its_week(hotline: Hotline, cases: Cases) -> None:
    for week in (date(2026, 2, 9), date(2026, 2, 16), date(2026, 2, 23)):
        await raised_week(hotline, week, 40, 1)
    made = await cases("routine", 20)
    await hotline.admin.pool.executemany(
        "insert into triage.timeline (entry_id, subject_id, kind, actor, at) "
        "values (gen_random_uuid(), $1, 'raised', 'triage', $2)",
        [(case["case_id"], hotline.clock.now()) for case in made[:9]],
    )
    await plan(hotline)
    move_to(hotline, DUE)

    await draw(hotline)
    await draw(hotline)

    row = await hotline.admin.pool.fetchrow("select kind, detail from triage.alarms where kind like 'raises%'")
    assert row is not None
    assert tuple(row) == (
        "raises_jumped/w2026_10",
        {"week": "2026-W10", "percent": 45, "before": 2, "count": 20},
    )


async def test_a_steady_share_of_raises_is_silent(hotline: Hotline, cases: Cases) -> None:
    for week in (date(2026, 2, 16), date(2026, 2, 23)):
        await raised_week(hotline, week, 40, 15)
    made = await cases("routine", 20)
    await hotline.admin.pool.executemany(
        "insert into triage.timeline (entry_id, subject_id, kind, actor, at) "
        "values (gen_random_uuid(), $1, 'raised', 'triage', $2)",
        [(case["case_id"], hotline.clock.now()) for case in made[:9]],
    )
    await plan(hotline)
    move_to(hotline, DUE)

    await draw(hotline)

    assert await hotline.admin.pool.fetchval("select raised from triage.samples where week = '2026-03-02'") == 9
    assert await alarm_kinds(hotline) == []


async def settle_all(hotline: Hotline, right: int) -> None:
    """Let two readers have found so many of the drawn cases immediate, and the others routine."""
    await hotline.admin.pool.execute(
        "update triage.sample_entries e set settled_at = $2, "
        "truth = case when n.number <= $1 then 'immediate' else 'routine' end "
        "from (select entry_id, row_number() over (order by entry_id) as number from triage.sample_entries) n "
        "where n.entry_id = e.entry_id",
        right,
        hotline.clock.now(),
    )
    await hotline.admin.pool.execute(
        "insert into triage.second_readings (entry_id, reader, urgency, certainty, read_at) "
        "select entry_id, person_id, truth, 'sure', settled_at from triage.sample_entries, triage.people "
        "where handle in ('duty-zhou', 'sup-lu')"
    )


@pytest.mark.parametrize(("right", "alarms"), [(14, True), (16, False)])
async def test_over_triage_above_half_alarms_at_the_next_draw(
    hotline: Hotline, cases: Cases, right: int, alarms: bool
) -> None:
    await cases("immediate", 10, danger_now="yes")
    await cases("urgent", 10, danger_now="yes")
    await plan(hotline)
    move_to(hotline, DUE)
    await draw(hotline)
    await cases("immediate", 10, danger_now="yes")
    move_to(hotline, DUE + timedelta(weeks=1))
    await draw(hotline)
    await settle_all(hotline, right)
    move_to(hotline, DUE + timedelta(weeks=2))

    await draw(hotline)

    kinds = [each for each in await alarm_kinds(hotline) if each.startswith("over_triage")]
    assert kinds == (["over_triage/w2026_12"] if alarms else [])


def samples(hotline: Hotline, database_url: str, env: Env = Env.TEST) -> Samples:
    """The loop, wired as the service wires it."""
    service = Service("triage", Settings(env=env), hotline.db, hotline.clock, hotline.vault, Listener(database_url))
    return Samples(service, hotline.means)


async def test_the_loop_looks_again_when_the_next_is_due(hotline: Hotline, cases: Cases, database_url: str) -> None:
    await cases("routine")
    loop = samples(hotline, database_url)

    assert await loop.look() == hotline.clock.now() + timedelta(minutes=1)
    move_to(hotline, DUE - timedelta(seconds=5))
    assert await loop.look() == DUE
    move_to(hotline, DUE)
    await loop.look()

    assert len(await entries(hotline)) == 1


async def test_a_demonstration_draws_nothing(hotline: Hotline, cases: Cases, database_url: str) -> None:
    await cases("routine")
    await plan(hotline)
    move_to(hotline, DUE)

    await samples(hotline, database_url, Env.DEMO).look()

    assert await entries(hotline) == []


async def test_a_sample_that_cannot_be_drawn_alarms_and_is_tried_again(
    hotline: Hotline, cases: Cases, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cases("routine")
    await plan(hotline)
    move_to(hotline, DUE)
    loop = samples(hotline, database_url)

    async def broken(*_: Any) -> None:
        raise KeyError("a slip")

    with monkeypatch.context() as patched:
        patched.setattr(second_readings, "keep", broken)
        assert await loop.look() == DUE + timedelta(hours=1)
    assert await alarm_kinds(hotline) == ["sample_failed"]
    await loop.look()

    assert len(await entries(hotline)) == 1


async def test_without_a_desk_nothing_is_planned(hotline: Hotline, database_url: str) -> None:
    await hotline.admin.pool.execute("update triage.teams set is_desk = false")

    await samples(hotline, database_url).look()

    assert await hotline.admin.pool.fetchval("select count(*) from triage.samples") == 0
