"""When nobody is on call at a level."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.terms import Level
from triage.domain.roster.shifts import Shift
from triage.domain.roster.stretches import together, without


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which nobody who can be reached is on call at a level."""

    level: Level
    begins_at: datetime
    ends_at: datetime


def gaps(shifts: Iterable[Shift], levels: Iterable[Level], begin: datetime, end: datetime) -> list[Gap]:
    """Where a level that must be covered has nobody between two instants."""
    covered = sorted(shifts, key=lambda shift: shift.begins_at)
    return [gap for level in levels for gap in _holes([s for s in covered if s.level is level], level, begin, end)]


def beyond(found: Iterable[Gap], known: Sequence[Gap]) -> list[Gap]:
    """What of some gaps is in none of those known."""
    return [
        Gap(gap.level, *left)
        for gap in found
        for left in without(
            (gap.begins_at, gap.ends_at),
            [(each.begins_at, each.ends_at) for each in known if each.level is gap.level],
        )
    ]


def _holes(shifts: Sequence[Shift], level: Level, begin: datetime, end: datetime) -> Iterator[Gap]:
    covered = together((shift.begins_at, shift.ends_at) for shift in shifts)
    return (Gap(level, *left) for left in without((begin, end), covered))
