"""What the desk reads: its queue, and everything about one case. Every value is as stored; names are sealed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Connection, Transaction, queries

_sql = queries(Path(__file__).with_suffix(".sql"))

Reader = Transaction | Connection
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything about one case but its words and its timeline; see the statements for the columns."""

    case: Any
    clocks: list[Any]
    assessments: list[Any]
    assignments: list[Any]
    urgency_request: Any


async def rows(tx: Reader, ids: Iterable[UUID] | None = None, most: int = MOST_ROWS) -> list[Any]:
    """Live cases (all, or those of `ids`), the soonest first: immediate by time left, then urgency, then deadline."""
    return [row async for row in _sql.find_queue(tx, ids=None if ids is None else list(ids), most=most)]


async def row(tx: Reader, case_id: UUID) -> Any:
    """The queue's row of one live case, or None."""
    found = [row async for row in _sql.find_queue(tx, ids=[case_id], most=1)]
    return found[0] if found else None


async def case_page(tx: Reader, case_id: UUID) -> CasePage | None:
    """Everything about a case, whatever its state; None when there is none."""
    case = await _sql.find_case(tx, case_id=case_id)
    if case is None:
        return None
    return CasePage(
        case,
        [row async for row in _sql.find_case_clocks(tx, case_id=case_id)],
        [row async for row in _sql.find_case_assessments(tx, case_id=case_id)],
        [row async for row in _sql.find_case_assignments(tx, case_id=case_id)],
        await _sql.find_urgency_request(tx, case_id=case_id),
    )


async def names(tx: Reader, ids: Iterable[UUID]) -> dict[UUID, Any]:
    """The sealed names of people (handle, name), by id; subject person, field `name`."""
    return {row["person_id"]: row async for row in _sql.find_names(tx, ids=list(ids))}
