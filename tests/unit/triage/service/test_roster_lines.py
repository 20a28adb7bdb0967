"""Shifts as lines of a table or calendar: what is read, what is refused by its line, and what an import changes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.terms import Level
from tests.unit.triage.service.test_roster_changes import (
    BEGIN,
    END,
    HOUR,
    changes,
    levels,
    people,
    roster,
    stretches,
    written,
)
from triage.domain.roster import NOTHING, Changes, Roster, materialise
from triage.domain.roster.importing import Line, difference, imported
from triage.handlers.lines import LinesRefused, as_csv, as_ics, read_csv, read_ics

LONDON = ZoneInfo("Europe/London")
DURING = (BEGIN, END)
HEAD = "level,position,person,begins,ends\n"


@st.composite
def by_hand(draw: Any) -> dict[str, Any]:
    begins, ends = draw(stretches)
    times = {"begins": begins.replace(tzinfo=None), "ends": ends.replace(tzinfo=None)}
    return times | {"level": draw(levels), "person": draw(people), "position": draw(st.integers(1, 3))}


hand_written = st.builds(
    lambda overrides, shifts: roster(overrides, shifts=shifts),
    st.lists(written(), max_size=3),
    st.lists(by_hand(), max_size=4),
)


@settings(deadline=None)
@given(rules=hand_written, change=changes, form=st.sampled_from(["csv", "ics"]), later=st.integers(0, 30))
def test_what_was_exported_changes_nothing_when_it_is_imported(
    rules: Roster, change: Changes, form: str, later: int
) -> None:
    made = materialise(rules, *DURING, change)
    lines = read_csv(as_csv(made, LONDON), LONDON) if form == "csv" else read_ics(as_ics(made, "x", BEGIN), LONDON)
    assert [(each.person, each.level, each.position, *each.stretch) for each in lines] == [
        (each.person, each.level, each.position, each.begins_at, each.ends_at) for each in made
    ]

    during = (BEGIN + later * HOUR, END)
    after, unsaid = imported(rules, lines, during, change)

    assert unsaid == []
    found = difference(rules, after, (BEGIN, END + timedelta(days=3)), change)
    assert (found.gone, found.new) == ((), ())
    assert len(after.shifts) == len(rules.shifts)


def line(person: str, begins: int, ends: int, level: Level = Level.FIRST, position: int = 1) -> Line:
    return Line(2, level, person, BEGIN + begins * HOUR, BEGIN + ends * HOUR, position)


def hand(person: str, begins: int, ends: int) -> dict[str, Any]:
    times = ((BEGIN + hours * HOUR).astimezone(LONDON).replace(tzinfo=None) for hours in (begins, ends))
    return {"level": "lead", "person": person} | dict(zip(("begins", "ends"), times, strict=True))


def take(rules: Roster, *lines: Line, change: Changes = NOTHING) -> list[tuple[str, int, int]]:
    after, unsaid = imported(rules, lines, DURING, change)
    assert unsaid == []
    return [
        (each.person, (each.begins_at - BEGIN) // HOUR, (each.ends_at - BEGIN) // HOUR)
        for each in materialise(after, *DURING, change)
        if each.level is Level.LEAD
    ]


def test_where_lines_tell_of_a_level_they_are_what_is_written_by_hand_there() -> None:
    rules = roster(shifts=[hand("ann", 0, 8), hand("bob", 8, 16), hand("cat", 16, 24), hand("dan", 30, 40)])
    lead = Level.LEAD

    assert take(rules, line("ann", 0, 8, lead), line("dan", 8, 16, lead)) == [
        ("ann", 0, 8),
        ("dan", 8, 16),
        ("cat", 16, 24),
        ("dan", 30, 40),
    ]
    assert take(rules, line("ann", 0, 4, lead), line("bob", 16, 20, lead)) == [
        ("ann", 0, 4),
        ("bob", 16, 20),
        ("cat", 20, 24),
        ("dan", 30, 40),
    ]


def test_a_level_of_which_no_line_tells_stays_as_it_is() -> None:
    rules = roster(shifts=[hand("ann", 0, 8)])
    assert take(rules, line("dan", 0, 8, Level.MANAGER)) == [("ann", 0, 8)]


def test_a_shift_by_hand_that_was_past_when_the_file_was_read_stays() -> None:
    rules = roster(shifts=[hand("ann", -10, 4)])
    after, _ = imported(rules, [line("bob", -10, 4, Level.LEAD)], DURING, NOTHING)
    told = [(each.person, each.begins.isoformat(), each.ends.isoformat()) for each in after.shifts]
    assert told == [
        ("ann", "2026-10-19T15:00:00", "2026-10-20T01:00:00"),
        ("bob", "2026-10-20T01:00:00", "2026-10-20T05:00:00"),
    ]


def test_who_is_there_by_a_rotation_is_not_written_again() -> None:
    rules = roster()
    (first, *_) = [each for each in materialise(rules, *DURING) if each.level is Level.BACKUP]
    again = Line(2, first.level, first.person, first.begins_at, first.ends_at, 3)
    assert imported(rules, [again], DURING, NOTHING) == (rules, [])


def test_an_hour_that_comes_twice_can_only_be_said_the_first_time() -> None:
    falls = datetime(2026, 10, 25, 1, tzinfo=UTC)
    said = Line(4, Level.LEAD, "ann", falls, falls + 8 * HOUR)
    assert imported(roster(), [said], DURING, NOTHING) == (roster(), [said])
    before = Line(5, Level.LEAD, "ann", falls - HOUR, falls + HOUR)
    assert imported(roster(), [before], DURING, NOTHING)[1] == []


def test_local_times_other_columns_and_tables_with_semicolons_are_read() -> None:
    told = "person;level;begins;ends;note\r\ncam-baker;first;2026-07-01 08:00;2026-07-01T20:00+00:00;x\r\n"
    (read,) = read_csv(b"\xef\xbb\xbf" + told.encode(), LONDON)
    at = datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert read == Line(2, Level.FIRST, "cam-baker", at, at + 13 * HOUR)


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        (b"", [(1, "roster_lines_no_column")]),
        (b"level,person\nfirst,ann\n", [(1, "roster_lines_no_column")]),
        (HEAD.encode(), [(1, "roster_lines_empty")]),
        (HEAD.encode() + b"first,1,ann,\xff,x\n", [(2, "roster_lines_not_utf8")]),
        (
            (HEAD + "frist,1,ann,2026-01-01,2026-01-02\nfirst,1,ann,today,2026-01-02\n").encode(),
            [(2, "roster_lines_level"), (3, "roster_lines_time")],
        ),
        (
            (HEAD + "first,0,ann,2026-01-01,2026-01-02\nfirst,1,ann,2026-01-02,2026-01-02\nfirst\n").encode(),
            [(2, "roster_lines_position"), (3, "roster_lines_order"), (4, "roster_lines_time")],
        ),
        ((HEAD + 'first,1,"ann,2026-01-01,2026-01-02\n').encode(), [(2, "roster_lines_time")]),
        ((HEAD + "first,1," + "a" * 140_000).encode(), [(2, "roster_lines_not_csv")]),
    ],
)
def test_every_line_of_a_table_that_cannot_be_read_is_named(raw: bytes, faults: list[tuple[int, str]]) -> None:
    with pytest.raises(LinesRefused) as refused:
        read_csv(raw, LONDON)
    assert [(each.number, each.key) for each in refused.value.faults] == faults


def calendar(*events: str) -> bytes:
    inside = "".join(f"BEGIN:VEVENT\r\n{each}\r\nEND:VEVENT\r\n" for each in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n".encode()


WHOLE = "SUMMARY:first 2: cam-baker\r\nDTSTART;VALUE=DATE:20260701\r\nDTEND;VALUE=DATE:20260702"
TIMES = "DTSTART;TZID=Asia/Shanghai:20260701T080000\r\nDURATION:PT1H"


def test_whole_days_zones_lengths_and_what_was_called_off_are_understood() -> None:
    off = "SUMMARY:lunch\r\nSTATUS:CANCELLED\r\nDTSTART:20260701T120000\r\nDTEND:20260701T130000"
    day, hour = read_ics(calendar(WHOLE, off, f"SUMMARY:lead: cam-doyle\r\n{TIMES}"), LONDON)
    begins = datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert day == Line(3, Level.FIRST, "cam-baker", begins, begins + 24 * HOUR, 2)
    assert (hour.number, hour.person, hour.begins_at, hour.ends_at) == (
        14,
        "cam-doyle",
        begins + HOUR,
        begins + 2 * HOUR,
    )


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"garbage", (1, "roster_lines_not_a_calendar")),
        (calendar(), (1, "roster_lines_not_a_calendar")),
        (calendar(WHOLE)[:-30], (1, "roster_lines_not_a_calendar")),
        (calendar(WHOLE, WHOLE + "\r\nRRULE:FREQ=DAILY"), (8, "roster_lines_event_repeats")),
        (calendar("SUMMARY:first: ann\r\nDTSTART:soon"), (3, "roster_lines_event_broken")),
        (calendar("SUMMARY:first: ann"), (3, "roster_lines_event_broken")),
        (
            calendar("SUMMARY:first: ann\r\n" + TIMES.replace("Asia/Shanghai", "Nowhere")),
            (3, "roster_lines_zone_unknown"),
        ),
        (calendar("SUMMARY:Dinner with ann\r\n" + TIMES), (3, "roster_lines_title")),
        (calendar("SUMMARY:second: ann\r\n" + TIMES), (3, "roster_lines_level")),
        (calendar("SUMMARY:first: ann\r\nDTSTART:20260701T080000Z"), (3, "roster_lines_order")),
    ],
)
def test_an_event_that_cannot_be_taken_is_named_by_the_line_it_begins_on(raw: bytes, fault: tuple[int, str]) -> None:
    with pytest.raises(LinesRefused) as refused:
        read_ics(raw, LONDON)
    assert [(each.number, each.key) for each in refused.value.faults] == [fault]
