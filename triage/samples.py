"""The loop that draws the weekly sample for a second reading. Nobody waits for it, and it holds up nothing."""

from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from infra.postgres import INFRASTRUCTURE_ERRORS
from infra.service import Service
from infra.settings import Env
from schemas.terms import DESK_CHANNEL
from triage.handlers import Means, Turn, sampling
from triage.store import desks, second_readings

LONGEST_SLEEP = timedelta(minutes=1)
SET_ASIDE_FOR = timedelta(hours=1)

_log = structlog.get_logger()


class Samples:
    """Draws what is due. One that cannot be drawn is alarmed, and tried again an hour later.

    A demonstration draws none: its cases are invented.
    """

    def __init__(self, service: Service, means: Means) -> None:
        self._db, self._clock, self._means = service.db, service.clock, means
        self._is_demonstration = service.settings.env is Env.DEMO

    async def run(self) -> None:
        """Draw samples as they fall due; until cancelled."""
        while True:
            until = self._clock.now() + LONGEST_SLEEP
            with suppress(*INFRASTRUCTURE_ERRORS):
                until = await self.look()
            await self._clock.sleep_until(until)

    async def look(self) -> datetime:
        """Draw what is due, a transaction each; returns when to look again."""
        try:
            while not self._is_demonstration and await self._draw_one():
                pass
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was is alarmed and tried again; triage must go on
            return await self._put_aside(error)
        return await self._next_look()

    async def _draw_one(self) -> bool:
        async with self._db.transaction() as tx:
            turn = Turn(tx, self._means, self._clock.now())
            await sampling.plan(turn)
            return await sampling.draw_due(turn)

    async def _next_look(self) -> datetime:
        latest = self._clock.now() + LONGEST_SLEEP
        async with self._db.transaction() as tx:
            due = await second_readings.next_due(tx)
        # What is due already is being drawn by another process.
        return min(latest, due) if due is not None and due > self._clock.now() else latest

    async def _put_aside(self, error: Exception) -> datetime:
        now, told = self._clock.now(), {"error": type(error).__name__}
        _log.error("sample_failed", **told)
        async with self._db.transaction() as tx:
            await desks.alarm(tx, "sample_failed", None, told, now)
            tx.announce(DESK_CHANNEL)
        return now + SET_ASIDE_FOR
