"""Requests that were answered, and the locks that let one at a time act for a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction, queries

_sql = queries(__file__)


@dataclass(frozen=True)
class RequestRow:
    """A request that was answered; the answer is sealed under the report's key."""

    key_token: bytes
    body_token: bytes
    report_id: UUID
    answer: bytes


async def lock(tx: Transaction, token: bytes) -> None:
    """Let nobody else act for this token until the transaction ends."""
    await _sql.lock(tx, token=token)


async def find_request(tx: Transaction, tokens: Sequence[bytes]) -> RequestRow | None:
    """A request that was answered already."""
    row = await _sql.find_request(tx, key_tokens=list(tokens))
    return RequestRow(**row) if row else None


async def add_request(tx: Transaction, row: RequestRow, answered_at: datetime) -> bool:
    """Keep the answer to a request; False, and nothing kept, when it was answered already."""
    return bool(await _sql.add_request(tx, **vars(row), answered_at=answered_at))
