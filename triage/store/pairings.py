"""What people said of two cases: the same child, the same matter, not the same; and the history that follows."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction, queries
from schemas.terms import Urgency
from triage.domain.history import Earlier

_sql = queries(Path(__file__).with_suffix(".sql"))


class Says(StrEnum):
    """What a person can say of two cases. *Same matter* puts the other case inside this one."""

    SAME_CHILD = "same_child"
    SAME_MATTER = "same_matter"
    NOT_SAME = "not_same"


async def lock_families(tx: Transaction, *case_ids: UUID) -> None:
    """Lock cases with those inside them and around them, in one order, so that nobody waits in a ring."""
    await _sql.lock_families(tx, case_ids=list(case_ids))


async def add(tx: Transaction, case_id: UUID, other_id: UUID, said: tuple[Says, UUID, datetime]) -> None:
    """Keep what a person said: what, by whom, when."""
    says, by, now = said
    await _sql.add_pairing(
        tx, pairing_id=new_id(), case_id=case_id, other_id=other_id, says=says, said_by=by, now=now
    )


async def undo(tx: Transaction, pairing_id: UUID, by: UUID, now: datetime) -> None:
    """Undo what was said."""
    await _sql.undo_pairing(tx, pairing_id=pairing_id, undone_by=by, now=now)


async def standing(tx: Transaction, case_id: UUID) -> list[Any]:
    """What stands about a case, told from its side; see the statement for the columns."""
    return [row async for row in _sql.find_standing(tx, case_id=case_id)]


async def around(tx: Transaction, case_id: UUID) -> UUID | None:
    """The living case that a case is inside of, if any."""
    found: UUID | None = await _sql.find_around(tx, case_id=case_id)
    return found


async def inside(tx: Transaction, case_id: UUID) -> list[UUID]:
    """The cases inside a case."""
    return [row["other_id"] async for row in _sql.find_inside(tx, case_id=case_id)]


async def gravest_inside(tx: Transaction, case_id: UUID) -> Urgency | None:
    """The gravest urgency of the cases inside a case that are not closed, or None."""
    found: str | None = await _sql.find_gravest_inside(tx, case_id=case_id)
    return Urgency(found) if found else None


async def reports_inside(tx: Transaction, case_id: UUID) -> list[UUID]:
    """The reports of the cases inside a case."""
    return [row["report_id"] async for row in _sql.find_reports_inside(tx, case_id=case_id)]


async def related(tx: Transaction, case_ids: Iterable[UUID]) -> list[Earlier]:
    """Every report of these cases and of those tied to them, in the order they came."""
    rows = _sql.find_related(tx, case_ids=list(case_ids))
    return [Earlier(**dict(row)) async for row in rows]


async def shown(tx: Transaction, case_ids: Iterable[UUID]) -> dict[UUID, Any]:
    """By case: what of it is shown beside another one; see the statement for the columns."""
    return {row["case_id"]: row async for row in _sql.find_shown(tx, case_ids=list(case_ids))}
