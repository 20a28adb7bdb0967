"""A time of day as people write it, and the instant that is meant: where it could be two, the earlier one."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

JUST_PASSED = timedelta(hours=2)
"""A time that was passed for less than this is over: an earlier end of safety is the careful reading."""

_WRITTEN = re.compile(
    r"(?P<half>凌晨|清晨|上午|早上|中午|下午|傍晚|晚上|夜里|半夜|am|pm)?\s*(?P<hours>\d{1,2})\s*"
    r"(?:[:.点时]\s*(?P<minutes>\d{1,2}|半)?\s*分?)?\s*(?P<after>am|pm|a\.m\.|p\.m\.)?"
)
_FORENOON = frozenset({"凌晨", "清晨", "上午", "早上", "am", "a.m."})
_AFTERNOON = frozenset({"下午", "傍晚", "pm", "p.m."})
_NIGHT = frozenset({"晚上", "夜里", "半夜"})
_LAST_HOUR_OF_NIGHT = 4
_FIRST_HOUR_OF_NOON = 11


def readings(written: str) -> tuple[tuple[int, int], ...]:
    """Hours and minutes that 16:30, 4:30 pm, 下午4点半 or 4:30 may mean; two without a half of the day, or none."""
    found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", written).strip().lower())
    if found is None:
        return ()
    hours, half = int(found["hours"]), found["half"] or found["after"]
    minutes = 30 if found["minutes"] == "半" else int(found["minutes"] or 0)
    if hours > 23 or minutes > 59:
        return ()
    return tuple((each, minutes) for each in _hours(hours, half))


def meant(written: str, now: datetime, time_zones: Sequence[str]) -> datetime | None:
    """The instant of a time of day on the wall there: the earliest that any reading and any of the zones gives."""
    return min(_instants(written, now, time_zones), default=None)


def _hours(hours: int, half: str | None) -> tuple[int, ...]:
    """The hours that a number and a half of the day may mean; 晚上12点 is midnight, 晚上1点 the hour after it."""
    if not 1 <= hours <= 12:
        return (hours,)
    early, late = hours % 12, hours % 12 + 12
    if half is None:
        return (early, late)
    if half in _FORENOON:
        return (early,)
    if half in _NIGHT:
        return (early,) if early <= _LAST_HOUR_OF_NIGHT else (late,)
    if half in _AFTERNOON:
        return (late,)
    return (early,) if hours == _FIRST_HOUR_OF_NOON else (late,)


def _instants(written: str, now: datetime, time_zones: Sequence[str]) -> Iterator[datetime]:
    for zone in time_zones:
        local = now.astimezone(ZoneInfo(zone))
        for hours, minutes in readings(written):
            at = local.replace(hour=hours, minute=minutes, second=0, microsecond=0)
            yield at if at > local - JUST_PASSED else at + timedelta(days=1)
