"""From rules to shifts: rotations and shifts by hand, then overrides, then granted swaps, then leave.

Each step changes what the one before made, and every shift keeps the grounds on which its person has it. Leave comes
last: whatever else is written, nobody is on call while on leave.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from schemas.terms import Level
from triage.domain.roster.rules import Override, Roster
from triage.domain.roster.stretches import Stretch, turns, without
from triage.domain.roster.wall import instant, on_wall

MADE_AHEAD = timedelta(days=35)
WATCHED_AHEAD = timedelta(days=30)
MARGIN = timedelta(days=2)
"""How much further rules are read on the wall than the instants asked for: more than any change of clocks."""

Kind = Literal["rotation", "by_hand", "override", "swap"]
Step = Literal["override", "swap", "leave"]


class Grounds(BaseModel):
    """Why somebody has a shift: by which kind of rule, and of a change in whose place, and what gave it to them.

    `every` is the length of a rotation's turn, None for a stretch each; `swap_id` and `on`, the day it was granted
    there, are those of a swap.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind = "rotation"
    every: timedelta | None = None
    swap_id: UUID | None = None
    on: date | None = None
    instead_of: str | None = None
    replaced: "Grounds | None" = None


@dataclass(frozen=True, slots=True)
class Shift:
    """One person on call at one level, from until."""

    person: str
    level: Level
    position: int
    begins_at: datetime
    ends_at: datetime
    grounds: Grounds = Grounds()  # noqa: RUF009 - it is frozen


@dataclass(frozen=True, slots=True)
class Swap:
    """A granted swap, or one half of it: at a level, from–until, `taker` has what was `giver`'s."""

    swap_id: UUID
    level: Level
    giver: str
    taker: str
    begins_at: datetime
    ends_at: datetime
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody is away, at every level."""

    person: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What people changed about a roster: swaps in the order in which they were granted, and leave."""

    swaps: Sequence[Swap] = ()
    leaves: Sequence[Leave] = ()


NOTHING = Changes()


def materialise(roster: Roster, begin: datetime, end: datetime, changes: Changes = NOTHING) -> list[Shift]:
    """The shifts of a roster between two instants, cut at both, in order."""
    *_, (_, shifts) = steps(roster, (begin, end), changes)
    return sorted(shifts, key=lambda shift: (shift.level, shift.begins_at, shift.position, shift.person))


def steps(roster: Roster, during: Stretch, changes: Changes) -> Iterator[tuple[Step | None, list[Shift]]]:
    """The shifts after each step, with its name: of the rules alone (None), after overrides, swaps and leave."""
    zone = ZoneInfo(roster.time_zone)
    shifts = [*_of_rotations(roster, zone, during), *_by_hand(roster, zone)]
    shifts = _merged(shifts)
    yield None, _settled(shifts, during)
    for override in roster.overrides:
        shifts = _overridden(shifts, override, roster)
    yield "override", _settled(shifts, during)
    for swap in changes.swaps:
        shifts = _swapped(shifts, swap, zone)
    yield "swap", _settled(shifts, during)
    for leave in changes.leaves:
        away = (leave.begins_at, leave.ends_at)
        shifts = [left for each in shifts for left in (_cut(each, away) if each.person == leave.person else (each,))]
    yield "leave", _settled(shifts, during)


def joined(shifts: Iterable[Shift]) -> list[Shift]:
    """Shifts that meet at one place on the same grounds, as one each, by their beginning: they are made in pieces."""
    found: dict[tuple[str, Level, int], list[Shift]] = {}
    for shift in sorted(shifts, key=lambda each: each.begins_at):
        of = found.setdefault((shift.person, shift.level, shift.position), [])
        if of and (of[-1].ends_at, of[-1].grounds) == (shift.begins_at, shift.grounds):
            of[-1] = replace(of[-1], ends_at=shift.ends_at)
        else:
            of.append(shift)
    return sorted((each for of in found.values() for each in of), key=lambda each: (each.begins_at, each.position))


def _of_rotations(roster: Roster, zone: ZoneInfo, during: Stretch) -> Iterator[Shift]:
    within = (on_wall(during[0], zone) - MARGIN, on_wall(during[1], zone) + MARGIN)
    for rotation in roster.rotations:
        grounds = Grounds(every=rotation.every)
        for person, (begins, ends) in turns(rotation, roster.holidays, within):
            times = (instant(begins, zone), instant(ends, zone))
            yield Shift(person, rotation.level, rotation.position, *times, grounds)


def _by_hand(roster: Roster, zone: ZoneInfo) -> Iterator[Shift]:
    for each in roster.shifts:
        times = (instant(each.begins, zone), instant(each.ends, zone))
        yield Shift(each.person, each.level, each.position, *times, Grounds(kind="by_hand"))


def _overridden(shifts: Sequence[Shift], override: Override, roster: Roster) -> list[Shift]:
    """Whoever is added stands where the removed person stood, and elsewhere in the stretch behind all others."""
    zone = ZoneInfo(roster.time_zone)
    during = (instant(override.begins, zone), instant(override.ends, zone))
    changed: list[Shift] = []
    filled: list[Stretch] = []
    for shift in shifts:
        is_touched = shift.level is override.level and shift.person in (override.add, override.remove)
        changed += _cut(shift, during) if is_touched else (shift,)
        both = _both(shift, during) if is_touched and shift.person == override.remove else None
        if both and override.add:
            grounds = Grounds(kind="override", instead_of=shift.person, replaced=shift.grounds)
            changed.append(Shift(override.add, override.level, shift.position, *both, grounds))
            filled.append(both)
    if override.add is None:
        return changed
    last = roster.last_position(override.level) + 1
    grounds = Grounds(kind="override")
    return changed + [Shift(override.add, override.level, last, *left, grounds) for left in without(during, filled)]


def _swapped(shifts: Sequence[Shift], swap: Swap, zone: ZoneInfo) -> list[Shift]:
    during = (swap.begins_at, swap.ends_at)
    changed: list[Shift] = []
    for shift in shifts:
        both = _both(shift, during) if (shift.level, shift.person) == (swap.level, swap.giver) else None
        if both is None:
            changed.append(shift)
            continue
        grounds = Grounds(
            kind="swap",
            swap_id=swap.swap_id,
            on=on_wall(swap.granted_at, zone).date(),
            instead_of=swap.giver,
            replaced=shift.grounds,
        )
        taken = replace(shift, person=swap.taker, begins_at=both[0], ends_at=both[1], grounds=grounds)
        changed += [*_cut(shift, during), taken]
    return changed


def _cut(shift: Shift, away: Stretch) -> Iterator[Shift]:
    """What is left of a shift when a stretch is taken from it."""
    for begins, ends in without((shift.begins_at, shift.ends_at), [away]):
        yield replace(shift, begins_at=begins, ends_at=ends)


def _both(shift: Shift, during: Stretch) -> Stretch | None:
    begins, ends = max(shift.begins_at, during[0]), min(shift.ends_at, during[1])
    return (begins, ends) if begins < ends else None


def _settled(shifts: Iterable[Shift], during: Stretch) -> list[Shift]:
    inside = ((shift, _both(shift, during)) for shift in shifts)
    return _merged(replace(shift, begins_at=both[0], ends_at=both[1]) for shift, both in inside if both)


def _merged(shifts: Iterable[Shift]) -> list[Shift]:
    """One person is at one level once at a time: where two rules say so, the earlier rule's shift holds.

    Their order stays, so that the same one is the earlier wherever the making begins.
    """
    kept: list[Shift] = []
    of: dict[tuple[str, Level], list[Shift]] = {}
    for shift in shifts:
        others = of.setdefault((shift.person, shift.level), [])
        touching = (each for each in others if each.begins_at < shift.ends_at and shift.begins_at < each.ends_at)
        left = without((shift.begins_at, shift.ends_at), [(each.begins_at, each.ends_at) for each in touching])
        new = [replace(shift, begins_at=begins, ends_at=ends) for begins, ends in left]
        others += new
        kept += new
    return kept
