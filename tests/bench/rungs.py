"""How late a rung is called while many wait, and twenty a second fall due."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.clock import Clock
from infra.ids import new_alias, new_id
from infra.postgres import connect
from infra.settings import Settings
from schemas.ladder import Ladder, Rung
from schemas.terms import AlertChannel, Level
from tests.bench import provider
from tests.bench.responders import Team

FEW, MANY = 1_000, 100_000
PER_SECOND = 20
BACKUP_AFTER = timedelta(minutes=2)
LEAD_IN = timedelta(seconds=3)
FAR_OFF = timedelta(hours=1)
STRAGGLERS_SECONDS = 5.0
CALM_SECONDS = 20.0
LADDER = Ladder(
    rungs=(
        Rung(level=Level.FIRST, after=timedelta(), channels=(AlertChannel.SMS,)),
        Rung(level=Level.BACKUP, after=BACKUP_AFTER, channels=(AlertChannel.SMS,)),
        Rung(level=Level.LEAD, after=timedelta(hours=2), channels=(AlertChannel.SMS,)),
        Rung(level=Level.MANAGER, after=timedelta(hours=3), channels=(AlertChannel.SMS,)),
    )
)

SUBJECTS = """
insert into notifier.subjects
    (subject_id, subject_kind, version, told_version, alias, time_zone, is_canary, correlation_id, causation_id,
     traceparent)
select id, 'case', 1, 1, alias, 'Asia/Shanghai', false, id, id,
       '00-' || repeat('0', 31) || '1-' || repeat('0', 15) || '1-00'
  from unnest($1::uuid[], $2::text[]) given(id, alias)
"""
ESCALATIONS = """
insert into notifier.escalations
    (escalation_id, subject_id, purpose, number, status, urgency, team_id, first_responder_id, ladder, deadline_at,
     started_at, next_due_at)
select id, id, 'respond', 1, 'calling', 'immediate', team_id, first, $5::jsonb, due_at + interval '1 hour',
       due_at - $6::interval, due_at
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) given(id, team_id, first, due_at)
"""
# The first rung was called and its text delivered; nobody has answered.
FIRST_ALERTS = """
insert into notifier.alerts
    (alert_id, escalation_id, kind, person_id, level, channel, attempt, is_immediate, state, planned_at, valid_until,
     fence, sending_at, sids, sent_at, delivered_at, ended_at)
select alert_id, escalation_id, 'alert', first, 'first', 'sms', 1, true, 'delivered', at, at + interval '5 minutes',
       1, at, array['SM' || replace(alert_id::text, '-', '')], at, at, at
  from (select alert_id, escalation_id, first, due_at - $5::interval as at
          from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])
               given(alert_id, escalation_id, first, due_at)) called
"""
BUSY = """
select exists (select from notifier.escalations where purpose = 'respond' and next_due_at is not null)
    or exists (select from notifier.alerts where due_at is not null)
    or exists (select from infra.outbox where published_at is null)
"""
# Only here is somebody called at two hours, and nobody needs these any more.
END = """
update notifier.escalations set status = 'ended', next_due_at = null
 where next_due_at is not null and ladder #>> '{rungs,2,after}' = 'PT2H'
"""
CALLED = """
select a.escalation_id, a.alert_id from notifier.alerts a
 where a.level = 'backup' and a.channel = 'sms' and a.escalation_id = any($1::uuid[])
"""


async def measure(settings: Settings, teams: Sequence[Team], seconds: float, waiting: int = MANY) -> list[float]:
    """Milliseconds from each due instant to the request at the provider; infinite where none came.

    Those that fall due while the first ones are still being noticed are called too, and not counted.
    """
    connection = await connect(settings.direct_url)
    try:
        many = int((seconds + LEAD_IN.total_seconds()) * PER_SECOND)
        await _put(connection, teams, [Clock().now() + FAR_OFF] * (waiting - many))
        for table in ("subjects", "escalations", "alerts"):
            # What is measured is the waiting, not the writing of so many rows a moment ago.
            await connection.execute(f"vacuum (analyze) notifier.{table}")
        await connection.execute("checkpoint")
        begin = Clock().now() + timedelta(seconds=2)
        due = await _put(connection, teams, [begin + timedelta(seconds=n / PER_SECOND) for n in range(many)])
        counted = {each: at for each, at in due.items() if at >= begin + LEAD_IN}
        await _wait(max(counted.values()))
        return await _late(connection, settings, counted)
    finally:
        # Those still waiting are no longer wanted, and must not be called while something else is measured.
        await connection.execute(END)
        await connection.close()


async def calm(settings: Settings) -> bool:
    """Wait until nobody is being called any more and nothing is due; False when that takes too long."""
    connection = await connect(settings.direct_url)
    try:
        for _ in range(int(CALM_SECONDS / 0.25)):
            if not await connection.fetchval(BUSY):
                return True
            await asyncio.sleep(0.25)
        return False
    finally:
        await connection.close()


async def _put(connection: Any, teams: Sequence[Team], dues: Sequence[datetime]) -> dict[UUID, datetime]:
    """Write waiting escalations; the instant each falls due, by id."""
    ids = [new_id() for _ in dues]
    of = [teams[n % len(teams)] for n in range(len(ids))]
    first = [team.first for team in of]
    async with connection.transaction():
        await connection.execute(SUBJECTS, ids, [f"{new_alias()}-{n}" for n in range(len(ids))])
        ladder = LADDER.model_dump(mode="json")
        await connection.execute(ESCALATIONS, ids, [t.team_id for t in of], first, dues, ladder, BACKUP_AFTER)
        await connection.execute(FIRST_ALERTS, [new_id() for _ in ids], ids, first, dues, BACKUP_AFTER)
    return dict(zip(ids, dues, strict=True))


async def _wait(until: datetime) -> None:
    await asyncio.sleep((until - Clock().now()).total_seconds() + 1)


async def _late(connection: Any, settings: Settings, due: dict[UUID, datetime]) -> list[float]:
    for _ in range(int(STRAGGLERS_SECONDS / 0.5)):
        rows = await connection.fetch(CALLED + " and a.sent_at is not null", list(due))
        if len(rows) >= len(due):
            break
        await asyncio.sleep(0.5)
    alerts = {row["escalation_id"]: row["alert_id"] for row in await connection.fetch(CALLED, list(due))}
    asked = await provider.texts(settings)
    requests = {each: asked.get(alerts[each]) for each in due if each in alerts}
    return [
        (sms.received_at - at).total_seconds() * 1000 if (sms := requests.get(each)) else float("inf")
        for each, at in due.items()
    ]
