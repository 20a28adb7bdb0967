"""The inbox: each event takes effect once for each subscriber, whichever path delivers it.

Kafka is the fast path; catch-up is the guarantee. Both hand events to `Subscriber.receive`, which writes the inbox
row in the handler's transaction. An event that fails by its own fault is counted, retried with a bound, and then
becomes a dead letter; an error of the infrastructure is raised and counts for nothing. Where the service cannot even
do without the event, the dead letter is kept and the event is tried again, at least every 64 seconds.
"""

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter
from pydantic import ValidationError

from infra.clock import Clock
from infra.ids import new_id
from infra.outbox import Trace, append
from infra.postgres import INFRASTRUCTURE_ERRORS, Database, Transaction, queries
from infra.vault import UnknownMasterKey
from schemas.events import Event, EventDeadLettered, Topic
from schemas.registry import EVENTS

GRACE = timedelta(seconds=2)
MARGIN = timedelta(seconds=90)
FULL_LOOK_EVERY = timedelta(minutes=10)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MOST_ATTEMPTS = 5
BATCH = 200
MOST_REFUSED_KEYS = 5
PERIOD_SECONDS = 1.0
GIVEN_BACK = "hotline_given_back"
# Errors that say nothing about the event: the path that delivers waits and tries again. A master key nobody here
# knows means that this process has an older ring than the one that sealed.
PAUSING_ERRORS: tuple[type[Exception], ...] = (*INFRASTRUCTURE_ERRORS, UnknownMasterKey)

_sql = queries(__file__.replace(".py", ".sql"))
_log = structlog.get_logger()
_handled = Counter("hotline_events_handled", "Events that took effect.", ["type"])
_failed = Counter("hotline_event_failures", "Attempts at events that failed by the event's own fault.", ["type"])
_dead = Counter("hotline_dead_letters", "Events that no handler could take.", ["type"])


class UnknownVersion(Exception):
    """An event of a known name whose version nobody here can read."""


@dataclass(frozen=True)
class Envelope:
    """An event as it travels: its headers, and its body not yet read."""

    event_id: UUID
    type: str
    key: UUID
    body: Mapping[str, Any]
    trace: Trace

    @property
    def name(self) -> str:
        """The type without its version."""
        return re.sub(r"\.v\d+$", "", self.type)


@dataclass(frozen=True)
class Delivery:
    """An event handed to a handler, with what led to it."""

    event_id: UUID
    type: str
    event: Any
    trace: Trace


@dataclass(frozen=True)
class DeadLetter:
    """An event no handler could take."""

    envelope: Envelope
    error: str
    at: datetime


Handler = Callable[[Delivery, Transaction], Awaitable[None]]
OnDeadLetter = Callable[[DeadLetter, Transaction], Awaitable[None]]


async def _keep_only(_letter: DeadLetter, _tx: Transaction) -> None:
    """A subscriber without a duty of its own towards dead letters: the desk reads the table."""


class Subscriber:
    """One service's way of taking events: handlers by event type."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        on_dead_letter: OnDeadLetter = _keep_only,
    ) -> None:
        self._db = db
        self._clock = clock
        self._handlers = handlers
        self._on_dead_letter = on_dead_letter
        self._looks_fully = asyncio.Event()
        self.names = sorted({re.sub(r"\.v\d+$", "", kind) for kind in handlers})
        self.topics = sorted({EVENTS[kind].topic.value for kind in handlers})

    async def receive(self, envelope: Envelope) -> None:
        """Let an event take effect, once. Raises only errors of the infrastructure."""
        if envelope.name not in self.names:
            return
        try:
            await self._handle(envelope)
        except PAUSING_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raised is counted, kept and told
            await self._fail(envelope, error)

    async def _handle(self, envelope: Envelope) -> None:
        structlog.contextvars.bind_contextvars(correlation_id=str(envelope.trace.correlation_id))
        async with self._db.transaction() as tx:
            has_failed = await _sql.claim(tx, event_id=envelope.event_id)
            if has_failed is None:
                return
            trace = envelope.trace.caused_by(envelope.event_id)
            delivery = Delivery(envelope.event_id, envelope.type, self._read(envelope), trace)
            await self._handlers[envelope.type](delivery, tx)
            if has_failed:
                await _sql.forget_failures(tx, event_id=envelope.event_id)
        _handled.labels(envelope.type).inc()

    def _read(self, envelope: Envelope) -> Event:
        if envelope.type not in self._handlers:
            raise UnknownVersion(f"no handler can read {envelope.type}")
        return EVENTS[envelope.type].model_validate(envelope.body)

    async def _fail(self, envelope: Envelope, error: Exception) -> None:
        """Count a failure; at the bound, keep the event as a dead letter and go on without it."""
        now = self._clock.now()
        reason = _without_values(error)
        async with self._db.transaction() as tx:
            attempts = await _sql.count_failure(
                tx, event_id=envelope.event_id, key=envelope.key, now=now, error=reason
            )
        _failed.labels(envelope.type).inc()
        _log.error(
            "event_failed",
            event_type=envelope.type,
            event_id=str(envelope.event_id),
            attempts=attempts,
            error=reason,
        )
        if attempts >= MOST_ATTEMPTS:
            await self._dead_letter(DeadLetter(envelope, reason, now), attempts)

    async def _dead_letter(self, letter: DeadLetter, attempts: int) -> None:
        """Go on without an event; when even that fails, keep it for a person and try the event again later."""
        envelope = letter.envelope
        try:
            async with self._db.transaction() as tx:
                if await _sql.claim(tx, event_id=envelope.event_id) is None:
                    return
                await self._keep(letter, attempts, tx)
                await _sql.forget_failures(tx, event_id=envelope.event_id)
                await self._on_dead_letter(letter, tx)
        except PAUSING_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was is kept and told, and the event waits for its retry
            _log.error("dead_letter_failed", event_id=str(envelope.event_id), error=_without_values(error))
            async with self._db.transaction() as tx:
                await self._keep(letter, attempts, tx)

    async def _keep(self, letter: DeadLetter, attempts: int, tx: Transaction) -> None:
        """Write a dead letter and tell of it, unless it is kept already."""
        envelope = letter.envelope
        topic = next(Topic(EVENTS[kind].topic) for kind in self._handlers if kind.startswith(envelope.name))
        is_new = await _sql.dead_letter(
            tx,
            id=new_id(),
            event_id=envelope.event_id,
            topic=topic.value,
            type=envelope.type,
            key=envelope.key,
            body=dict(envelope.body),
            error=letter.error,
            attempts=attempts,
            now=letter.at,
        )
        if is_new:
            await self._tell(letter, topic, tx)
            tx.after_commit(_dead.labels(envelope.type).inc)

    async def _tell(self, letter: DeadLetter, topic: Topic, tx: Transaction) -> None:
        envelope = letter.envelope
        event = EventDeadLettered(
            version=1,
            event_id=envelope.event_id,
            event_type=envelope.type,
            event_topic=topic,
            event_key=envelope.key,
            subscriber=await _sql.service(tx),
            dead_lettered_at=letter.at,
        )
        await append(tx, event, envelope.trace, letter.at)

    def look_fully(self, _payload: str = "") -> None:
        """Somebody gave an old event back: let the next look cover everything the outbox holds."""
        self._looks_fully.set()

    async def catch_up(self) -> None:
        """Once a second, take every event that no other path delivered; until cancelled."""
        since, looked_fully = LONG_AGO, self._clock.now()
        while True:
            with suppress(*PAUSING_ERRORS):
                now = self._clock.now()
                if self._looks_fully.is_set() or now - looked_fully > FULL_LOOK_EVERY:
                    self._looks_fully.clear()
                    since, looked_fully = LONG_AGO, now
                since = await self.take_missed(since)
            await asyncio.sleep(PERIOD_SECONDS)

    async def take_missed(self, since: datetime) -> datetime:
        """Receive everything missed since an instant; returns the instant before which nothing is missing."""
        while True:
            async with self._db.pool.acquire() as connection:
                rows = [
                    row
                    async for row in _sql.missed(
                        connection, since=since, grace=GRACE, names=self.names, now=self._clock.now(), most=BATCH
                    )
                ]
            await self._receive_all([_envelope(row) for row in rows])
            if len(rows) < BATCH:
                break
        async with self._db.pool.acquire() as connection:
            row = await _sql.horizon(connection, since=since, margin=MARGIN, names=self.names)
        complete: datetime = row["complete_before"]
        return max(since, complete)

    async def _receive_all(self, envelopes: Sequence[Envelope]) -> None:
        """Receive events in order per key. What the infrastructure refuses holds its own key alone, and is raised
        at the end; when it refuses one key after the other, the rest waits too."""
        refused: dict[UUID, Exception] = {}
        for envelope in envelopes:
            if len(refused) == MOST_REFUSED_KEYS:
                break
            if envelope.key not in refused:
                try:
                    await self.receive(envelope)
                except PAUSING_ERRORS as error:
                    refused[envelope.key] = error
        for first in refused.values():
            _log.warning("catch_up_refused", keys=len(refused), error=type(first).__name__)
            raise first


def _envelope(row: Mapping[str, Any]) -> Envelope:
    trace = Trace(row["correlation_id"], row["causation_id"], row["traceparent"])
    return Envelope(row["id"], row["type"], row["key"], row["body"], trace)


def _without_values(error: Exception) -> str:
    """What failed and where, without any value that a person may have written."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    if isinstance(error, ValidationError):
        fields = ", ".join(sorted({".".join(map(str, each["loc"])) for each in error.errors()}))
        return f"{type(error).__name__} in {fields}{where}"
    return f"{type(error).__name__}{where}"
