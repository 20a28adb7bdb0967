"""What the provider says of our messages and calls, kept. It says so of many at a time: they are kept together."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog

from infra.clock import Clock
from infra.postgres import INFRASTRUCTURE_ERRORS, Pool
from infra.together import Together
from notifier.store import alerts, storms
from notifier.store.alerts import Moved, Status

HELD_FOR = timedelta(milliseconds=10)
"""Until a status is kept of an alert that another transaction holds."""
HELD_AT_MOST = timedelta(seconds=15)

_log = structlog.get_logger()


class Statuses:
    """The statuses that reach this process."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._together: Together[Status, Moved | Exception | None] = Together(self._apply)

    async def apply(self, status: Status) -> Moved:
        """Keep a status. Late, doubled and unknown ones change nothing; TimeoutError when it cannot be kept.

        What a lost digest told of is looked at; steps that are being written are waited for here, not by the others.
        """
        async with asyncio.timeout(HELD_AT_MOST.total_seconds()):
            moved = await self._together.ask(status)
            while moved is None:
                # Nobody says when the database lets go of a row.
                await asyncio.sleep(HELD_FOR.total_seconds())
                moved = await self._together.ask(status)
            if isinstance(moved, Exception):
                raise moved
            if moved.is_lost_digest and await storms.hurry(self._pool, status.alert_id, self._clock.now()):
                moved = replace(moved, is_step_due=True)
        return moved

    async def _apply(self, statuses: Sequence[Status]) -> list[Moved | Exception | None]:
        """What became of each; None where it is to be asked again."""
        first_of: dict[UUID, Status] = {}
        for status in statuses:
            first_of.setdefault(status.alert_id, status)
        moved = await self._kept(list(first_of.values()))
        return [moved.get(each.alert_id) if first_of[each.alert_id] is each else None for each in statuses]

    async def _kept(self, statuses: Sequence[Status]) -> dict[UUID, Moved | Exception]:
        """Keep statuses of as many alerts; a bad one spoils no other."""
        kept: dict[UUID, Moved | Exception] = {}
        try:
            kept |= await alerts.apply_statuses(self._pool, statuses, self._clock.now())
        except asyncpg.DeadlockDetectedError:
            # Another crowd spoke of the same people in another order. Nothing was kept of these: ask again.
            return {}
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - it is raised where the bad one was to be kept
            if len(statuses) == 1:
                return {statuses[0].alert_id: error}
            _log.error("statuses_asked_one_by_one", count=len(statuses), error=type(error).__name__)
            for status in statuses:
                kept |= await self._kept([status])
        return kept
