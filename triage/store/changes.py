"""What people change about rosters: leave, and swaps asked for and granted."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Transaction, queries
from schemas.terms import Level
from triage.domain.roster import Changes, Leave, Swap

_sql = queries(Path(__file__).with_suffix(".sql"))


async def of_team(tx: Transaction, team_id: UUID, since: datetime) -> Changes:
    """Everything that changes the shifts of a team after an instant."""
    swaps = [half async for row in _sql.find_granted_swaps(tx, team_id=team_id, since=since) for half in _halves(row)]
    rows = _sql.find_leaves(tx, since=since)
    return Changes(swaps, [Leave(row["handle"], row["begins_at"], row["ends_at"]) async for row in rows])


async def swapping_teams(tx: Transaction, person_id: UUID, since: datetime) -> set[UUID]:
    """The teams in which somebody has a part in a granted swap of what is after an instant."""
    return {row["team_id"] async for row in _sql.find_swapping_teams(tx, person_id=person_id, since=since)}


async def coming_leaves(tx: Transaction, person_id: UUID | None, now: datetime) -> list[Any]:
    """Leave that is not over, of a person or of everybody: leave_id, person_id, begins_at, ends_at, version."""
    return [row async for row in _sql.find_coming_leaves(tx, person_id=person_id, now=now)]


async def coming_swaps(tx: Transaction, person_id: UUID | None, now: datetime) -> list[Any]:
    """Swaps of what is not over in which a person has a part, or all; those that wait for a decision first."""
    return [row async for row in _sql.find_coming_swaps(tx, person_id=person_id, now=now)]


async def has_leave(tx: Transaction, person_id: UUID, begin: datetime, end: datetime) -> bool:
    """Whether somebody is on leave at some time between two instants."""
    return bool(await _sql.has_leave(tx, person_id=person_id, begin=begin, end=end))


async def add_leave(tx: Transaction, **columns: Any) -> None:
    """Keep that somebody is away: leave_id, person_id, begins_at, ends_at, taken_by, now."""
    await _sql.add_leave(tx, **columns)


async def lock_leave(tx: Transaction, leave_id: UUID) -> Any:
    """Somebody's leave under the lock of its row (begins_at, ends_at, withdrawn_at, version), or None."""
    return await _sql.lock_leave(tx, leave_id=leave_id)


async def withdraw_leave(tx: Transaction, leave_id: UUID, by: UUID, now: datetime) -> None:
    """Take a leave back."""
    await _sql.withdraw_leave(tx, leave_id=leave_id, by=by, now=now)


async def add_swap(tx: Transaction, **columns: Any) -> None:
    """Keep that a swap is asked for; see the table for the columns."""
    await _sql.add_swap(tx, **columns)


async def lock_swap(tx: Transaction, swap_id: UUID) -> Any:
    """A swap under the lock of its row, or None."""
    return await _sql.lock_swap(tx, swap_id=swap_id)


async def decide_swap(tx: Transaction, swap_id: UUID, by: UUID, is_granted: bool, now: datetime) -> None:
    """Grant or refuse a swap."""
    await _sql.decide_swap(tx, swap_id=swap_id, by=by, is_granted=is_granted, now=now)


def _halves(row: Any) -> list[Swap]:
    giver, taker, granted_at = row["giver"], row["taker"], row["decided_at"]
    there = (row["begins_at"], row["ends_at"], granted_at)
    halves = [Swap(row["swap_id"], Level(row["level"]), giver, taker, *there)]
    if row["back_level"] is not None:
        back = (row["back_begins_at"], row["back_ends_at"], granted_at)
        halves.append(Swap(row["swap_id"], Level(row["back_level"]), taker, giver, *back))
    return halves
