"""Reading meanings: one report after the other goes to the worker process, and what it says back to the case.

The queue is the table of reports: nothing waits in memory, and the first alert waits for nothing here.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from infra.postgres import INFRASTRUCTURE_ERRORS
from infra.service import Service
from triage.domain.assessment import Meaning
from triage.domain.meant import added, can_be_added_to
from triage.domain.pack import Pack
from triage.handlers import Means, Turn
from triage.handlers.meanings import on_meaning
from triage.handlers.opening import pack_of
from triage.handlers.publish import CLOCKS_CHANNEL
from triage.semantics.readable import readable
from triage.semantics.worker import Worker, WorkerBroken
from triage.store import meanings, reports
from triage.store.reports import Report

LOOK_SECONDS = 1.0
REST_SECONDS = 1.0
SET_ASIDE_FOR = timedelta(minutes=1)
LONGEST_ASIDE = timedelta(hours=1)
READ_WITHIN = timedelta(minutes=1)
# What says nothing about a report: everything waits and is tried again.
AWAY: tuple[type[Exception], ...] = (WorkerBroken, *INFRASTRUCTURE_ERRORS)

_log = structlog.get_logger()


class Meanings:
    """The loop that has meanings read. A report that cannot be read is set aside for a minute: others go on.

    So is one over which the worker breaks a second time, for longer each time: too long a text must not keep all
    others from being read.
    """

    def __init__(self, service: Service, means: Means) -> None:
        self._service, self._db, self._clock, self._means = service, service.db, service.clock, means
        self._worker = Worker()
        self._aside: dict[UUID, datetime] = {}
        self._breaks = Counter[UUID]()

    async def run(self) -> None:
        """Read whatever comes, until cancelled."""
        wake = asyncio.Event()
        await self._service.listener.listen(CLOCKS_CHANNEL, lambda _payload: wake.set())
        try:
            while True:
                wake.clear()
                try:
                    while await self.take_one():
                        pass
                except AWAY as error:
                    _log.warning("meaning_unread", error=type(error).__name__)
                    await asyncio.sleep(REST_SECONDS)
                with suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), LOOK_SECONDS)
        finally:
            await self._worker.stop()

    async def take_one(self) -> bool:
        """Have the oldest unread report read; False when there is none."""
        now = self._clock.now()
        self._aside = {report_id: until for report_id, until in self._aside.items() if until > now}
        async with self._db.transaction() as tx:
            report_id = await meanings.next_unread(tx, self._aside)
        if report_id is None:
            return False
        try:
            await self._read(report_id)
            self._breaks.pop(report_id, None)
        except WorkerBroken:
            self._breaks[report_id] += 1
            if self._breaks[report_id] > 1:
                self._aside[report_id] = self._clock.now() + _aside_for(self._breaks[report_id])
            raise
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - one report that cannot be read must not keep the others waiting
            _log.error("meaning_unreadable", report_id=str(report_id), error=type(error).__name__)
            self._aside[report_id] = now + SET_ASIDE_FOR
        return True

    async def are_read(self) -> str | None:
        """Trouble while words have waited for the model for over a minute."""
        async with self._db.transaction() as tx:
            late = await meanings.late(tx, self._clock.now() - READ_WITHIN)
        return f"{late} report(s) are judged by rules alone: the model has not read them" if late else None

    async def _read(self, report_id: UUID) -> None:
        async with self._db.transaction() as tx:
            report = await reports.read(tx, self._means.vault, report_id)
            pack = pack_of(Turn(tx, self._means, self._clock.now()), report.jurisdiction)
        meaning = await self._meaning(report, pack)
        async with self._db.transaction() as tx:
            turn = Turn(tx, self._means, self._clock.now())
            await on_meaning(turn, (report_id, report.version), meaning)

    async def _meaning(self, report: Report, pack: Pack) -> Meaning | None:
        """What all its words mean: only those that no model has read are read, unless another one read the rest."""
        before, pieces = report.meaning, report.as_assessed().pieces
        if before is not None and before.danger is not None:
            # The first words have the version of the whole report.
            new = {str(each.id) for each in report.words[1:] if each.version > before.report_version}
            unread = [piece for piece in pieces if piece.id in new]
            newer = await self._worker.read(readable(unread, pack), report.version) if unread else None
            if can_be_added_to(before, newer):
                return added(before, newer, report.version)
        return await self._worker.read(readable(pieces, pack), report.version)


def _aside_for(breaks: int) -> timedelta:
    """Twice as long with each break after the second."""
    return min(LONGEST_ASIDE, SET_ASIDE_FOR * (1 << min(breaks - 2, 10)))
