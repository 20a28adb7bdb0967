"""What being on call asks of each person: shifts, hours, nights, weekends and holidays, for people to compare."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.terms import Level
from triage.domain.roster import calendars
from triage.domain.roster.shifts import Shift
from triage.domain.roster.stretches import DAY, Stretch, together
from triage.domain.roster.wall import instant, on_wall

NIGHT_AT = time(3)
"""Whoever is on call at this time has had the night: each night of a level counts once, wherever its handover is."""
NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has at one place of a level in a time: whoever stands first is called first.

    `shifts` are unbroken times on call, `nights` those in which 03:00 falls; of the hours which are on Saturdays and
    Sundays, and which on public holidays: an hour may be both.
    """

    person: str
    level: Level
    position: int
    shifts: int
    hours: timedelta
    nights: int
    weekend: timedelta
    holiday: timedelta


def loads(shifts: Iterable[Shift], during: Stretch, zone: ZoneInfo, calendar: str | None) -> list[Load]:
    """What everybody has in a time, by level, place and person; days are those on the wall of the zone."""
    of: dict[tuple[Level, int, str], list[Stretch]] = {}
    for shift in sorted(shifts, key=lambda each: (each.begins_at, each.ends_at)):
        cut = (max(shift.begins_at, during[0]), min(shift.ends_at, during[1]))
        if cut[0] < cut[1]:
            of.setdefault((shift.level, shift.position, shift.person), []).append(cut)
    order = list(Level)
    keys = sorted(of, key=lambda key: (order.index(key[0]), *key[1:]))
    return [_load(key, together(of[key]), (zone, calendar)) for key in keys]


def _load(key: tuple[Level, int, str], held: Sequence[Stretch], where: tuple[ZoneInfo, str | None]) -> Load:
    (level, position, person), (zone, calendar) = key, where
    days = [(day, part) for stretch in held for day, part in _by_day(stretch, zone)]
    return Load(
        person,
        level,
        position,
        len(held),
        sum((ends - begins for begins, ends in held), NOTHING),
        sum(_has_night(day, part, zone) for day, part in days),
        sum((part[1] - part[0] for day, part in days if day.weekday() >= calendars.SATURDAY), NOTHING),
        sum((part[1] - part[0] for day, part in days if calendar and calendars.is_holiday(calendar, day)), NOTHING),
    )


def _by_day(stretch: Stretch, zone: ZoneInfo) -> Iterable[tuple[date, Stretch]]:
    """A stretch cut at the midnights of a zone."""
    day = on_wall(stretch[0], zone).date()
    while (begins := instant(datetime.combine(day, time()), zone)) < stretch[1]:
        ends = instant(datetime.combine(day + DAY, time()), zone)
        if max(begins, stretch[0]) < min(ends, stretch[1]):
            yield day, (max(begins, stretch[0]), min(ends, stretch[1]))
        day += DAY


def _has_night(day: date, part: Stretch, zone: ZoneInfo) -> bool:
    return part[0] <= instant(datetime.combine(day, NIGHT_AT), zone) < part[1]
