"""The desk is told of numbers that do not work, and of failures that are about us."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.ids import new_id
from notifier.domain.failures import codes_that
from tests.integration.console.conftest import Desk
from tests.integration.triage.test_testing import became, one_phone

ALERT = (
    "insert into notifier.alerts (alert_id, escalation_id, kind, person_id, level, channel, attempt, is_immediate, "
    "state, planned_at, valid_until, ended_at, error_code) "
    "values ($1, $2, 'alert', $3, 'first', 'sms', 1, true, 'undelivered', $4, $5, $4, $6)"
)


@pytest.mark.parametrize(("mark", "said"), [("dead", "cannot be reached"), ("no_texts", "takes no texts")])
async def test_a_number_that_does_not_work_alarms_until_the_directory_holds_another(
    desk: Desk, mark: str, said: str
) -> None:
    await desk.sign_in()
    pool, now = desk.hotline.admin.pool, desk.hotline.clock.now()
    row = await pool.fetchrow(
        "select s.person_id, f.number_token from triage.shifts s join triage.phones f using (person_id) "
        "where s.during @> $1::timestamptz limit 1",
        now,
    )
    assert row is not None
    await pool.execute("insert into notifier.marked_phones values ($1, $2, $3, '30005', $4)", *row, mark, now)
    alarms = (await desk.client.get("/alarms")).text
    assert said in alarms
    assert "code 30005" in alarms
    await pool.execute("update triage.phones set number_token = 'another' where person_id = $1", row["person_id"])
    assert said not in (await desk.client.get("/alarms")).text


async def test_failures_about_us_alarm_for_an_hour_and_those_of_one_phone_do_not(desk: Desk) -> None:
    await desk.sign_in()
    pool, clock = desk.hotline.admin.pool, desk.hotline.clock
    now = clock.now()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for code in [*codes_that(is_told=True), "30003"]:
            until = now + timedelta(minutes=5)
            await connection.execute(ALERT, new_id(), await _escalation(connection, now), new_id(), now, until, code)
    alarms = (await desk.client.get("/alarms")).text
    for said in ("queue of our number was full", "suspended our account", "filtered as unwanted"):
        assert said in alarms
    assert "30003" not in alarms
    clock.advance(timedelta(hours=1, seconds=1))
    assert "filtered as unwanted" not in (await desk.client.get("/alarms")).text


NOTICE = (
    "insert into notifier.alerts (alert_id, escalation_id, kind, person_id, level, channel, attempt, is_immediate, "
    "state, planned_at, valid_until, ended_at, error_code) "
    "values ($1, $2, 'notice', $3, 'first', 'partner', 1, false, $5, $4, $4::timestamptz + interval '1 day', $4, $6)"
)


async def test_notices_that_no_system_took_alarm_for_an_hour_and_those_held_back_do_not(desk: Desk) -> None:
    await desk.sign_in()
    pool, clock = desk.hotline.admin.pool, desk.hotline.clock
    now, said = clock.now(), "notices to systems that file reports"
    for state, code in (("failed", "unwritable"), ("delivered", None)):
        await pool.execute(NOTICE, new_id(), await _escalation(pool, now), new_id(), now, state, code)
    assert said not in (await desk.client.get("/alarms")).text
    for state, code in (("expired", "HTTP 500"), ("failed", "gone")):
        await pool.execute(NOTICE, new_id(), await _escalation(pool, now), new_id(), now, state, code)
    assert f"2 {said}" in (await desk.client.get("/alarms")).text
    clock.advance(timedelta(hours=1, seconds=1))
    assert said not in (await desk.client.get("/alarms")).text


async def _escalation(connection: Any, now: datetime) -> UUID:
    """An escalation to hang an alert on."""
    subject_id, escalation_id = new_id(), new_id()
    await connection.execute(
        "insert into notifier.subjects values ($1, 'case', 1, 0, 'KD472', 'Asia/Shanghai', false, $1, $1, '')",
        subject_id,
    )
    await connection.execute(
        "insert into notifier.escalations (escalation_id, subject_id, purpose, number, status, urgency, team_id, "
        "ladder, deadline_at, started_at, next_due_at) values ($1, $2, 'respond', 1, 'calling', 'immediate', $1, "
        "'{\"rungs\": []}', $3, $3, $3)",
        escalation_id,
        subject_id,
        now,
    )
    return escalation_id


async def test_a_phone_whose_tests_fail_alarms_whoever_is_on_call_until_it_is_proven_anew(desk: Desk) -> None:
    await desk.sign_in()
    hotline = desk.hotline
    person = await one_phone(hotline)
    for _ in range(2):
        trial_id = new_id()
        hotline.clock.advance(timedelta(seconds=1))
        now = hotline.clock.now()
        await hotline.admin.pool.execute(
            "insert into triage.trials (trial_id, person_id, position, channel, kind, asked_at) "
            "values ($1, $2, 1, 'sms', 'test', $3)",
            trial_id,
            person,
            now,
        )
        trial = {"trial_id": trial_id, "person_id": person, "channel": "sms"}
        await became(hotline, trial, "undelivered", now, "30003")
    alarms = (await desk.client.get("/alarms")).text
    assert "Amara Baker, phone 1: the last two tests failed" in alarms
    assert f'href="/phones/{person}"' in alarms
    hotline.clock.advance(timedelta(seconds=1))
    await hotline.admin.pool.execute(
        "update triage.phones set verified_at = $1 where person_id = $2", hotline.clock.now(), person
    )
    assert "tests failed" not in (await desk.client.get("/alarms")).text
