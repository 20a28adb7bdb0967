"""The monthly test: by day, once, a few at a time; and what of it the desk is told."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.ids import new_id
from tests.integration.triage.conftest import Hotline
from triage.domain.trials import TESTED_EVERY
from triage.handlers import testing
from triage.store import ways

LONDON = "Europe/London"


async def plan(hotline: Hotline) -> int:
    async with hotline.turn() as turn:
        return await testing.plan_tests(turn, LONDON)


def on_a_weekday(hotline: Hotline, hour: int) -> None:
    """Move the clock more than a month ahead, to a Wednesday."""
    now = hotline.clock.now()
    at = (now + TESTED_EVERY).replace(hour=hour, minute=0)
    at += timedelta(days=(2 - at.weekday()) % 7 or 7)
    hotline.clock.advance(at - now)


async def proven_now(hotline: Hotline) -> None:
    await hotline.admin.pool.execute("update triage.phones set verified_at = $1", hotline.clock.now())


async def asked(hotline: Hotline) -> list[Any]:
    return list(await hotline.admin.pool.fetch("select * from triage.trials order by asked_at, trial_id"))


async def became(hotline: Hotline, trial: Any, state: str, at: datetime, code: str | None = None) -> None:
    """What the notifier tells of a trial."""
    subject, calling = trial["trial_id"], new_id()
    async with hotline.admin.transaction() as tx:
        await tx.execute("set local session_replication_role = replica")
        await tx.execute(
            "insert into notifier.escalations (escalation_id, subject_id, purpose, number, status, urgency, team_id, "
            "ladder, deadline_at, started_at) values ($1, $2, 'presence', 1, 'ended', 'routine', $2, "
            "$3, $4, $4)",
            calling,
            subject,
            {"rungs": []},
            at,
        )
        await tx.execute(
            "insert into notifier.alerts (alert_id, escalation_id, kind, person_id, level, channel, attempt, "
            "is_immediate, state, keys, planned_at, valid_until, ended_at, error_code) "
            "values ($1, $2, 'test', $3, 'first', $4, 1, false, $5, $6, $7, $8, $7, $9)",
            new_id(),
            calling,
            trial["person_id"],
            trial["channel"],
            state,
            "222" if trial["channel"] == "voice" else None,
            at,
            at + timedelta(hours=1),
            code,
        )


async def one_phone(hotline: Hotline, handle: str = "cam-baker") -> UUID:
    """Everybody else's phones were proven only now."""
    person = hotline.people[handle]
    await proven_now(hotline)
    await hotline.admin.pool.execute(
        "update triage.phones set verified_at = $1 where person_id = $2",
        hotline.clock.now() - TESTED_EVERY,
        person,
    )
    return person


async def test_every_proven_phone_is_tested_a_few_at_a_time_and_once(hotline: Hotline) -> None:
    await proven_now(hotline)
    on_a_weekday(hotline, 10)  # in London, and 18:00 in Shanghai
    phones = await hotline.admin.pool.fetchval(
        "select count(*) from triage.phones join triage.people p using (person_id) where not p.is_loopback"
    )
    begun: list[int] = []
    while begun[-1:] != [0]:
        begun.append(await plan(hotline))
    assert max(begun) == testing.AT_ONCE
    assert sum(begun) == phones
    assert {(row["kind"], row["channel"], row["asked_by"]) for row in await asked(hotline)} == {("test", "sms", None)}
    assert len(await hotline.told("trial.asked.v1")) == phones


async def test_nobody_is_tested_at_night_or_within_a_month(hotline: Hotline) -> None:
    await proven_now(hotline)
    assert await plan(hotline) == 0
    on_a_weekday(hotline, 23)  # in London, and 07:00 in Shanghai
    assert await plan(hotline) == 0


async def test_it_is_day_where_somebody_works_who_never_said_where_they_are(hotline: Hotline) -> None:
    await proven_now(hotline)
    on_a_weekday(hotline, 2)  # in London, and 10:00 in Shanghai
    while await plan(hotline):
        pass
    tested = {row["person_id"] for row in await asked(hotline)}
    assert hotline.people["bj-li"] in tested
    assert hotline.people["cam-baker"] not in tested
    hotline.clock.advance(timedelta(hours=9))
    while await plan(hotline):
        pass
    assert hotline.people["cam-baker"] in {row["person_id"] for row in await asked(hotline)}


async def test_an_unproven_phone_and_one_of_somebody_who_left_are_not_tested(hotline: Hotline) -> None:
    person = await one_phone(hotline)
    on_a_weekday(hotline, 12)
    await hotline.admin.pool.execute("update triage.phones set verified_at = null where person_id <> $1", person)
    await hotline.admin.pool.execute("update triage.people set is_active = false where person_id = $1", person)
    assert await plan(hotline) == 0


async def test_the_quiet_hours_of_a_person_are_left_in_peace(hotline: Hotline) -> None:
    person = await one_phone(hotline)
    on_a_weekday(hotline, 12)
    await hotline.admin.pool.execute("update triage.phones set verified_at = null where person_id <> $1", person)
    await hotline.admin.pool.execute(
        "insert into triage.preferences values ($1, $2, $3)",
        person,
        {"time_zone": LONDON, "quiet": {"begins": "11:00", "ends": "15:00"}},
        hotline.clock.now(),
    )
    assert await plan(hotline) == 0
    hotline.clock.advance(timedelta(hours=4))
    assert await plan(hotline) == 1


async def test_only_one_process_plans_tests_at_a_time(hotline: Hotline) -> None:
    await proven_now(hotline)
    on_a_weekday(hotline, 12)
    async with hotline.turn() as turn:
        assert await ways.try_lock_tests(turn.tx)
        assert await plan(hotline) == 0


async def test_a_failed_test_is_repeated_the_next_day_and_then_told(hotline: Hotline) -> None:
    person = await one_phone(hotline)
    on_a_weekday(hotline, 12)
    await hotline.admin.pool.execute("update triage.phones set verified_at = null where person_id <> $1", person)
    for _ in range(2):
        assert await plan(hotline) == 1
        await became(hotline, (await asked(hotline))[-1], "undelivered", hotline.clock.now(), "30003")
        assert await plan(hotline) == 0
        async with hotline.turn() as turn:
            (phone,) = await ways.proven_phones(turn.tx, turn.now)
        is_failing = phone.tested.is_failing
        hotline.clock.advance(timedelta(days=1))
    assert is_failing
    assert [row["channel"] for row in await asked(hotline)] == ["sms", "sms"]
    assert await plan(hotline) == 0
