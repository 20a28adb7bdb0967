"""Two thousand immediate cases at once: from the events that open them to the last first alert at the provider."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.clock import Clock
from infra.ids import new_alias, new_id
from infra.outbox import CHANNEL, Trace, append
from infra.postgres import Database, create_pool
from infra.settings import Settings
from schemas.area import UNKNOWN
from schemas.events import AssignmentState, CaseOpened
from schemas.terms import AssignmentStatus, Purpose, Urgency
from tests.bench import provider
from tests.bench.responders import Team
from tests.bench.rungs import END, LADDER

STORM, STORM_SECONDS = 2_000, 90.0
CAPACITY_SECONDS = 2
"""A bucket holds the sends of so many seconds (`notifier.__main__.buckets`)."""
LOOKED_EVERY = 0.5
CALLED = """
select e.subject_id, a.alert_id from notifier.alerts a join notifier.escalations e using (escalation_id)
 where e.subject_id = any($1::uuid[]) and a.sent_at is not null
"""


async def storm(settings: Settings, teams: Sequence[Team]) -> float:
    """Seconds by which the last first alert of many cases at once was later than the rate of sends allows.

    The cases are in the outbox from one commit on, as triage opens them, each with one text to send. Infinite when
    one was not sent within the wait.
    """
    pool = await create_pool(settings.direct_url, None)
    try:
        cases = [_case(teams[number % len(teams)], number) for number in range(STORM)]
        began = await _open(Database(pool), cases)
        allowed = (STORM - CAPACITY_SECONDS * settings.sms_per_second) / settings.sms_per_second
        alerts = await _sent(pool, [case.subject_id for case in cases])
        asked = await provider.texts(settings)
        late = [(asked[each].received_at - began).total_seconds() - allowed for each in alerts.values()]
        return max(late) if len(late) == STORM else float("inf")
    finally:
        await pool.execute(END)
        await pool.close()


def _case(team: Team, number: int) -> CaseOpened:
    now = Clock().now()
    assignment = AssignmentState(
        purpose=Purpose.RESPOND,
        number=1,
        status=AssignmentStatus.CALLING,
        made_at=now,
        deadline_at=now + timedelta(minutes=10),
        urgency=Urgency.IMMEDIATE,
        team_id=team.team_id,
        first_responder_id=team.first,
        ladder=LADDER,
    )
    return CaseOpened(
        version=1,
        subject_id=new_id(),
        alias=f"{new_alias()}-{number}",
        jurisdiction="CN",
        area=UNKNOWN,
        assignments=(assignment,),
        urgency=Urgency.IMMEDIATE,
        opened_at=now,
        report_ids=(new_id(),),
    )


async def _open(db: Database, cases: Sequence[CaseOpened]) -> datetime:
    """Tell of all in one commit; the instant just before it."""
    async with db.transaction() as tx:
        await tx.execute("set local role hotline_triage")
        for case in cases:
            await append(tx, case, Trace.begin(), Clock().now())
        tx.announce(CHANNEL)
        return Clock().now()


async def _sent(pool: Any, cases: Sequence[UUID]) -> dict[UUID, UUID]:
    """The first alert of each case once all are sent, or what there is of them at the end of the wait."""
    alerts: dict[UUID, UUID] = {}
    for _ in range(int(STORM_SECONDS / LOOKED_EVERY)):
        alerts = {row["subject_id"]: row["alert_id"] for row in await pool.fetch(CALLED, cases)}
        if len(alerts) == len(cases):
            break
        await asyncio.sleep(LOOKED_EVERY)
    return alerts
