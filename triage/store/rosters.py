"""Teams, areas, rosters and the shifts made from them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Connection, Transaction, queries
from schemas.terms import Level
from triage.domain.roster import Grounds, Roster, Shift
from triage.store import ways

_sql = queries(Path(__file__).with_suffix(".sql"))


async def lock(tx: Transaction) -> None:
    """Let one transaction at a time change rosters."""
    await _sql.lock_rosters(tx)


async def add_team(tx: Transaction, **columns: Any) -> None:
    """Add a team."""
    await _sql.save_team(tx, **columns)


async def save_capacity(tx: Transaction, slug: str, capacity: int | None) -> None:
    """Write how many live cases a team can hold; None is no limit."""
    await _sql.save_capacity(tx, slug=slug, capacity=capacity)


async def add_team_area(tx: Transaction, **columns: Any) -> None:
    """Let a team cover what begins with a code."""
    await _sql.save_team_area(tx, **columns)


async def add_area(tx: Transaction, **columns: Any) -> None:
    """Add an area with its names and time zone."""
    await _sql.save_area(tx, **columns)


async def save_rules(tx: Transaction, team_id: UUID, **columns: Any) -> None:
    """Keep the rules of a team: `rules`, `digest`, `now`, `applied_by`, `made_until`."""
    await _sql.save_roster(tx, team_id=team_id, **columns)


async def extend(tx: Transaction, team_id: UUID, made_until: datetime) -> None:
    """Remember until when a team's shifts are made."""
    await _sql.extend_roster(tx, team_id=team_id, made_until=made_until)


async def rules(tx: Transaction | Connection) -> list[Any]:
    """The rules of every team, and until when their shifts are made."""
    return [row async for row in _sql.find_rosters(tx)]


async def zones(tx: Transaction | Connection) -> dict[str, str]:
    """The time zone in which people work, by handle: that of a roster which names them."""
    known = [Roster.model_validate(row["rules"]) for row in await rules(tx)]
    return {handle: roster.time_zone for roster in known for handle in roster.handles}


async def clear(tx: Transaction, team_id: UUID, now: datetime) -> None:
    """End a team's running shifts now, and drop the later ones; what is past stays."""
    await _sql.cut_shifts(tx, team_id=team_id, now=now)
    await _sql.drop_shifts(tx, team_id=team_id, now=now)


async def add_shifts(tx: Transaction, team_id: UUID, shifts: Iterable[Shift], ids: Mapping[str, UUID]) -> None:
    """Put people on call; `ids` by handle."""
    for shift in shifts:
        await _sql.add_shift(
            tx,
            shift_id=new_id(),
            team_id=team_id,
            person_id=ids[shift.person],
            level=shift.level,
            position=shift.position,
            begins_at=shift.begins_at,
            ends_at=shift.ends_at,
            because=shift.grounds.kind,
            grounds=shift.grounds.model_dump(mode="json", exclude_none=True),
        )


async def shifts(
    tx: Transaction | Connection, begin: datetime, end: datetime, now: datetime
) -> dict[UUID, list[Shift]]:
    """The shifts that touch a stretch of time of people who can be reached now, by team.

    A phone at which nobody is heard of any more (`ways.silent_phones`) reaches nobody.
    """
    found: dict[UUID, list[Shift]] = {}
    silent = await ways.silent_phones(tx, now)
    people, positions = [person_id for person_id, _ in silent], [position for _, position in silent]
    async for row in _sql.find_shifts(tx, begin=begin, end=end, silent=people, positions=positions):
        found.setdefault(row["team_id"], []).append(_shift(row))
    return found


async def team_shifts(tx: Transaction, team_id: UUID, begin: datetime, end: datetime) -> list[Shift]:
    """The shifts of a team that touch a stretch of time, of reachable people and others, by level and time."""
    return [_shift(row) async for row in _sql.find_team_shifts(tx, team_id=team_id, begin=begin, end=end)]


async def on_call(tx: Transaction, team_id: UUID, level: Level, at: datetime) -> list[Shift]:
    """Whoever has a shift of a team at a level at an instant, reachable or not, in order."""
    return [_shift(row) async for row in _sql.find_on_call(tx, team_id=team_id, level=level, at=at)]


async def stretches(
    tx: Transaction, team_id: UUID, level: Level, person_id: UUID, during: tuple[datetime, datetime]
) -> list[tuple[datetime, datetime]]:
    """When somebody has a shift of a team at a level, as far as it touches a stretch of time."""
    begin, end = during
    rows = _sql.find_shifts_of(tx, team_id=team_id, level=level, person_id=person_id, begin=begin, end=end)
    return [(row["begins_at"], row["ends_at"]) async for row in rows]


def _shift(row: Any) -> Shift:
    # Shifts made by an earlier version have a kind and no grounds.
    grounds = Grounds.model_validate({"kind": row["because"]} | row["grounds"])
    return Shift(row["handle"], Level(row["level"]), row["position"], row["begins_at"], row["ends_at"], grounds)
