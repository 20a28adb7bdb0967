"""A time of day as people write it, and the instant that is meant."""

import re
import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

JUST_PASSED = timedelta(hours=2)
"""A time that was passed for less than this is over: an earlier end of safety is the careful reading."""

_WRITTEN = re.compile(
    r"(?P<half>上午|早上|中午|下午|傍晚|晚上|am|pm)?\s*(?P<hours>\d{1,2})\s*"
    r"(?:[:.点时]\s*(?P<minutes>\d{1,2}|半)?\s*分?)?\s*(?P<after>am|pm|a\.m\.|p\.m\.)?"
)
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "pm", "p.m."})
_FORENOON = frozenset({"上午", "早上", "am", "a.m."})


def time_of_day(written: str) -> tuple[int, int] | None:
    """Hours and minutes of 16:30, 4:30 pm, 下午4点半; None when it is no time."""
    found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", written).strip().lower())
    if found is None:
        return None
    hours, half = int(found["hours"]), found["half"] or found["after"]
    minutes = 30 if found["minutes"] == "半" else int(found["minutes"] or 0)
    if half in _AFTERNOON and hours < 12:
        hours += 12
    if half in _FORENOON and hours == 12:
        hours = 0
    return (hours, minutes) if hours < 24 and minutes < 60 else None


def meant(written: str, now: datetime, time_zone: str) -> datetime | None:
    """The instant of a time of day on the wall there: today's, or tomorrow's once today's is long passed."""
    time = time_of_day(written)
    if time is None:
        return None
    local = now.astimezone(ZoneInfo(time_zone))
    at = local.replace(hour=time[0], minute=time[1], second=0, microsecond=0)
    return at if at > local - JUST_PASSED else at + timedelta(days=1)
