"""ISO weeks on the wall clock of a zone, and months made of whole weeks, so that the two never cut each other."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEK = re.compile(r"(20\d{2})-W(\d{2})")
_MONTH = re.compile(r"(20\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week (ISO 8601), known by its Monday, from midnight to midnight in a zone."""

    monday: date
    zone: str

    @property
    def begins_at(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.monday, time(), ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        return self.moved(1).begins_at

    @property
    def name(self) -> str:
        """As ISO 8601 writes it: `2026-W10`."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def month(self) -> str:
        """The month it counts to, `2026-03`: that of its Thursday, as ISO 8601 gives a week to a year."""
        return f"{self.monday + timedelta(days=3):%Y-%m}"

    def moved(self, weeks: int) -> "Week":
        """The week so many weeks later."""
        return Week(self.monday + timedelta(weeks=weeks), self.zone)


@dataclass(frozen=True, slots=True)
class Period:
    """A week, or a month of four or five whole weeks."""

    name: str
    weeks: tuple[Week, ...]

    @property
    def is_month(self) -> bool:
        """Whether it is a month."""
        return len(self.weeks) > 1

    @property
    def begins_at(self) -> datetime:
        """Its first instant."""
        return self.weeks[0].begins_at

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        return self.weeks[-1].ends_at

    @property
    def first_day(self) -> date:
        """Its first day."""
        return self.weeks[0].monday

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.weeks[-1].monday + timedelta(days=6)


def week_of(at: datetime, zone: str) -> Week:
    """The week an instant lies in."""
    day = at.astimezone(ZoneInfo(zone)).date()
    return Week(day - timedelta(days=day.weekday()), zone)


def period(name: str, zone: str) -> Period:
    """The week `2026-W10` or the month `2026-03`; ValueError when it is neither."""
    if found := _WEEK.fullmatch(name):
        return Period(name, (Week(date.fromisocalendar(int(found[1]), int(found[2]), 1), zone),))
    if found := _MONTH.fullmatch(name):
        first = date(int(found[1]), int(found[2]), 1)
        earliest = Week(first - timedelta(days=first.weekday()), zone)
        return Period(name, tuple(each for each in map(earliest.moved, range(6)) if each.month == name))
    raise ValueError(f"{name} is neither a week nor a month")


def offered(now: datetime, zone: str, weeks: int = 13) -> tuple[list[str], list[str]]:
    """The weeks and months that can be chosen, newest first, the present ones included."""
    present = week_of(now, zone)
    back = [present.moved(-number) for number in range(weeks)]
    return [each.name for each in back], list(dict.fromkeys(each.month for each in back))
