"""Who is on call, over every night of the year."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.terms import Level
from triage.domain.roster import Gap, Roster, Shift, gaps, materialise

START = datetime(2026, 1, 1, tzinfo=UTC)
LONDON_SPRINGS = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
LONDON_FALLS = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)


def roster(zone: str = "Europe/London", overrides: tuple[dict[str, Any], ...] = (), **rotation: Any) -> Roster:
    given = {"level": "first", "people": ["ann", "bob"], "starts_on": "2026-01-05", "handover": "08:00"}
    return Roster.model_validate(
        {
            "team": "camden",
            "time_zone": zone,
            "levels": ["first"],
            "rotations": [given | rotation],
            "overrides": list(overrides),
        }
    )


zones = st.sampled_from(
    ["Europe/London", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
handovers = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(zone=zones, begin=instants, handover=handovers, days=st.integers(1, 14), people=st.integers(1, 5))
def test_a_rotation_covers_every_instant_once(
    zone: str, begin: datetime, handover: time, days: int, people: int
) -> None:
    handles = [f"person-{n}" for n in range(people)]
    rules = roster(zone, people=handles, handover=handover.isoformat(), days=days, starts_on="2025-12-01")
    end = begin + timedelta(days=35)

    shifts = sorted(materialise(rules, begin, end), key=lambda shift: shift.begins_at)

    assert (shifts[0].begins_at, shifts[-1].ends_at) == (begin, end)
    assert all(one.ends_at == other.begins_at for one, other in pairwise(shifts))
    assert gaps(shifts, rules.levels, begin, end) == []
    if people > 1:
        assert all(one.person != other.person for one, other in pairwise(shifts))


@given(zone=zones, begin=instants, cut=st.integers(1, 34 * 24))
def test_making_shifts_in_two_parts_gives_the_same_people(zone: str, begin: datetime, cut: int) -> None:
    rules, end = roster(zone, starts_on="2025-12-01"), begin + timedelta(days=35)
    middle = begin + timedelta(hours=cut)

    parts = [*materialise(rules, begin, middle), *materialise(rules, middle, end)]

    for shift in materialise(rules, begin, end):
        pieces = [part for part in parts if shift.begins_at <= part.begins_at < shift.ends_at]
        assert {part.person for part in pieces} == {shift.person}


@pytest.mark.parametrize(("around", "hours"), [(LONDON_SPRINGS, 167), (LONDON_FALLS, 169)])
def test_a_week_with_a_change_of_clocks_is_an_hour_off(around: datetime, hours: int) -> None:
    shifts = materialise(roster(), around - timedelta(days=20), around + timedelta(days=20))

    changed = next(shift for shift in shifts if shift.begins_at < around < shift.ends_at)

    assert changed.ends_at - changed.begins_at == timedelta(hours=hours)


@pytest.mark.parametrize(("day", "handover"), [(date(2026, 3, 29), "01:30"), (date(2026, 10, 25), "01:30")])
def test_a_handover_in_the_hour_that_is_skipped_or_doubled_leaves_nobody_out(day: date, handover: str) -> None:
    rules = roster(handover=handover, days=1, starts_on=day.isoformat())
    begin = datetime.combine(day, time(12), UTC) - timedelta(hours=6)

    assert (
        gaps(materialise(rules, begin, begin + timedelta(days=2)), [Level.FIRST], begin, begin + timedelta(days=2))
        == []
    )


def test_an_override_replaces_for_its_stretch_of_local_time() -> None:
    swap = {"level": "first", "add": "cat", "remove": "ann", "begins": "2026-06-03T20:00", "ends": "2026-06-04T08:00"}
    begin = datetime(2026, 6, 1, 7, tzinfo=UTC)
    rules = roster(overrides=(swap,), people=["ann"])

    shifts = sorted(materialise(rules, begin, begin + timedelta(days=7)), key=lambda shift: shift.begins_at)

    assert [(shift.person, shift.grounds.kind) for shift in shifts] == [
        ("ann", "rotation"),
        ("cat", "override"),
        ("ann", "rotation"),
    ]
    assert shifts[1].begins_at == datetime(2026, 6, 3, 19, tzinfo=UTC)
    assert shifts[1].position == 1
    assert gaps(shifts, [Level.FIRST], begin, begin + timedelta(days=7)) == []


def test_a_removal_leaves_a_gap_that_is_named() -> None:
    leave = {"level": "first", "remove": "ann", "begins": "2026-06-03T20:00", "ends": "2026-06-04T08:00"}
    begin = datetime(2026, 6, 1, 7, tzinfo=UTC)
    shifts = materialise(roster(overrides=(leave,), people=["ann"]), begin, begin + timedelta(days=7))

    assert gaps(shifts, [Level.FIRST, Level.BACKUP], begin, begin + timedelta(days=7)) == [
        Gap(Level.FIRST, datetime(2026, 6, 3, 19, tzinfo=UTC), datetime(2026, 6, 4, 7, tzinfo=UTC)),
        Gap(Level.BACKUP, begin, begin + timedelta(days=7)),
    ]


def test_two_rules_put_nobody_twice_at_one_level() -> None:
    begin = datetime(2026, 6, 1, 7, tzinfo=UTC)
    extra = {"level": "first", "add": "ann", "begins": "2026-06-01T08:00", "ends": "2026-06-20T08:00"}
    shifts = materialise(roster(overrides=(extra,)), begin, begin + timedelta(days=14))

    mine = sorted((s for s in shifts if s.person == "ann"), key=lambda shift: shift.begins_at)
    assert all(one.ends_at <= other.begins_at for one, other in pairwise(mine))


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50)), max_size=12))
def test_gaps_and_shifts_together_cover_the_whole_time(spans: list[tuple[int, int]]) -> None:
    begin = datetime(2026, 6, 1, tzinfo=UTC)
    end = begin + timedelta(hours=100)
    hour = timedelta(hours=1)
    shifts = [
        Shift(f"p{n}", Level.FIRST, 1, begin + at * hour, begin + (at + length) * hour)
        for n, (at, length) in enumerate(spans)
    ]
    found = gaps(shifts, [Level.FIRST], begin, end)

    for n in range(100):
        at = begin + n * hour + hour / 2
        is_covered = any(shift.begins_at <= at < shift.ends_at for shift in shifts)
        assert is_covered is not any(gap.begins_at <= at < gap.ends_at for gap in found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Base"},
        {"levels": []},
        {"rotations": []},
        {"rotation": []},
        {"overrides": [{"level": "first", "begins": "2026-06-03T20:00", "ends": "2026-06-04T08:00"}]},
        {"overrides": [{"level": "first", "add": "x", "begins": "2026-06-05T20:00", "ends": "2026-06-04T08:00"}]},
        {"overrides": [{"level": "first", "add": "x", "begins": "2026-06-03T20:00Z", "ends": "2026-06-04T08:00Z"}]},
    ],
)
def test_a_wrong_roster_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Roster.model_validate(roster().model_dump(mode="json") | wrong)
