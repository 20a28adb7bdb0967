"""The watchdog: pings `WATCHDOG_URL` each minute, only while all invariants hold.

Whoever listens there, outside our hosts, alarms when the pings stop: so a hotline that is down, cut off, or up but
not working is told of by silence.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from infra.clock import Clock
from infra.postgres import INFRASTRUCTURE_ERRORS, Database, Transaction, queries

EXPECTED = ("ingest", "triage", "notifier", "relay")
FRESH = timedelta(seconds=10)
FORGOTTEN = timedelta(hours=1)
LONGEST_UNPUBLISHED = timedelta(seconds=30)
EVERY_SECONDS = 60.0
TIMEOUT_SECONDS = 10.0

_sql = queries(Path(__file__).with_suffix(".sql"))
_log = structlog.get_logger()


@dataclass(frozen=True)
class Heartbeat:
    """What one process last said of itself, and when."""

    service: str
    instance: str
    at: datetime
    troubles: Mapping[str, str]


@dataclass(frozen=True)
class Vitals:
    """What the watchdog looks at: every heartbeat, and how long the oldest unpublished event has waited."""

    heartbeats: Sequence[Heartbeat]
    oldest_unpublished: timedelta | None


def absences(heartbeats: Sequence[Heartbeat], now: datetime) -> list[str]:
    """Services without a single fresh heartbeat."""
    beats = {service: [beat for beat in heartbeats if beat.service == service] for service in EXPECTED}
    return [_absence(service, beats[service], now) for service in _absent(heartbeats, now)]


def lost_instances(heartbeats: Sequence[Heartbeat], now: datetime) -> list[str]:
    """Processes that fell silent within the hour while another of their service goes on; later they are forgotten."""
    absent = _absent(heartbeats, now)
    return [
        f"{beat.service} {beat.instance} has been silent for {_seconds(now - beat.at)}; another one goes on"
        for beat in heartbeats
        if beat.service not in absent and FRESH <= now - beat.at < FORGOTTEN
    ]


def troubles(heartbeats: Sequence[Heartbeat], now: datetime) -> list[str]:
    """What processes that are alive say does not hold."""
    return [
        f"{beat.service} {beat.instance}: {name}: {trouble}"
        for beat in heartbeats
        if _is_fresh(beat, now)
        for name, trouble in beat.troubles.items()
    ]


def late_events(waited: timedelta | None) -> list[str]:
    """Whether an event has waited too long for the broker."""
    if waited is None or waited <= LONGEST_UNPUBLISHED:
        return []
    return [f"an event has not been published for {_seconds(waited)}"]


def broken_invariants(vitals: Vitals, now: datetime) -> list[str]:
    """Everything that does not hold, a sentence each; empty while the watchdog may be told that all is well."""
    beats = vitals.heartbeats
    return absences(beats, now) + troubles(beats, now) + late_events(vitals.oldest_unpublished)


async def vitals(tx: Transaction) -> Vitals:
    """Read what the watchdog looks at."""
    beats = [_heartbeat(row) async for row in _sql.heartbeats(tx)]
    return Vitals(beats, await _sql.oldest_unpublished(tx))


class Watchdog:
    """Pings from the active relay, so that one process at a time says that all is well."""

    def __init__(self, db: Database, clock: Clock, url: str | None, is_active: Callable[[], bool]) -> None:
        self._db, self._clock, self._url, self._is_active = db, clock, url, is_active

    async def run(self) -> None:
        """Ping every minute while all invariants hold; until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            if self._is_active():
                await self.ping()

    async def ping(self) -> bool:
        """Look, and ping if all is well; False, and a line in the log that says why, when not."""
        broken = await self.broken()
        if broken:
            _log.warning("watchdog_withheld", because=broken)
            return False
        return self._url is None or await _reached(self._url)

    async def broken(self) -> list[str]:
        """What does not hold at this moment."""
        try:
            async with self._db.transaction() as tx:
                return broken_invariants(await vitals(tx), self._clock.now())
        except INFRASTRUCTURE_ERRORS as error:
            return [f"the database does not answer: {type(error).__name__}"]


async def _reached(url: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            if response.ok:
                return True
            _log.warning("watchdog_not_reached", status=response.status)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        # The address holds a secret: only the kind of the error is told.
        _log.warning("watchdog_not_reached", error=type(error).__name__)
    return False


def _absent(heartbeats: Sequence[Heartbeat], now: datetime) -> list[str]:
    present = {beat.service for beat in heartbeats if _is_fresh(beat, now)}
    return [service for service in EXPECTED if service not in present]


def _absence(service: str, beats: Sequence[Heartbeat], now: datetime) -> str:
    if not beats:
        return f"{service} has never run"
    return f"{service} has been silent for {_seconds(now - max(beat.at for beat in beats))}"


def _is_fresh(beat: Heartbeat, now: datetime) -> bool:
    return now - beat.at < FRESH


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.0f} s"


def _heartbeat(row: Any) -> Heartbeat:
    # The column's default is an empty list, of a process that has not looked yet.
    return Heartbeat(row["service"], row["instance"], row["at"], row["troubles"] or {})
