"""Attempts at codes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction, queries
from ingest.domain.attempts import Wrong

_sql = queries(__file__)


async def wrong_attempts(
    tx: Transaction, reference_tokens: Sequence[bytes], source_tokens: Sequence[bytes], since: datetime
) -> Wrong:
    """How many attempts were wrong since an instant."""
    row = await _sql.wrong_attempts(
        tx, reference_tokens=list(reference_tokens), source_tokens=list(source_tokens), since=since
    )
    return Wrong(**row)


async def add_attempt(
    tx: Transaction, attempt_id: UUID, tokens: tuple[bytes, bytes], *, was_right: bool, at: datetime
) -> None:
    """Note an attempt at a code; tokens of its reference and its source."""
    await _sql.add_attempt(
        tx,
        attempt_id=attempt_id,
        reference_token=tokens[0],
        source_token=tokens[1],
        was_right=was_right,
        attempted_at=at,
    )


async def forget(tx: Transaction, before: datetime, most: int) -> int:
    """Forget attempts older than an instant; returns how many, at most `most`."""
    tag: str = await _sql.forget_attempts(tx, before=before, most=most)
    return int(tag.rpartition(" ")[2])
