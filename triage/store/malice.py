"""Marks of suspected malice."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Connection, Transaction, queries

_sql = queries(Path(__file__).with_suffix(".sql"))


async def mark(tx: Transaction, case_id: UUID, reason: bytes, by: tuple[UUID, datetime]) -> None:
    """Mark a case (by whom, when), with the reason sealed (subject case, field `note`)."""
    await _sql.add_mark(tx, mark_id=new_id(), case_id=case_id, reason=reason, marked_by=by[0], now=by[1])


async def of_case(tx: Transaction | Connection, case_id: UUID) -> Any:
    """The mark of a case (mark_id, reason, marked_by, marked_at), or None."""
    return await _sql.find_mark(tx, case_id=case_id)


async def end(
    tx: Transaction, case_id: UUID, now: datetime, *, by: UUID | None = None, by_report: UUID | None = None
) -> bool:
    """End the mark of a case, by a person or by a report; False when there is none."""
    done = await _sql.end_mark(tx, case_id=case_id, now=now, ended_by=by, ended_by_report=by_report)
    return bool(done != "UPDATE 0")
