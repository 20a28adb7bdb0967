"""Recordings: noted when they are told of, kept when their sound was fetched. What is sealed stays sealed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction, queries

_sql = queries(__file__)


@dataclass(frozen=True)
class NewRecording:
    """What is known of a recording when it is told of; `seconds` where the provider said it."""

    recording_id: UUID
    report_id: UUID
    provider: str
    provider_sid: str
    seconds: int | None
    received_at: datetime


@dataclass(frozen=True)
class DueRecording:
    """A recording to be fetched, with how often that was tried, this time included."""

    recording_id: UUID
    report_id: UUID
    provider_sid: str
    attempts: int


async def note(tx: Transaction, new: NewRecording) -> None:
    """Note a recording, once; its sound is due at once."""
    await _sql.note_recording(tx, **vars(new))


async def known_sids(tx: Transaction, provider: str, sids: Sequence[str]) -> set[str]:
    """Which of the provider's recordings were noted already."""
    return {row["provider_sid"] async for row in _sql.known_recordings(tx, provider=provider, sids=list(sids))}


async def claim(tx: Transaction, now: datetime, leased_until: datetime, most: int) -> list[DueRecording]:
    """Recordings that are due, left to the caller until the lease ends."""
    rows = _sql.claim_recordings(tx, now=now, leased_until=leased_until, most=most)
    return [DueRecording(**row) async for row in rows]


async def keep(tx: Transaction, recording_id: UUID, sound: bytes, content_type: str, at: datetime) -> None:
    """Keep the sealed sound of a recording."""
    await _sql.keep_sound(tx, recording_id=recording_id, sound=sound, content_type=content_type, fetched_at=at)


async def put_off(tx: Transaction, recording_id: UUID, trouble: str, due_at: datetime) -> None:
    """Note why a recording could not be had, and when it is asked for again."""
    await _sql.put_off_recording(tx, recording_id=recording_id, trouble=trouble, due_at=due_at)


async def next_due(tx: Transaction) -> datetime | None:
    """When the next recording is due, if one is missing."""
    at: datetime | None = await _sql.next_recording(tx)
    return at


async def late(tx: Transaction, received_before: datetime) -> int:
    """How many recordings were told of before an instant and are not here."""
    return int(await _sql.late_recordings(tx, received_before=received_before))
