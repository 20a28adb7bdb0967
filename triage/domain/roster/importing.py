"""Shifts written by hand in a table or a calendar, taken into a roster so that nothing changes that is so already.

Where the lines tell of a level, from the first to the last, they are what is written by hand there; what rotations,
overrides, swaps and leave make stays. So what was exported changes nothing when it is imported.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

from schemas.terms import Level
from triage.domain.roster.rules import ByHand, Roster
from triage.domain.roster.shifts import Changes, Shift, materialise
from triage.domain.roster.stretches import Stretch, without
from triage.domain.roster.wall import instant, on_wall

_DUTY = attrgetter("level", "person", "position", "begins", "ends")
"""What makes two shifts one, wherever they were written."""


@dataclass(frozen=True, slots=True)
class Line:
    """One shift of a file, with the number of its line."""

    number: int
    level: Level
    person: str
    begins_at: datetime
    ends_at: datetime
    position: int = 1

    @property
    def stretch(self) -> Stretch:
        """From–until."""
        return self.begins_at, self.ends_at


@dataclass(frozen=True, slots=True)
class Difference:
    """What an import changes: shifts, or parts of them, that are no longer, and those that are new."""

    gone: tuple[Shift, ...]
    new: tuple[Shift, ...]


def imported(roster: Roster, lines: Iterable[Line], during: Stretch, changes: Changes) -> tuple[Roster, list[Line]]:
    """The roster with the lines as far as they lie in `during`, and those of them that it cannot say.

    What is past or further ahead stays as it is. A line cannot be said that begins or ends in the second of two hours
    which look the same on the wall.
    """
    zone = ZoneInfo(roster.time_zone)
    wanted = [cut for each in lines if (cut := _cut(each, during))]
    made = [shift for shift in materialise(roster, *during, changes) if shift.grounds.kind == "by_hand"]
    kept = [part for each in roster.shifts for part in _kept(each, wanted, made, zone)]
    base = roster.model_copy(update={"shifts": tuple(kept)})
    here = materialise(base, *during, changes)
    missing = [each for each in wanted if _is_missing(each, here)]
    unsaid = [each for each in missing if any(instant(on_wall(at, zone), zone) != at for at in each.stretch)]
    new = [_by_hand(each, zone) for each in missing if each not in unsaid]
    return base.model_copy(update={"shifts": (*kept, *new)}), unsaid


def difference(before: Roster, after: Roster, during: Stretch, changes: Changes) -> Difference:
    """What becomes of the shifts of a time when one roster takes the place of the other."""
    was, will = (materialise(each, *during, changes) for each in (before, after))
    return Difference(
        tuple(left for each in was for left in _beyond(each, will)),
        tuple(left for each in will for left in _beyond(each, was)),
    )


def with_imported(roster: Roster, before: Roster, now: datetime) -> tuple[Roster, list[ByHand]]:
    """A roster that takes the place of another, with what an import had added and is not over; and which it is."""
    zone = ZoneInfo(before.time_zone)
    written = set(map(_DUTY, roster.shifts))
    kept = [
        each
        for each in before.shifts
        if each.is_imported and instant(each.ends, zone) > now and _DUTY(each) not in written
    ]
    return roster.model_copy(update={"shifts": (*roster.shifts, *kept)}), kept


def _cut(line: Line, during: Stretch) -> Line | None:
    begins, ends = max(line.begins_at, during[0]), min(line.ends_at, during[1])
    return Line(line.number, line.level, line.person, begins, ends, line.position) if begins < ends else None


def _kept(hand: ByHand, wanted: Sequence[Line], made: Sequence[Shift], zone: ZoneInfo) -> Iterator[ByHand]:
    """What stays of a shift by hand: all but what was made of it, within reach of the lines, that no line names."""
    of = [each for each in wanted if each.level is hand.level]
    whole = (instant(hand.begins, zone), instant(hand.ends, zone))
    pieces = [
        (each.begins_at, each.ends_at)
        for each in made
        if (each.person, each.level, each.position) == (hand.person, hand.level, hand.position)
        and whole[0] <= each.begins_at
        and each.ends_at <= whole[1]
    ]
    named = [each.stretch for each in of if (each.person, each.position) == (hand.person, hand.position)]
    reach = (
        min((each.begins_at for each in of), default=whole[1]),
        max((each.ends_at for each in of), default=whole[0]),
    )
    told = [(max(begins, reach[0]), min(ends, reach[1])) for begins, ends in pieces]
    gone = [left for piece in told if piece[0] < piece[1] for left in without(piece, named)]
    for begins, ends in without(whole, gone):
        yield hand.model_copy(update={"begins": on_wall(begins, zone), "ends": on_wall(ends, zone)})


def _is_missing(line: Line, made: Sequence[Shift]) -> bool:
    there = [
        (each.begins_at, each.ends_at) for each in made if (each.person, each.level) == (line.person, line.level)
    ]
    return bool(without(line.stretch, there))


def _by_hand(line: Line, zone: ZoneInfo) -> ByHand:
    begins, ends = on_wall(line.begins_at, zone), on_wall(line.ends_at, zone)
    return ByHand(
        level=line.level, person=line.person, position=line.position, begins=begins, ends=ends, is_imported=True
    )


def _beyond(shift: Shift, others: Iterable[Shift]) -> Iterator[Shift]:
    """What of a shift is in none of others: the same person at the same place, on whatever grounds."""
    same = [
        (each.begins_at, each.ends_at)
        for each in others
        if (each.person, each.level, each.position) == (shift.person, shift.level, shift.position)
    ]
    for begins, ends in without((shift.begins_at, shift.ends_at), same):
        yield replace(shift, begins_at=begins, ends_at=ends)
