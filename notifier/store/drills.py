"""Drills give way to real work."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Transaction, queries

_sql: Any = queries(Path(__file__).with_suffix(".sql"))


async def is_at_real_work(tx: Transaction, team_id: UUID) -> bool:
    """Whether a team is called for something immediate that is no exercise."""
    return bool(await _sql.is_at_real_work(tx, team_id=team_id))


async def hurry(tx: Transaction, teams: Iterable[UUID], now: datetime) -> None:
    """Let the timer look at the drills of teams at once. Before anybody is given a pair: escalations come first."""
    await _sql.hurry_drills(tx, teams=list(teams), now=now)
