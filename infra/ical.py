"""iCalendar (RFC 5545), read and written: events with a beginning, an end and a title. Here alone is the library."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import icalendar

MOST_BYTES = 2_000_000
BEGINS = re.compile(rb"(?im)^BEGIN:VEVENT[ \t]*\r?$")
REPEATS = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
MAKER = "-//shifts//calendar//EN"  # says nothing of what the shifts are for


class CalendarUnreadable(Exception):
    """A calendar that cannot be taken: `line` is the first of the event at fault, or 1; `why` a word of `WHYS`."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


WHYS = ("not_a_calendar", "event_broken", "event_repeats", "zone_unknown")


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Without an offset its times are those on the wall of whoever reads it."""

    uid: str
    title: str
    begins: datetime
    ends: datetime
    line: int = 0


def write(events: Iterable[Event], now: datetime) -> bytes:
    """A calendar of events, their times in UTC; `now` is when it was written."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    for each in events:
        event = icalendar.Event()
        event.add("uid", each.uid)
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", each.begins.astimezone(UTC))
        event.add("dtend", each.ends.astimezone(UTC))
        event.add("summary", each.title)
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def read(raw: bytes) -> list[Event]:
    """Every event of a calendar but those called off; CalendarUnreadable names the line of the first that is none.

    A whole day begins and ends at midnight. An event that repeats is refused: each must be there by itself.
    """
    lines = [raw.count(b"\n", 0, each.start()) + 1 for each in BEGINS.finditer(raw)]
    try:
        found = icalendar.Calendar.from_ical(raw).walk("VEVENT") if len(raw) <= MOST_BYTES else []
    except ValueError:
        found = []
    if not found or len(found) != len(lines):
        raise CalendarUnreadable(1, "not_a_calendar")
    return [_event(each, line) for each, line in zip(found, lines, strict=True) if not _is_off(each)]


def _is_off(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _event(event: Any, line: int) -> Event:
    if any(name in event for name in REPEATS):
        raise CalendarUnreadable(line, "event_repeats")
    if event.errors:
        raise CalendarUnreadable(line, "event_broken")
    try:
        begins, ends = _time(event.start), _time(event.end)
    except ValueError:
        raise CalendarUnreadable(line, "event_broken") from None
    for name, at in (("DTSTART", begins), ("DTEND", ends)):
        if at.tzinfo is None and name in event and "TZID" in event[name].params:
            raise CalendarUnreadable(line, "zone_unknown")
    return Event(str(event.get("UID", "")), str(event.get("SUMMARY", "")).strip(), begins, ends, line)


def _time(at: date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time())
