"""`hotline canary`: a marked report through everything to an acknowledgement.

It goes in by the signed door for gateways, lies in a reserved area whose only responder is a loopback channel, and is
outside queue, clocks and figures: no person is called. The active relay sends one every hour.
"""

import argparse
import asyncio
import hashlib
import hmac
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import structlog

from infra import settings
from infra.clock import Clock, stopwatch
from infra.ids import new_id
from infra.postgres import INFRASTRUCTURE_ERRORS, Connection, connect, queries
from infra.settings import Env, Settings, required
from schemas.area import Area
from schemas.terms import Answer

AREA = Area(system="CANARY", edition="1", code="000000")
"""The reserved area; triage keeps it, with its team and the loopback responder, under this name."""
WORDS = "This is the hotline's own test of its path. No child is in danger."
STEPS = {
    "case.opened.v1": "a case was opened (triage)",
    "escalation.started.v1": "calling began (notifier)",
    "escalation.acknowledged.v1": "the loopback responder took it (notifier)",
}
RECEIVED = "report.received.v1"
TAKEN = "the case reads taken (triage)"
WITHIN_SECONDS = 60.0
LOOK_SECONDS = 0.2
POST_SECONDS = 10.0
FIRST_SECONDS = 120.0
EVERY_SECONDS = 3600.0
AGAIN_SECONDS = 300.0

_sql = queries(Path(__file__).with_suffix(".sql"))
_log = structlog.get_logger()


class CanaryLost(Exception):
    """The canary did not come through: where it was last seen."""


LOSSES: tuple[type[Exception], ...] = (CanaryLost, settings.SettingsError, *INFRASTRUCTURE_ERRORS)
"""Every way in which a canary does not come through."""


@dataclass(frozen=True)
class Step:
    """One step of the way and the milliseconds since the report was received."""

    says: str
    milliseconds: float


@dataclass(frozen=True)
class Way:
    """How far the canary has come: the events it led to, and when it was taken."""

    received_at: datetime | None
    events: dict[str, datetime]
    taken_at: datetime | None

    def steps(self) -> list[Step]:
        """The steps that were made, in order."""
        if self.received_at is None:
            return []
        made = [(says, self.events[kind]) for kind, says in STEPS.items() if kind in self.events]
        made += [(TAKEN, self.taken_at)] if self.taken_at else []
        return [Step(says, (at - self.received_at).total_seconds() * 1000) for says, at in made]

    def missing(self) -> str | None:
        """The first step that was not made."""
        wanted = [says for kind, says in STEPS.items() if kind not in self.events]
        return (wanted + ([] if self.taken_at else [TAKEN]) + [None])[0]


def sign(secret: str, at: str, body: bytes) -> str:
    """The signature that `POST /v1/contacts` asks for: HMAC-SHA256 of timestamp, point and body."""
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def contact(sid: UUID) -> bytes:
    """The body of the canary: an immediate danger, so that the whole ladder is begun."""
    told: dict[str, Any] = {
        "provider": "canary",
        "sid": str(sid),
        "channel": "web",
        "is_canary": True,
        "language": "en",
        "area": AREA.model_dump(),
        "narrative": WORDS,
        "answers": {"danger_now": Answer.YES, "child_safe_now": Answer.NO},
    }
    return json.dumps(told).encode()


async def send(config: Settings, now: datetime) -> UUID:
    """Hand the canary to ingest; returns the id of its report. CanaryLost when ingest does not take it."""
    secret = required(config.contacts_secret, "contacts_secret")
    url = f"{required(config.ingest_url, 'ingest_url').rstrip('/')}/v1/contacts"
    body, at = contact(new_id()), str(int(now.timestamp()))
    headers = {"Content-Type": "application/json", "Hotline-Timestamp": at}
    headers["Hotline-Signature"] = sign(secret, at, body)
    try:
        timeout = aiohttp.ClientTimeout(total=POST_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=body, headers=headers) as response,
        ):
            if response.status != 201:
                raise CanaryLost(f"ingest did not take it: HTTP {response.status}")
            return UUID((await response.json())["report_id"])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
        raise CanaryLost(f"ingest did not answer as it should: {type(error).__name__}") from error


async def follow(connection: Connection, report_id: UUID, clock: Clock, tell: Callable[[Step], None]) -> None:
    """Wait until the report is taken, telling each step once; CanaryLost names the first that is missing."""
    told, deadline = 0, stopwatch() + WITHIN_SECONDS
    while True:
        way = await look(connection, report_id, clock)
        steps = way.steps()
        for step in steps[told:]:
            tell(step)
        told = max(told, len(steps))
        missing = way.missing()
        if missing is None:
            return
        if stopwatch() > deadline:
            raise CanaryLost(f"{WITHIN_SECONDS:.0f} s after it was received it was still not so that {missing}")
        await asyncio.sleep(LOOK_SECONDS)


async def look(connection: Connection, report_id: UUID, clock: Clock) -> Way:
    """How far the canary has come. It is taken when that is seen: the state keeps the responder's own instant."""
    events: dict[str, datetime] = {}
    async for row in _sql.find_steps(connection, report_id=report_id):
        events.setdefault(row["type"], row["occurred_at"])
    is_taken = await _sql.is_taken(connection, report_id=report_id)
    return Way(events.get(RECEIVED), events, clock.now() if is_taken else None)


async def fly(config: Settings, tell: Callable[[Step], None]) -> None:
    """Send one canary and follow it to its end; CanaryLost says where it stopped."""
    # The state of a report is told to ingest alone, so it is ingest's eyes that look.
    connection = await connect(config.direct_url, "hotline_ingest")
    try:
        clock = await moved_clock(connection, config)
        started = stopwatch()
        report_id = await send(config, clock.now())
        tell(Step("ingest has committed it", (stopwatch() - started) * 1000))
        await follow(connection, report_id, clock, tell)
    finally:
        await connection.close()


async def moved_clock(connection: Connection, config: Settings) -> Clock:
    """The clock as the services have it: in tests it may have been moved."""
    clock = Clock()
    if config.env is Env.TEST:
        clock.offset = await connection.fetchval("select coalesce(max(offset_by), interval '0') from infra.clock")
    return clock


class Canary:
    """Flies every hour from the active relay; one that is lost is a trouble until the next comes through."""

    def __init__(self, config: Settings, is_active: Callable[[], bool]) -> None:
        self._config, self._is_active = config, is_active
        self._lost: str | None = None

    async def run(self) -> None:
        """Fly, and again after an hour, or after five minutes when it was lost; until cancelled."""
        wait = FIRST_SECONDS
        while True:
            await asyncio.sleep(wait)
            # A test counts its own reports, so there the canary is flown by hand.
            if self._is_active() and self._config.env is not Env.TEST:
                await self.fly()
            wait = AGAIN_SECONDS if self._lost else EVERY_SECONDS if self._is_active() else FIRST_SECONDS

    async def fly(self) -> None:
        """Fly once and remember how it went."""
        try:
            steps: list[Step] = []
            await fly(self._config, steps.append)
            self._lost = None
            _log.info("canary_came_through", milliseconds={step.says: round(step.milliseconds) for step in steps})
        except LOSSES as error:
            self._lost = str(error) or type(error).__name__
            _log.error("canary_lost", error=self._lost)

    async def trouble(self) -> str | None:
        """What a person should know of the last canary."""
        return f"the last canary did not come through: {self._lost}" if self._lost else None


def _print(step: Step) -> None:
    sys.stdout.write(f"{step.milliseconds:8.0f} ms  {step.says}\n")
    sys.stdout.flush()


def main() -> None:
    """Run the command; exit code 1 says where the canary was lost."""
    argparse.ArgumentParser(prog="hotline canary", description=__doc__).parse_args()
    try:
        asyncio.run(fly(settings.load(), _print))
    except LOSSES as error:
        sys.exit(f"hotline canary: lost: {error or type(error).__name__}")
    sys.stdout.write("the canary came through\n")


if __name__ == "__main__":
    main()
