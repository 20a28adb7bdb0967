"""Levels that stand uncovered: what a supervisor accepted, and of which the manager was called."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction, queries
from triage.domain.roster import Gap

_sql = queries(Path(__file__).with_suffix(".sql"))


async def accept(tx: Transaction, team_id: UUID, gap: Gap, **columns: Any) -> None:
    """Keep that a supervisor let a level stand uncovered: act, reason (sealed, of the team), accepted_by, now."""
    await _sql.accept_gap(tx, gap_id=new_id(), team_id=team_id, **_of(gap), **columns)


async def accepted(tx: Transaction, now: datetime) -> list[Any]:
    """What was let stand uncovered and is not over: team_id, level, begins_at, ends_at."""
    return [row async for row in _sql.find_accepted_gaps(tx, now=now)]


async def calls(tx: Transaction) -> list[Any]:
    """Of which gaps the manager was called: team_id, level, begins_at, ends_at."""
    return [row async for row in _sql.find_gap_calls(tx)]


async def add_call(tx: Transaction, team_id: UUID, gap: Gap, now: datetime) -> None:
    """Keep that the manager is called about a gap."""
    await _sql.add_gap_call(tx, team_id=team_id, **_of(gap), now=now)


async def forget_calls(tx: Transaction, lasting: Sequence[tuple[UUID, Gap]]) -> None:
    """Forget the calls about gaps that are no more: those that touch none of these, of a team each."""
    await _sql.forget_gap_calls(
        tx,
        team_ids=[team_id for team_id, _ in lasting],
        levels=[gap.level for _, gap in lasting],
        begins=[gap.begins_at for _, gap in lasting],
        ends=[gap.ends_at for _, gap in lasting],
    )


def _of(gap: Gap) -> dict[str, Any]:
    return {"level": gap.level, "begins_at": gap.begins_at, "ends_at": gap.ends_at}
