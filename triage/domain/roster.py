"""Rosters: who is on call, from rules to shifts, in local time on both sides of daylight saving.

People are named by their handle, as roster files name them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.terms import Level

MADE_AHEAD = timedelta(days=35)
WATCHED_AHEAD = timedelta(days=30)


def _is_known_zone(name: object) -> object:
    try:
        ZoneInfo(str(name))
    except (KeyError, ValueError):
        raise ValueError(f"{name} is no time zone, such as Asia/Shanghai") from None
    return name


TimeZone = Annotated[str, BeforeValidator(_is_known_zone)]


class Rule(BaseModel):
    """The base of everything in a roster file: closed, so that a mistyped key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rotation(Rule):
    """People in turn at one level: each for `days` days, from local `handover` to local `handover`."""

    level: Level
    people: tuple[str, ...] = Field(min_length=1)
    starts_on: date
    handover: time = time(8, 0)
    days: int = Field(default=7, ge=1, le=366)
    position: int = Field(default=1, ge=1)


class Override(Rule):
    """One stretch of local time in which somebody is added to a level, removed from it, or replaced there."""

    level: Level
    begins: datetime
    ends: datetime
    add: str | None = None
    remove: str | None = None

    @model_validator(mode="after")
    def says_something(self) -> "Override":
        """Refuse an override that changes nothing, or whose end is not after its beginning."""
        if self.add is None and self.remove is None:
            raise ValueError("an override adds or removes somebody")
        if self.begins.tzinfo is not None or self.ends.tzinfo is not None:
            raise ValueError("an override is written in the roster's local time, without an offset")
        if self.ends <= self.begins:
            raise ValueError("an override ends after it begins")
        return self


class Roster(Rule):
    """The rules of one team. `levels` must each have somebody at every hour."""

    team: str
    time_zone: TimeZone
    levels: tuple[Level, ...] = Field(min_length=1)
    rotations: tuple[Rotation, ...] = Field(min_length=1)
    overrides: tuple[Override, ...] = ()

    @property
    def handles(self) -> frozenset[str]:
        """Everybody the roster names."""
        turns = {handle for rotation in self.rotations for handle in rotation.people}
        changes = {handle for each in self.overrides for handle in (each.add, each.remove) if handle}
        return frozenset(turns | changes)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person on call at one level, from until; `because` tells which rule made it."""

    person: str
    level: Level
    position: int
    begins_at: datetime
    ends_at: datetime
    because: Literal["rotation", "override"] = "rotation"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which nobody who can be reached is on call at a level."""

    level: Level
    begins_at: datetime
    ends_at: datetime


def materialise(roster: Roster, begin: datetime, end: datetime) -> list[Shift]:
    """The shifts of a roster between two instants, cut at both, in order."""
    zone = ZoneInfo(roster.time_zone)
    shifts = [shift for rotation in roster.rotations for shift in _turns(rotation, zone, begin, end)]
    for override in roster.overrides:
        shifts = _overridden(shifts, override, zone)
    cut = [shift for each in shifts for shift in _within(each, begin, end)]
    return sorted(_merged(cut), key=lambda shift: (shift.level, shift.begins_at, shift.position, shift.person))


def gaps(shifts: Iterable[Shift], levels: Iterable[Level], begin: datetime, end: datetime) -> list[Gap]:
    """Where a level that must be covered has nobody between two instants."""
    covered = list(shifts)
    return [gap for level in levels for gap in _holes([s for s in covered if s.level is level], level, begin, end)]


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the wall there shows this time: the first of two, or as before the clock sprang."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _turns(rotation: Rotation, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Shift]:
    first_day = begin.astimezone(zone).date() - timedelta(days=rotation.days + 1)
    turn = max(0, (first_day - rotation.starts_on).days // rotation.days)
    while True:
        day = rotation.starts_on + timedelta(days=turn * rotation.days)
        starts = instant(datetime.combine(day, rotation.handover), zone)
        ends = instant(datetime.combine(day + timedelta(days=rotation.days), rotation.handover), zone)
        if starts >= end:
            return
        person = rotation.people[turn % len(rotation.people)]
        yield Shift(person, rotation.level, rotation.position, starts, ends)
        turn += 1


def _overridden(shifts: Sequence[Shift], override: Override, zone: ZoneInfo) -> list[Shift]:
    begins, ends = instant(override.begins, zone), instant(override.ends, zone)
    touched = {override.add, override.remove}
    left = [
        piece
        for shift in shifts
        for piece in (
            _without(shift, begins, ends) if shift.level is override.level and shift.person in touched else (shift,)
        )
    ]
    if override.add is None:
        return left
    positions = [s.position for s in shifts if s.level is override.level and s.person == override.remove]
    position = (
        min(positions) if positions else 1 + max((s.position for s in shifts if s.level is override.level), default=0)
    )
    return [*left, Shift(override.add, override.level, position, begins, ends, "override")]


def _without(shift: Shift, begins: datetime, ends: datetime) -> Iterator[Shift]:
    if shift.ends_at <= begins or ends <= shift.begins_at:
        yield shift
        return
    if shift.begins_at < begins:
        yield replace(shift, ends_at=begins)
    if ends < shift.ends_at:
        yield replace(shift, begins_at=ends)


def _within(shift: Shift, begin: datetime, end: datetime) -> Iterator[Shift]:
    begins, ends = max(shift.begins_at, begin), min(shift.ends_at, end)
    if begins < ends:
        yield replace(shift, begins_at=begins, ends_at=ends)


def _merged(shifts: Iterable[Shift]) -> list[Shift]:
    """One person is at one level once at a time: where two rules say so, the earlier rule's shift holds."""
    kept: list[Shift] = []
    for shift in shifts:
        pieces = [shift]
        for other in kept:
            if (other.person, other.level) == (shift.person, shift.level):
                pieces = [left for piece in pieces for left in _without(piece, other.begins_at, other.ends_at)]
        kept += pieces
    return kept


def _holes(shifts: Iterable[Shift], level: Level, begin: datetime, end: datetime) -> Iterator[Gap]:
    reached = begin
    for shift in sorted(shifts, key=lambda each: each.begins_at):
        if shift.begins_at > reached:
            yield Gap(level, reached, min(shift.begins_at, end))
        reached = max(reached, shift.ends_at)
        if reached >= end:
            return
    yield Gap(level, reached, end)
