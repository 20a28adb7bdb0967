"""Shifts as lines of a table (CSV) or a calendar (iCalendar): read, each fault named by its line, and written."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from infra import ical
from infra.ical import CalendarUnreadable, Event
from schemas.terms import Level
from triage.domain.roster import Shift, instant
from triage.domain.roster.importing import Line

COLUMNS = ("level", "position", "person", "begins", "ends", "because")
NEEDED = ("level", "person", "begins", "ends")
TITLE = re.compile(r"(?P<level>[a-z]+)(?: (?P<position>[0-9]+))? ?: ?(?P<person>[a-z0-9-]+)")
"""What the title of an event says: `first: cam-baker`, or `first 2: cam-baker` for the second place."""
MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line. `key` names the sentence, `values` fill it."""

    number: int
    key: str
    values: Mapping[str, object]


class LinesRefused(Exception):
    """A file of shifts that cannot be taken: its faults, by line. Nothing was changed."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(f"line {each.number}: {each.key}" for each in self.faults))


class _Wrong(Exception):
    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def read_csv(raw: bytes, zone: ZoneInfo) -> list[Line]:
    """The shifts of a table with a row of names: level, person, begins, ends, and position where it is not 1.

    Times are ISO 8601, on the wall of the zone unless they have an offset. Other columns are left alone. LinesRefused
    names every line that cannot be read.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LinesRefused([Fault(1 + raw.count(b"\n", 0, error.start), "roster_lines_not_utf8", {})]) from None
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    missing = [name for name in NEEDED if name not in (table.fieldnames or ())]
    if missing:
        raise LinesRefused([Fault(1, "roster_lines_no_column", {"columns": ", ".join(missing)})])
    given: list[tuple[int, Mapping[str, str | None]]] = []
    try:
        given += [(table.line_num, row) for row in table]
    except csv.Error:
        raise LinesRefused([Fault(table.line_num + 1, "roster_lines_not_csv", {})]) from None
    return _all(given, zone)


def read_ics(raw: bytes, zone: ZoneInfo) -> list[Line]:
    """The shifts of a calendar: the title of each event says level and person (`TITLE`). LinesRefused as above."""
    try:
        events = ical.read(raw)
    except CalendarUnreadable as error:
        raise LinesRefused([Fault(error.line, f"roster_lines_{error.why}", {})]) from None
    return _all([(each.line, _said(each)) for each in events], zone)


def as_csv(shifts: Iterable[Shift], zone: ZoneInfo) -> bytes:
    """Shifts as a table that `read_csv` reads, with why each is there."""
    written = io.StringIO()
    rows = [(each.level, each.position, each.person, *_times(each, zone), each.grounds.kind) for each in shifts]
    csv.writer(written, lineterminator="\r\n").writerows([COLUMNS, *rows])
    return written.getvalue().encode()


def as_ics(shifts: Iterable[Shift], team: str, now: datetime) -> bytes:
    """Shifts as a calendar that `read_ics` reads; a shift keeps its id while its level, person and beginning stay."""
    return ical.write([_event(each, team) for each in shifts], now)


def _event(shift: Shift, team: str) -> Event:
    place = "" if shift.position == 1 else f" {shift.position}"
    uid = f"{team}-{shift.level}-{shift.position}-{shift.person}-{shift.begins_at:%Y%m%dT%H%M%S}@roster"
    return Event(uid, f"{shift.level}{place}: {shift.person}", shift.begins_at, shift.ends_at)


def _said(event: Event) -> dict[str, str | None]:
    found = TITLE.fullmatch(event.title)
    said: dict[str, str | None] = {**found.groupdict()} if found else {"title": event.title}
    return said | {"begins": event.begins.isoformat(), "ends": event.ends.isoformat()}


def _all(given: Iterable[tuple[int, Mapping[str, str | None]]], zone: ZoneInfo) -> list[Line]:
    lines, faults = [], []
    for number, row in given:
        try:
            lines.append(_line(number, row, zone))
        except _Wrong as wrong:
            faults.append(Fault(number, wrong.key, wrong.values))
    if not lines and not faults:
        faults = [Fault(1, "roster_lines_empty", {})]
    if len(lines) > MOST_LINES:
        faults = [Fault(lines[MOST_LINES].number, "roster_lines_too_many", {"most": MOST_LINES})]
    if faults:
        raise LinesRefused(faults)
    return lines


def _line(number: int, row: Mapping[str, str | None], zone: ZoneInfo) -> Line:
    if "title" in row:
        raise _Wrong("roster_lines_title", given=row["title"])
    say = {name: (row.get(name) or "").strip() for name in (*NEEDED, "position")}
    if say["level"] not in list(Level):
        raise _Wrong("roster_lines_level", given=say["level"])
    at = partial(_instant, zone=zone)
    begins, ends, place = at(say["begins"]), at(say["ends"]), say["position"] or "1"
    if ends <= begins:
        raise _Wrong("roster_lines_order")
    if not place.isascii() or not place.isdecimal() or not 1 <= int(place[:4]) <= 99:
        raise _Wrong("roster_lines_position", given=place)
    return Line(number, Level(say["level"]), say["person"], begins, ends, int(place))


def _instant(written: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise _Wrong("roster_lines_time", given=written) from None
    return at if at.tzinfo is not None else instant(at, zone)


def _times(shift: Shift, zone: ZoneInfo) -> tuple[str, str]:
    return shift.begins_at.astimezone(zone).isoformat(), shift.ends_at.astimezone(zone).isoformat()
