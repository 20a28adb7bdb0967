"""When something happened, as people write it, and the instant that is meant: of two, the earlier one."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ingest.domain.times import readings

_DAYS_AGO = {"今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2}
_DAY = re.compile(
    r"(?P<word>今天|昨天|前天|today|yesterday)"
    r"|(?:(?P<year>\d{4})[-/.年])(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"|(?P<this_month>\d{1,2})月(?P<this_day>\d{1,2})日?"
)
_BETWEEN = " ,，t"


class Past(NamedTuple):
    """An instant in the past; of a day alone it is the day's beginning."""

    at: datetime
    is_day: bool


def past(written: str, now: datetime, time_zones: Sequence[str]) -> Past | None:
    """The earliest instant that words such as 昨天 16:30, 2026-03-01 or 10:30 name; None when they are not read.

    Early is careful: what a reporter must do runs from when they knew. An instant to come is not read either.
    """
    text = unicodedata.normalize("NFKC", written).strip().lower()
    found = _DAY.match(text)
    clock = text[found.end() if found else 0 :].strip(_BETWEEN)
    named = [each for zone in time_zones for each in _instants(found, clock, now.astimezone(ZoneInfo(zone)))]
    at = min((each for each in named if each <= now), default=None)
    return None if at is None else Past(at, is_day=not clock)


def _instants(found: re.Match[str] | None, clock: str, local: datetime) -> Iterator[datetime]:
    """Every instant that is meant on the wall there."""
    day = _day(found, local.date()) if found else None
    if found and day is None:
        return
    times = [time(*each) for each in readings(clock)] if clock or not day else [time()]
    for each in times:
        if day is not None:
            yield datetime.combine(day, each, local.tzinfo)
        else:
            today = datetime.combine(local.date(), each, local.tzinfo)
            yield today if today <= local else today - timedelta(days=1)


def _day(found: re.Match[str], today: date) -> date | None:
    """The day that is named; without a year the last such day."""
    if found["word"]:
        return today - timedelta(days=_DAYS_AGO[found["word"]])
    if found["year"]:
        return _date(int(found["year"]), int(found["month"]), int(found["day"]))
    month, day = int(found["this_month"]), int(found["this_day"])
    this_year = _date(today.year, month, day)
    return this_year if this_year is None or this_year <= today else _date(today.year - 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    """A date of our time, or None when there is no such day."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if found.year >= 1900 else None
