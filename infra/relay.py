"""The relay: publishes what the outbox holds. One is active, one stands by.

The active relay holds an advisory lock on the very connection it reads and marks with, so a relay that lost its lock
cannot mark anything. An event may be published twice (the broker had it, the mark was lost): the inbox takes it once.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

import asyncpg
import structlog
from prometheus_client import Counter, Gauge

from infra.canary import Canary
from infra.clock import Clock, stopwatch
from infra.kafka import BrokerUnavailable, Producer
from infra.outbox import CHANNEL
from infra.postgres import INFRASTRUCTURE_ERRORS, connect, queries
from infra.service import Parts, Service, main
from infra.settings import Settings
from infra.watchdog import Watchdog

BATCH = 500
POLL_SECONDS = 1.0
STANDBY_SECONDS = 0.5
BROKER_RETRY_SECONDS = 0.3
KEPT = timedelta(days=30)
EXPIRE_EVERY_SECONDS = 3600.0

_sql = queries(__file__.replace(".py", ".sql"))
_log = structlog.get_logger()
_published = Counter("hotline_events_published", "Events the broker has taken.")
_delay = Gauge("hotline_publish_delay_seconds", "Age of the last batch's oldest event when it was published.")


class Relay:
    """Publishes unpublished events in the order they were written, as long as it holds the lock."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._wake = asyncio.Event()
        self._expired_at = 0.0
        self.is_active = False
        self.broker_trouble: str | None = None

    def wake(self, _payload: str = "") -> None:
        """Something was written."""
        self._wake.set()

    async def run(self) -> None:
        """Be the relay, or stand by to become it; until cancelled."""
        producer = Producer(self._settings)
        try:
            while True:
                with suppress(*INFRASTRUCTURE_ERRORS):
                    await self._hold(producer)
                self.is_active = False
                await asyncio.sleep(STANDBY_SECONDS)
        finally:
            await producer.close()

    async def _hold(self, producer: Producer) -> None:
        connection = await connect(self._settings.direct_url, "hotline_relay")
        try:
            self.is_active = bool(await _sql.try_lock(connection))
            while self.is_active:
                await self._publish_all(connection, producer)
                await self._expire(connection)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        finally:
            await _close(connection)

    async def _publish_all(self, connection: "asyncpg.Connection[asyncpg.Record]", producer: Producer) -> None:
        while True:
            self._wake.clear()
            rows = [row async for row in _sql.unpublished(connection, most=BATCH)]
            if not rows:
                return
            try:
                await producer.publish(rows)
            except BrokerUnavailable as error:
                self._tell(str(error))
                await asyncio.sleep(BROKER_RETRY_SECONDS)
                continue
            self._tell(None)
            ids = [row["id"] for row in rows]
            now = self._clock.now()
            await _sql.mark_published(connection, ids=ids, published_at=now)
            _published.inc(len(ids))
            _delay.set((now - rows[0]["occurred_at"]).total_seconds())
            # Whoever commits after the look announces it, and every second is looked at anyway.
            if len(rows) < BATCH and not self._wake.is_set():
                return

    def _tell(self, trouble: str | None) -> None:
        if trouble and not self.broker_trouble:
            _log.warning("broker_away", error=trouble)
        if self.broker_trouble and not trouble:
            _log.info("broker_back")
        self.broker_trouble = trouble

    async def _expire(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        if self._expired_at and stopwatch() - self._expired_at < EXPIRE_EVERY_SECONDS:
            return
        before = self._clock.now() - KEPT
        await _sql.delete_expired(connection, before=before)
        await _sql.delete_expired_inbox(connection, before=before - timedelta(days=1))
        self._expired_at = stopwatch()

    async def trouble(self) -> str | None:
        """What a person should know of the way to the broker."""
        return f"the broker does not take events: {self.broker_trouble}" if self.broker_trouble else None


async def _close(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    with suppress(*INFRASTRUCTURE_ERRORS):
        await connection.close(timeout=1)


async def parts(service: Service) -> Parts:
    """The relay has no web pages of its own: only health and metrics."""
    relay = Relay(service.settings, service.clock)
    await service.listener.listen(CHANNEL, relay.wake)
    watchdog = Watchdog(service.db, service.clock, service.settings.watchdog_url, lambda: relay.is_active)
    canary = Canary(service.settings, lambda: relay.is_active)
    return Parts(
        apps=[service.bare_app(service.settings.relay_port)],
        loops=[relay.run, watchdog.run, canary.run],
        checks={"broker": relay.trouble, "canary": canary.trouble},
    )


if __name__ == "__main__":
    main("relay", __doc__, parts)
