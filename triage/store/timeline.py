"""The timeline of a case or desk: what happened, by whom, when. Notes are sealed; details hold no personal data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Connection, Transaction, queries

_sql = queries(Path(__file__).with_suffix(".sql"))

TRIAGE = "triage"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened. The actor is a person's id, or the service."""

    kind: str
    at: datetime
    actor: UUID | str = TRIAGE
    detail: dict[str, Any] = field(default_factory=dict)


async def add_all(tx: Transaction, subject_id: UUID, entries: Sequence[Entry]) -> None:
    """Write down what happened, in this order."""
    if entries:
        await _sql.add_entries(
            tx,
            subject_id=subject_id,
            entry_ids=[new_id() for _ in entries],
            kinds=[each.kind for each in entries],
            actors=[str(each.actor) for each in entries],
            ats=[each.at for each in entries],
            details=[each.detail for each in entries],
        )


async def add(
    tx: Transaction,
    subject_id: UUID,
    kind: str,
    at: datetime,
    actor: UUID | str = TRIAGE,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write down what happened. The actor is a person's id, or the service."""
    await _add(tx, subject_id=subject_id, kind=kind, at=at, actor=str(actor), detail=detail or {}, note=None)


async def add_with_words(tx: Transaction, subject_id: UUID, entry: Entry, note: bytes) -> None:
    """Write down what happened with what a person wrote to it, sealed as in `add_note`."""
    columns = {"kind": entry.kind, "at": entry.at, "actor": str(entry.actor), "detail": entry.detail}
    await _add(tx, subject_id=subject_id, note=note, **columns)


async def add_note(tx: Transaction, subject_id: UUID, actor: UUID, note: tuple[UUID, bytes], at: datetime) -> None:
    """Keep a person's note (its id, and its words sealed under the case, field `note`)."""
    await _sql.add_entry(
        tx, entry_id=note[0], subject_id=subject_id, kind="note", actor=str(actor), at=at, detail={}, note=note[1]
    )


async def read(tx: Transaction | Connection, subject_id: UUID) -> list[Any]:
    """What happened to a case or desk, every alert sent for it, and what was answered to them, in order."""
    return [row async for row in _sql.find_entries(tx, subject_id=subject_id)]


async def _add(tx: Transaction, **columns: Any) -> None:
    await _sql.add_entry(tx, entry_id=new_id(), **columns)
