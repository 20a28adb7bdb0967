"""Stretches of time on the wall: the turns of a rotation, cut to the windows in which it works.

All of it is counted on the wall and becomes instants last, so a handover at 08:00 is at 08:00 on both sides of
daylight saving, and what meets on the wall neither overlaps nor leaves a hole.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from triage.domain.roster.rules import Rotation, Window, is_of

DAY = timedelta(days=1)

Stretch = tuple[datetime, datetime]
"""From–until; two times on the wall without an offset, or two instants."""


def turns(rotation: Rotation, calendar: str | None, within: Stretch) -> Iterator[tuple[str, Stretch]]:
    """Who of a rotation is on call when, as far as it touches `within`, in order of time."""
    every = rotation.every
    found = _by_stretch(rotation, calendar, within) if every is None else _by_time(rotation, every, calendar, within)
    away = list(_windows(rotation.except_during, calendar, within))
    for person, stretch in found:
        for left in without(stretch, away):
            yield person, left


def without(stretch: Stretch, taken: Iterable[Stretch]) -> list[Stretch]:
    """What is left of a stretch when others are taken away."""
    left = [stretch]
    for begins, ends in taken:
        left = [
            piece
            for old in left
            for piece in ((old[0], min(old[1], begins)), (max(old[0], ends), old[1]))
            if piece[0] < piece[1]
        ]
    return left


def _by_time(
    rotation: Rotation, every: timedelta, calendar: str | None, within: Stretch
) -> Iterator[tuple[str, Stretch]]:
    first = datetime.combine(rotation.starts_on, rotation.handover)
    works = together(_windows(rotation.during, calendar, within))
    number = max(0, (within[0] - first) // every)
    while (begins := first + number * every) < within[1]:
        turn = (begins, begins + every)
        person = rotation.people[number % len(rotation.people)]
        for piece in [turn] if not rotation.during else _both(turn, works):
            yield person, piece
        number += 1


def _by_stretch(rotation: Rotation, calendar: str | None, within: Stretch) -> Iterator[tuple[str, Stretch]]:
    """The next person with each stretch since the rotation began; where two overlap the earlier one ends first."""
    first = datetime.combine(rotation.starts_on, rotation.handover)
    number, reached = 0, first
    for begins, ends in _windows(rotation.during, calendar, (first, within[1])):
        piece = (max(begins, reached), ends)
        if piece[0] >= piece[1]:
            continue
        if piece[1] > within[0]:
            yield rotation.people[number % len(rotation.people)], piece
        number, reached = number + 1, ends


def _windows(windows: Sequence[Window], calendar: str | None, within: Stretch) -> Iterator[Stretch]:
    """Every stretch of windows that touches `within`, by its beginning."""
    day, last = within[0].date() - DAY, within[1].date()
    while windows and day <= last:
        for stretch in sorted(_stretch(each, day) for each in windows if is_of(each, day, calendar)):
            if stretch[1] > within[0] and stretch[0] < within[1]:
                yield stretch
        day += DAY


def together(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches that meet or overlap, as one each; they come by their beginning."""
    found: list[Stretch] = []
    for begins, ends in stretches:
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _stretch(window: Window, day: date) -> Stretch:
    ends = day if window.ends > window.begins else day + DAY
    return datetime.combine(day, window.begins), datetime.combine(ends, window.ends)


def _both(stretch: Stretch, others: Iterable[Stretch]) -> Iterator[Stretch]:
    for begins, ends in others:
        both = (max(stretch[0], begins), min(stretch[1], ends))
        if both[0] < both[1]:
            yield both
