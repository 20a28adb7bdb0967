"""Requests to close a case, and what is known of it for closing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Connection, Transaction, queries
from triage.domain.closing import ClosingReason, Ground

_sql = queries(Path(__file__).with_suffix(".sql"))

Reader = Transaction | Connection


@dataclass(frozen=True, slots=True)
class Closing:
    """What somebody asks for: the reason, sealed words (subject case, field `note`), and what the reason needs.

    `seen_version` is the version of the case that was on their screen.
    """

    reason: ClosingReason
    words: bytes
    seen_version: int
    is_disputed: bool
    duplicate_of: UUID | None
    steps: tuple[str, ...]


async def standing(tx: Reader, case_id: UUID) -> Any:
    """What of a case is known without opening anything; see the statement for the columns."""
    return await _sql.find_standing(tx, case_id=case_id)


async def lock(tx: Transaction) -> None:
    """Let nobody else close a case until this transaction ends; taken before any case is locked."""
    await _sql.lock_closings(tx)


async def other(tx: Reader, case: str | UUID) -> Any:
    """The case of an alias or id (case_id, alias, urgency, status), or None."""
    if isinstance(case, UUID):
        return await _sql.find_other_by_id(tx, case_id=case)
    return await _sql.find_other(tx, alias=case)


async def ask(
    tx: Transaction, case_id: UUID, asked: Closing, grounds: Collection[Ground], by: tuple[UUID, datetime]
) -> None:
    """Ask to close a case (by whom, when). Without grounds for a second person it is granted at once."""
    await _sql.add_closing(
        tx,
        closing_id=new_id(),
        case_id=case_id,
        code=asked.reason.code,
        duplicate_of=asked.duplicate_of,
        steps=list(asked.steps),
        has_outcome=asked.reason.has_outcome,
        is_disputed=asked.is_disputed,
        grounds=list(grounds),
        words=asked.words,
        seen_version=asked.seen_version,
        asked_by=by[0],
        now=by[1],
    )


async def open_request(tx: Transaction, case_id: UUID) -> Any:
    """The open request to close a case, locked, or None."""
    return await _sql.lock_closing(tx, case_id=case_id)


async def newest(tx: Reader, case_id: UUID) -> Any:
    """The open request, else the newest that was granted, or None."""
    return await _sql.find_closing(tx, case_id=case_id)


async def decide(
    tx: Transaction, closing_id: UUID, is_granted: bool, grounds: Collection[Ground], by: tuple[UUID, datetime]
) -> None:
    """Record the second person's decision (who, when), with the grounds that held then."""
    await _sql.decide_closing(
        tx, closing_id=closing_id, is_granted=is_granted, grounds=list(grounds), decided_by=by[0], now=by[1]
    )


async def void(tx: Transaction, case_id: UUID, now: datetime) -> bool:
    """End the open request, because it rests on what no longer holds; False without one."""
    done = await _sql.void_closing(tx, case_id=case_id, now=now)
    return bool(done != "UPDATE 0")


async def end_every_clock(tx: Transaction, case_id: UUID, by: UUID, now: datetime) -> None:
    """End the clocks of a case that is closed."""
    await _sql.end_every_clock(tx, case_id=case_id, answer={"by": str(by), "via": "closing"}, now=now)
