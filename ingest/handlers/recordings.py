"""The sound of recordings: noted with the contact, brought by a loop afterwards, kept sealed."""

from datetime import datetime, timedelta
from uuid import UUID

from infra import ids
from infra.postgres import Transaction
from infra.vault import Subject
from ingest.domain.recordings import wait
from ingest.handlers.intake import Intake
from ingest.store import recordings
from ingest.store.recordings import DueRecording, NewRecording

FIELD = "recording"
LEASE = timedelta(minutes=2)
"""Longer than a download may take: a recording whose fetcher died is due again after this."""


async def note(
    tx: Transaction, intake: Intake, recording: tuple[str, str, int | None], report_id: UUID, now: datetime
) -> None:
    """Note a recording (provider, its id, seconds) of a report; its sound is fetched as soon as this is committed."""
    await recordings.note(tx, NewRecording(ids.new_id(), report_id, *recording, now))
    tx.after_commit(intake.recordings_wait.set)


async def claim_due(intake: Intake, now: datetime, most: int) -> list[DueRecording]:
    """Claim what is due, for the length of a lease; in a transaction of its own, since fetching is in none."""
    async with intake.db.transaction() as tx:
        return await recordings.claim(tx, now, now + LEASE, most)


async def keep_sound(intake: Intake, due: DueRecording, sound: bytes, content_type: str, now: datetime) -> None:
    """Seal and keep what was fetched."""
    async with intake.db.transaction() as tx:
        sealed = await intake.vault.seal(tx, Subject("report", due.report_id), FIELD, sound)
        await recordings.keep(tx, due.recording_id, sealed, content_type, now)


async def put_off(intake: Intake, due: DueRecording, trouble: str, now: datetime) -> None:
    """Try again later, each time after a longer wait."""
    async with intake.db.transaction() as tx:
        await recordings.put_off(tx, due.recording_id, trouble, now + wait(due.attempts))


async def next_due(intake: Intake) -> datetime | None:
    """When the next recording is due, if one is missing."""
    async with intake.db.transaction() as tx:
        return await recordings.next_due(tx)


async def late(intake: Intake, received_before: datetime) -> int:
    """How many recordings told of before an instant are not here yet."""
    async with intake.db.transaction() as tx:
        return await recordings.late(tx, received_before)
