"""When the provider's lists were last swept, and what the notifier says of texts to the alert number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from infra.postgres import Transaction, queries

SweepKind = Literal["messages", "calls", "recordings"]

_sql = queries(__file__)


async def swept_at(tx: Transaction, kind: SweepKind) -> datetime | None:
    """When a list was last swept completely."""
    at: datetime | None = await _sql.swept_at(tx, kind=kind)
    return at


async def set_swept_at(tx: Transaction, kind: SweepKind, at: datetime) -> None:
    """Note a complete sweep."""
    await _sql.set_swept_at(tx, kind=kind, swept_at=at)


async def no_answers(tx: Transaction, sids: Sequence[str]) -> set[str]:
    """Which of what came to the alert number was no answer of a responder."""
    return {row["provider_sid"] async for row in _sql.messages_to_take(tx, sids=list(sids))}
