"""Addresses of calendars of people's own shifts, each known by a keyed HMAC alone."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction, queries

_sql = queries(Path(__file__).with_suffix(".sql"))


async def add(tx: Transaction, person_id: UUID, token_hmac: bytes, by: UUID, now: datetime) -> None:
    """Keep a new address; the one before must have ended."""
    await _sql.add_feed(tx, feed_id=new_id(), person_id=person_id, token_hmac=token_hmac, by=by, now=now)


async def end(tx: Transaction, person_id: UUID, by: UUID, now: datetime) -> bool:
    """End somebody's address; False when none runs."""
    return await _sql.end_feeds(tx, person_id=person_id, by=by, now=now) is not None


async def running(tx: Transaction) -> dict[UUID, datetime]:
    """By person: since when their address runs."""
    return {row["person_id"]: row["made_at"] async for row in _sql.find_feeds(tx)}
