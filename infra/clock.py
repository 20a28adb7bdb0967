"""The clock: the only place that asks what time it is.

In tests it is an offset row in the database, announced by NOTIFY, so that every process moves together and
sleeping timers wake. Production refuses to move.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from infra.postgres import Listener, Pool

CHANNEL = "hotline_clock"
# Beyond the first a person is told; beyond the second a service whose work is instants is not ready, and the notifier
# goes by the database's clock.
DRIFT_TOLD = timedelta(milliseconds=250)
DRIFT_REFUSED = timedelta(seconds=2)
MEASURED_SECONDS = 1.0


class Clock:
    """Tells `now` (aware, UTC) and sleeps until an instant, also when the clock is moved meanwhile."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self._wrong_by = timedelta()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """The present instant."""
        return self.here() - self._wrong_by + self.offset

    def here(self) -> datetime:
        """What this host's own clock says, however far a test has moved ours."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one place

    def is_wrong_by(self, by: timedelta) -> None:
        """From now on tell the time as if this host's clock were so much less ahead."""
        self._wrong_by = by

    async def drift(self, pool: Pool) -> timedelta:
        """How far this host's clock is ahead of the database's; nothing where the wait for its answer may be all."""
        before = self.here()
        there: datetime = await pool.fetchval("select clock_timestamp()")
        return min(max(there, before), self.here()) - there

    async def sleep_until(self, instant: datetime, wake: asyncio.Event | None = None) -> None:
        """Return at `instant`, or sooner when the clock moves or `wake` is set."""
        waits = [asyncio.ensure_future(self._moved.wait())]
        if wake is not None:
            waits.append(asyncio.ensure_future(wake.wait()))
        try:
            seconds = max(0.0, (instant - self.now()).total_seconds())
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def follow(self, pool: Pool, listener: Listener) -> None:
        """Take the offset from the database, now and whenever it is announced, until cancelled. Only for tests."""
        announced = asyncio.Event()
        announced.set()
        await listener.listen(CHANNEL, lambda _payload: announced.set())
        while True:
            await announced.wait()
            announced.clear()
            seconds = await pool.fetchval("select extract(epoch from max(offset_by)) from infra.clock")
            self._move(timedelta(seconds=float(seconds or 0)))

    def _move(self, offset: timedelta) -> None:
        self.offset = offset
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


class Drift:
    """The drift of a clock for whoever must know it at every step: measured once a second, and anew after a jump."""

    def __init__(self, clock: Clock, pool: Pool) -> None:
        self._clock, self._pool = clock, pool
        self._by = timedelta()
        self._measured_at, self._lead = float("-inf"), 0.0

    async def look(self) -> timedelta:
        """How far ahead this host's clock is."""
        at = stopwatch()
        lead = self._clock.here().timestamp() - at
        has_jumped = abs(lead - self._lead) > DRIFT_TOLD.total_seconds()
        if has_jumped or at - self._measured_at > MEASURED_SECONDS:
            self._by = await self._clock.drift(self._pool)
            self._measured_at, self._lead = at, lead
        return self._by


async def move(pool: Pool, by: timedelta) -> None:
    """Move the clock of every process by `by`. Only for tests; production never follows it."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "insert into infra.clock (offset_by) values ($1) "
            "on conflict (only_row) do update set offset_by = infra.clock.offset_by + excluded.offset_by",
            by,
        )
        await connection.execute("select pg_notify($1, '')", CHANNEL)


def stopwatch() -> float:
    """Seconds on a clock that only runs forward; for durations, never for instants."""
    return time.monotonic()
