"""The sound of what a caller said, played at the desk. Every time it is asked for is on record."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from infra import audit
from infra.audit import AuditEntry
from infra.postgres import Transaction, queries
from infra.vault import Subject, VaultError
from triage.console.frame import Frame
from triage.console.sessions import Session
from triage.store import timeline

HEARD = "recording_heard"
ENDINGS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/ogg": "ogg"}

_sql = queries(__file__)
_RANGE = re.compile(r"bytes=(\d{1,10})-(\d{0,10})")


class SoundShut(Exception):
    """The sound of a recording cannot be opened: a person must see to it."""


@dataclass(frozen=True)
class Recording:
    """A recording of a report; not `is_here` while its sound is still at the provider."""

    recording_id: UUID
    length: timedelta | None
    received_at: datetime
    is_here: bool
    is_heard: bool


async def recordings_of(tx: Transaction, case_id: UUID) -> dict[UUID, list[Recording]]:
    """The recordings of a case by report, in order."""
    found: dict[UUID, list[Recording]] = {}
    async for row in _sql.find_recordings(tx, case_id=case_id):
        length = None if row["seconds"] is None else timedelta(seconds=row["seconds"])
        recording = Recording(row["recording_id"], length, row["received_at"], row["is_here"], row["is_heard"])
        found.setdefault(row["report_id"], []).append(recording)
    return found


def elsewhere(sids: Iterable[str], here: list[Recording]) -> int:
    """How many recordings or pictures of a report were told of that are not ours to fetch."""
    return max(0, len(set(sids)) - len(here))


async def play(frame: Frame, request: Request, session: Session) -> Response:
    """The sound of a recording, or the part of it that a player asks for (RFC 9110, 14)."""
    case_id, recording_id = request.path_params["case_id"], request.path_params["recording_id"]
    async with frame.service.db.transaction() as tx:
        answer = await sound_of(tx, frame, request, case_id)
        await _put_on_record(tx, frame, session, (case_id, recording_id))
    return answer


async def sound_of(tx: Transaction, frame: Frame, request: Request, case_id: UUID) -> Response:
    """The sound of a recording of a case; whoever plays it puts that on record."""
    recording_id = request.path_params["recording_id"]
    row = await _sql.find_sound(tx, case_id=case_id, recording_id=recording_id)
    if row is None or row["sound"] is None:
        raise HTTPException(404)
    sound = await _open(tx, frame, row, recording_id)
    headers = {
        "accept-ranges": "bytes",
        "content-disposition": f'inline; filename="recording.{ENDINGS[row["content_type"]]}"',
    }
    return _answer(sound, request.headers.get("range", ""), headers, row["content_type"])


async def _open(tx: Transaction, frame: Frame, row: Any, recording_id: UUID) -> bytes:
    try:
        return await frame.service.vault.open(tx, Subject("report", row["report_id"]), "recording", row["sound"])
    except VaultError as error:
        raise SoundShut(f"recording {recording_id}") from error


async def _put_on_record(tx: Transaction, frame: Frame, session: Session, which: tuple[UUID, UUID]) -> None:
    """Each time in the audit; in the timeline once a person, since a player asks for a recording part by part."""
    case_id, recording_id = which
    now, person = frame.service.clock.now(), str(session.person_id)
    if not await _sql.has_heard(tx, case_id=case_id, recording=str(recording_id), actor=person):
        await timeline.add(tx, case_id, HEARD, now, person, {"recording": str(recording_id)})
    look = AuditEntry(now, person, "duty", HEARD, Subject("case", case_id), case_id, ("report.recording",))
    await audit.record(tx, look)


def _answer(sound: bytes, wanted: str, headers: dict[str, Any], content_type: str) -> Response:
    part = _RANGE.fullmatch(wanted)
    if part is None:
        return Response(sound, 200, headers, content_type)
    start = int(part[1])
    end = min(int(part[2] or len(sound) - 1), len(sound) - 1)
    if start > end:
        return Response(b"", 416, headers | {"content-range": f"bytes */{len(sound)}"}, content_type)
    headers |= {"content-range": f"bytes {start}-{end}/{len(sound)}"}
    return Response(sound[start : end + 1], 206, headers, content_type)
