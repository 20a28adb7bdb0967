"""From the commit of a report with danger now to the request of its first SMS at the provider, hop by hop."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, pairwise
from typing import Any
from uuid import UUID

import asyncpg

from infra.clock import stopwatch
from infra.settings import Settings
from tests.bench import lines, provider, stories
from tests.bench.lines import Line
from tests.bench.provider import Sms

PER_SECOND = 20
LINES = 16
NEVER_AFTER_SECONDS = 10.0
HOPS = (
    "report written",
    "published by the relay",
    "triage begins",
    "case written",
    "published by the relay",
    "notifier begins",
    "alert planned",
    "intent to send written",
    "request at the provider",
)

JOURNEYS = """
with sms as (
    select distinct on (e.subject_id) e.subject_id, a.alert_id, a.planned_at, a.sending_at
      from notifier.alerts a join notifier.escalations e using (escalation_id)
     where e.purpose = 'respond' and a.channel = 'sms' and a.kind = 'alert'
     order by e.subject_id, a.planned_at, a.attempt)
select report.written_at as w0, report.published_at as w1, triage.handled_at as w2, opened.written_at as w3,
       opened.published_at as w4, notifier.handled_at as w5, sms.planned_at as w6, sms.sending_at as w7, sms.alert_id
  from infra.outbox report
  left join triage.case_reports joined on joined.report_id = report.key
  left join infra.inbox triage on triage.subscriber = 'triage' and triage.event_id = report.id
  left join infra.outbox opened on opened.key = joined.case_id and opened.type = 'case.opened.v1'
  left join infra.inbox notifier on notifier.subscriber = 'notifier' and notifier.event_id = opened.id
  left join sms on sms.subject_id = joined.case_id
 where report.type = 'report.received.v1' and report.key = any($1::uuid[])
"""
UNSENT = """
select count(*) from unnest($1::uuid[]) wanted(report_id)
  left join triage.case_reports joined using (report_id)
 where not exists (
    select from notifier.alerts a join notifier.escalations e using (escalation_id)
     where e.subject_id = joined.case_id and a.channel = 'sms' and a.sent_at is not null)
"""


@dataclass
class Journeys:
    """One window: milliseconds per report (infinite where no SMS came), and the milliseconds of each hop."""

    total_ms: list[float] = field(default_factory=list)
    hops_ms: list[list[float]] = field(default_factory=lambda: [[] for _ in HOPS[1:]])
    sms: list[Sms] = field(default_factory=list)
    refused: int = 0
    answered_ms: list[float] = field(default_factory=list)


class Reporters:
    """Systems that file reports at a steady rate, whether or not the last ones were answered (open loop)."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = count()
        self._free: list[Line] = []
        self._filed: list[UUID] = []

    async def file(self, seconds: float) -> Journeys:
        """File reports for that long; the journeys still lack their end."""
        self._filed = []
        found, began = Journeys(), stopwatch()
        filing: list[asyncio.Task[None]] = []
        for number in range(int(seconds * PER_SECOND)):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - stopwatch()))
            filing.append(asyncio.create_task(self._file_one(found)))
        await asyncio.gather(*filing)
        return found

    async def measure(self, settings: Settings, seconds: float) -> Journeys:
        """File reports for that long and follow each to the provider."""
        found = await self.file(seconds)
        found.total_ms = [float("inf")] * found.refused
        connection = await asyncpg.connect(settings.direct_url)
        try:
            await self._sent(connection)
            rows = await connection.fetch(JOURNEYS, self._filed)
        finally:
            await connection.close()
        asked = await provider.texts(settings)
        for row in rows:
            _follow(found, row, asked)
        return found

    async def _file_one(self, found: Journeys) -> None:
        line = self._free.pop() if self._free else await lines.connect(self._port)
        began = stopwatch()
        answer = await line.ask(stories.report(next(self._numbers)))
        found.answered_ms.append((stopwatch() - began) * 1000)
        self._free.append(line)
        if answer.status == 201:
            self._filed.append(UUID(answer.json()["report_id"]))
        else:
            found.refused += 1

    async def _sent(self, connection: Any) -> None:
        """Wait until every SMS was handed over, or for ten seconds."""
        until = stopwatch() + NEVER_AFTER_SECONDS
        while stopwatch() < until and await connection.fetchval(UNSENT, self._filed):
            await asyncio.sleep(0.3)


def _follow(found: Journeys, row: Any, asked: dict[UUID, Sms]) -> None:
    sms = asked.get(row["alert_id"])
    if sms is None:
        found.total_ms.append(float("inf"))
        return
    found.sms.append(sms)
    instants: list[datetime] = [*(row[f"w{n}"] for n in range(len(HOPS) - 1)), sms.received_at]
    found.total_ms.append(_ms(instants[0], instants[-1]))
    if all(instants):
        for hop, (before, after) in zip(found.hops_ms, pairwise(instants), strict=True):
            hop.append(_ms(before, after))


def _ms(before: datetime, after: datetime) -> float:
    return (after - before).total_seconds() * 1000
