"""The outbox: events written in the transaction of the change they tell of; the relay publishes them."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction, queries
from schemas.events import Event

CHANNEL = "hotline_outbox"

_sql = queries(__file__.replace(".py", ".sql"))


@dataclass(frozen=True)
class Trace:
    """What led here: the first contact (correlation), the last cause, and a W3C trace context."""

    correlation_id: UUID
    causation_id: UUID
    traceparent: str

    @classmethod
    def begin(cls) -> "Trace":
        """A first contact, which nothing caused."""
        first = new_id()
        return cls(first, first, f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01")

    def caused_by(self, event_id: UUID) -> "Trace":
        """The trace of what an event led to."""
        return replace(self, causation_id=event_id)


@dataclass(frozen=True)
class OutboxRow:
    """An event as it is written; its producer is the role that acts."""

    event_id: UUID
    topic: str
    type: str
    key: UUID
    version: int
    body: dict[str, Any]
    correlation_id: UUID
    causation_id: UUID
    traceparent: str
    occurred_at: datetime


def outbox_row(event: Event, trace: Trace, now: datetime) -> OutboxRow:
    """An event's row, for a statement that writes it together with the change; announce CHANNEL then."""
    return OutboxRow(
        event_id=new_id(),
        topic=event.destination,
        type=event.type,
        key=event.key,
        version=event.version,
        body=event.model_dump(mode="json"),
        correlation_id=trace.correlation_id,
        causation_id=trace.causation_id,
        traceparent=trace.traceparent,
        occurred_at=now,
    )


async def append(tx: Transaction, event: Event, trace: Trace, now: datetime) -> UUID:
    """Write an event with the change it tells of; returns its id. The relay is woken after the commit."""
    row = outbox_row(event, trace, now)
    await _sql.append(tx, **vars(row))
    tx.announce(CHANNEL)
    return row.event_id
