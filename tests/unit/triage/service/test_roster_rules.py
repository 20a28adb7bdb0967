"""Rules of a roster: turns by hours, days and stretches, windows, holidays, on both sides of daylight saving."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from triage.domain.roster import Roster, Shift, instant, materialise
from triage.domain.roster.wall import on_wall

HOUR = timedelta(hours=1)
BEGIN, END = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2028-01-01")
ZONES = [
    "Europe/London",
    "Asia/Shanghai",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
]
CHANGES = {
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
}
OFFICE = {"days": ["working"], "begins": "08:00", "ends": "18:00"}
PEOPLE = ["ann", "bob", "cat"]

zones = st.sampled_from(ZONES)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
instants = st.datetimes(BEGIN, END).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
days = st.lists(st.sampled_from(["mon", "wed", "sat", "sun", "working", "free", "holiday"]), min_size=1, max_size=3)
windows = st.builds(
    lambda days, begins, ends: {"days": days, "begins": begins.isoformat(), "ends": ends.isoformat()},
    days,
    times,
    times,
)
lengths = st.one_of(
    st.integers(1, 14).map(lambda n: {"days": n}), st.sampled_from([1, 6, 8, 12, 20, 36]).map(lambda n: {"hours": n})
)


def roster(zone: str, *rotations: dict[str, Any], **more: Any) -> Roster:
    given = {"level": "first", "people": PEOPLE, "starts_on": "2025-12-01"}
    rules = [given | each for each in rotations]
    return Roster.model_validate(
        {"team": "x", "time_zone": zone, "levels": ["first"], "holidays": "CN", "rotations": rules} | more
    )


def in_time(shifts: list[Shift]) -> list[Shift]:
    return sorted(shifts, key=lambda shift: shift.begins_at)


def local(shift: Shift, zone: str) -> tuple[str, str, str]:
    zone_ = ZoneInfo(zone)
    begins, ends = on_wall(shift.begins_at, zone_), on_wall(shift.ends_at, zone_)
    return shift.person, f"{begins:%a %m-%d %H:%M}", f"{ends:%a %m-%d %H:%M}"


@settings(deadline=None)
@given(zone=zones, begin=instants, handover=times, length=lengths)
def test_a_rotation_of_any_length_has_neither_hole_nor_overlap(
    zone: str, begin: datetime, handover: time, length: dict[str, int]
) -> None:
    end = begin + timedelta(days=20)

    shifts = in_time(materialise(roster(zone, length | {"handover": handover.isoformat()}), begin, end))

    assert (shifts[0].begins_at, shifts[-1].ends_at) == (begin, end)
    assert all(one.ends_at == other.begins_at for one, other in pairwise(shifts))


@settings(deadline=None)
@given(zone=zones, begin=instants, window=st.lists(windows, min_size=1, max_size=3), length=lengths)
def test_inside_and_outside_of_windows_together_are_every_instant_once(
    zone: str, begin: datetime, window: list[dict[str, Any]], length: dict[str, int]
) -> None:
    end = begin + timedelta(days=20)
    inside = {"during": window, "people": ["ann", "bob"]} | length
    outside = {"except_during": window, "people": ["cat", "dan"]}

    shifts = in_time(materialise(roster(zone, inside, outside), begin, end))

    assert (shifts[0].begins_at, shifts[-1].ends_at) == (begin, end)
    assert all(one.ends_at == other.begins_at for one, other in pairwise(shifts))


@settings(deadline=None)
@given(zone=zones, begin=instants, window=st.lists(windows, min_size=1, max_size=3))
def test_a_turn_for_each_stretch_changes_people_and_covers_the_windows(
    zone: str, begin: datetime, window: list[dict[str, Any]]
) -> None:
    end = begin + timedelta(days=20)
    each = in_time(materialise(roster(zone, {"during": window, "each_stretch": True}), begin, end))
    whole = in_time(materialise(roster(zone, {"during": window, "people": ["ann"]}), begin, end))

    assert sum((s.ends_at - s.begins_at for s in each), timedelta()) == sum(
        (s.ends_at - s.begins_at for s in whole), timedelta()
    )
    assert all(one.ends_at <= other.begins_at for one, other in pairwise(each))
    turns = [PEOPLE.index(shift.person) for shift in each]
    # A stretch that the clock sprang over whole leaves no shift, and its turn is gone.
    assert sum((other - one) % 3 == 1 for one, other in pairwise(turns)) >= len(turns) - 2


@given(
    zone=st.sampled_from(sorted(CHANGES)),
    at=st.integers(0, 1),
    hour=st.integers(4, 11),
    hours=st.sampled_from([12, 24]),
)
def test_the_handover_keeps_its_local_time_on_both_sides_of_daylight_saving(
    zone: str, at: int, hour: int, hours: int
) -> None:
    begin = datetime.combine(CHANGES[zone][at], time(), UTC) - timedelta(days=10)

    shifts = in_time(
        materialise(roster(zone, {"hours": hours, "handover": f"{hour:02}:30"}), begin, begin + timedelta(days=20))
    )

    lengths = {shift.ends_at - shift.begins_at for shift in shifts[1:-1]}
    walls = {on_wall(shift.begins_at, ZoneInfo(zone)).strftime("%H:%M") for shift in shifts[1:]}
    assert walls == {f"{hour:02}:30"} | ({f"{hour + 12:02}:30"} if hours == 12 else set())
    assert len(lengths) == 2


@given(zone=zones, one=st.datetimes(BEGIN, END), apart=st.integers(0, 200))
def test_a_later_time_on_the_wall_is_never_an_earlier_instant(zone: str, one: datetime, apart: int) -> None:
    other = one + timedelta(minutes=apart)
    assert instant(one, ZoneInfo(zone)) <= instant(other, ZoneInfo(zone))


def test_an_hour_the_clock_springs_over_is_the_instant_it_springs() -> None:
    assert instant(datetime.fromisoformat("2026-03-29T01:20"), ZoneInfo("Europe/London")) == datetime(
        2026, 3, 29, 1, tzinfo=UTC
    )
    assert instant(datetime.fromisoformat("2026-10-25T01:20"), ZoneInfo("Europe/London")) == datetime(
        2026, 10, 25, 0, 20, tzinfo=UTC
    )


def test_office_hours_and_the_rest_make_a_week() -> None:
    rules = roster(
        "Asia/Shanghai",
        {"during": [OFFICE], "each_stretch": True, "people": ["ann", "bob"], "starts_on": "2026-11-02"},
        {"except_during": [OFFICE], "people": ["cat"], "starts_on": "2026-11-02", "handover": "00:00"},
    )
    begin = datetime(2026, 11, 12, 16, tzinfo=UTC)

    shifts = in_time(materialise(rules, begin, begin + timedelta(days=4)))

    assert [local(shift, "Asia/Shanghai") for shift in shifts] == [
        ("cat", "Fri 11-13 00:00", "Fri 11-13 08:00"),
        ("bob", "Fri 11-13 08:00", "Fri 11-13 18:00"),
        ("cat", "Fri 11-13 18:00", "Mon 11-16 00:00"),
        ("cat", "Mon 11-16 00:00", "Mon 11-16 08:00"),
        ("ann", "Mon 11-16 08:00", "Mon 11-16 18:00"),
        ("cat", "Mon 11-16 18:00", "Tue 11-17 00:00"),
    ]


@pytest.mark.parametrize(
    ("calendar", "day", "who"),
    [
        ("CN", "2026-10-01", "holiday"),
        ("CN", "2026-10-06", "holiday"),
        ("CN", "2026-10-10", "office"),  # A Saturday worked for the National Day holiday.
        ("CN", "2026-10-17", "weekend"),
        ("GB-ENG", "2026-12-28", "holiday"),  # Boxing Day was a Saturday.
        ("GB-ENG", "2026-10-01", "office"),
        ("GB-ENG", "2026-10-10", "weekend"),
    ],
)
def test_holidays_and_worked_weekends_have_their_own_people(calendar: str, day: str, who: str) -> None:
    rules = roster(
        "Asia/Shanghai",
        {"people": ["office"], "during": [{"days": ["working"]}]},
        {"people": ["weekend"], "during": [{"days": ["free"]}], "except_during": [{"days": ["holiday"]}]},
        {"people": ["holiday"], "during": [{"days": ["holiday"]}]},
        holidays=calendar,
    )
    noon = instant(datetime.fromisoformat(f"{day}T12:00"), ZoneInfo("Asia/Shanghai"))

    (shift,) = materialise(rules, noon, noon + HOUR)

    assert shift.person == who


def test_a_shift_by_hand_needs_no_rotation() -> None:
    by_hand = {"level": "first", "person": "ann", "begins": "2026-03-28T20:00", "ends": "2026-03-29T08:00"}
    rules = roster("Europe/London", shifts=[by_hand])
    begin = datetime(2026, 3, 28, tzinfo=UTC)

    (shift,) = materialise(rules, begin, begin + timedelta(days=3))

    assert (shift.person, shift.grounds.kind, shift.ends_at - shift.begins_at) == ("ann", "by_hand", 11 * HOUR)


@given(day=st.integers(0, 364), minute=st.integers(0, 24 * 60 - 1), zone=zones)
def test_people_of_a_rotation_have_equally_many_turns(day: int, minute: int, zone: str) -> None:
    begin = BEGIN.replace(tzinfo=UTC) + timedelta(days=day, minutes=minute)
    shifts = materialise(roster(zone, {"hours": 8}), begin, begin + timedelta(days=30))
    turns = [sum(shift.person == person for shift in shifts) for person in PEOPLE]
    assert max(turns) - min(turns) <= 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"days": 1, "hours": 12}, "say one of them"),
        ({"each_stretch": True}, "needs `during`"),
        ({"handover": 480}, "in quotes"),
        ({"during": [{"days": ["moon"]}]}, "Input should be 'mon'"),
        ({"during": [{"days": []}]}, "at least 1 item"),
        ({"during": [{"days": ["mon"], "begins": 1080}]}, "in quotes"),
        ({"hours": 0}, "greater than or equal to 1"),
    ],
)
def test_a_wrong_rotation_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        roster("Asia/Shanghai", wrong)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"holidays": "XX"}, "no public holidays are known for XX"),
        ({"holidays": "GB-XXX"}, "no public holidays are known for GB-XXX"),
        ({"holidays": None}, "`holiday` needs the calendar"),
    ],
)
def test_holidays_need_a_calendar_that_is_known(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        roster("Asia/Shanghai", {"during": [{"days": ["holiday"]}]}, **wrong)
