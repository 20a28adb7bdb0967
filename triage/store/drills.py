"""Drills that were called, and what the notifier has of their calling."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Connection, Transaction, queries
from schemas.area import UNKNOWN, Area
from schemas.ladder import Ladder

_sql = queries(Path(__file__).with_suffix(".sql"))

Reader = Transaction | Connection


async def lock(tx: Transaction) -> None:
    """Let no other drill be called until this transaction ends."""
    await _sql.lock_drills(tx)


async def add(tx: Transaction, ladder: Ladder, **columns: Any) -> None:
    """Keep a drill; see the table for the columns."""
    await _sql.add_drill(tx, ladder=ladder.model_dump(mode="json"), **columns)


async def is_drilling(tx: Reader, team_id: UUID, since: datetime) -> bool:
    """Whether a team has a drill already; one that nobody took up since that instant is none any more."""
    return bool(await _sql.is_drilling(tx, team_id=team_id, since=since))


async def area(tx: Reader, team_id: UUID) -> Area:
    """The widest area a team covers; unknown for one that covers none."""
    row = await _sql.find_area(tx, team_id=team_id)
    return Area(**dict(row)) if row else UNKNOWN


async def newest(tx: Reader) -> list[Any]:
    """The newest drills with how their calling stands."""
    return [row async for row in _sql.find_drills(tx, drill_id=None)]


async def find(tx: Reader, drill_id: UUID) -> Any:
    """One drill with how its calling stands, or None."""
    return next(iter([row async for row in _sql.find_drills(tx, drill_id=drill_id)]), None)


async def alerts(tx: Reader, drill_id: UUID) -> list[Any]:
    """Every call and message of a drill."""
    return [row async for row in _sql.find_drill_alerts(tx, drill_id=drill_id)]


async def empty_levels(tx: Reader, drill_id: UUID) -> list[str]:
    """Levels that had nobody new to call."""
    return [row["level"] async for row in _sql.find_empty_levels(tx, drill_id=drill_id)]


async def on_call_during(
    tx: Reader, team_id: UUID, levels: Iterable[str], during: tuple[datetime, datetime]
) -> dict[UUID, bool]:
    """Who is on call for a team in a stretch, and whether each agreed to drills at night."""
    begin, until = during
    found = _sql.find_on_call_during(tx, team_id=team_id, levels=list(levels), begin=begin, until=until)
    return {row["person_id"]: row["drills_at_night"] async for row in found}


async def people(tx: Reader, people: Iterable[UUID]) -> dict[UUID, Any]:
    """People by their ids: person_id, handle, sealed name."""
    return {row["person_id"]: row async for row in _sql.find_people(tx, people=list(set(people)))}
