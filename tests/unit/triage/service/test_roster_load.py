"""What being on call asks of people, and who is on call around an instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings

from schemas.terms import Level
from tests.unit.triage.service.test_roster_changes import BEGIN, END, changes, rosters
from triage.domain.roster import Changes, Grounds, Roster, Shift, materialise
from triage.domain.roster.around import around
from triage.domain.roster.load import loads

HOUR = timedelta(hours=1)
LONDON, SHANGHAI = ZoneInfo("Europe/London"), ZoneInfo("Asia/Shanghai")


def shift(person: str, begins: datetime, hours: float, level: Level = Level.FIRST, position: int = 1) -> Shift:
    return Shift(person, level, position, begins, begins + timedelta(hours=hours))


def test_nights_weekends_and_holidays_are_those_on_the_wall() -> None:
    # Friday, 2 October 2026, 20:00 to Saturday 08:00 in Beijing, within the holiday of the National Day.
    friday = datetime(2026, 10, 2, 12, tzinfo=UTC)
    (load,) = loads([shift("ann", friday, 12)], (friday - 99 * HOUR, friday + 99 * HOUR), SHANGHAI, "CN")

    assert (load.shifts, load.hours, load.nights, load.weekend) == (1, 12 * HOUR, 1, 8 * HOUR)
    assert load.holiday == 12 * HOUR
    (other,) = loads([shift("ann", friday, 12)], (friday, friday + 99 * HOUR), SHANGHAI, None)
    assert other.holiday == timedelta()


def test_shifts_that_meet_are_one_and_a_time_cuts_them() -> None:
    begins = datetime(2026, 3, 2, tzinfo=UTC)
    pieces = [shift("ann", begins, 12), shift("ann", begins + 12 * HOUR, 12), shift("ann", begins + 30 * HOUR, 2)]
    (load,) = loads(pieces, (begins + 6 * HOUR, begins + 31 * HOUR), LONDON, None)
    assert (load.shifts, load.hours, load.nights) == (2, 19 * HOUR, 0)


def test_the_night_on_which_clocks_change_is_one_night_of_its_own_length() -> None:
    evening = datetime(2026, 3, 28, 20, tzinfo=UTC)
    (load,) = loads([shift("ann", evening, 11)], (evening, evening + 99 * HOUR), LONDON, None)
    assert (load.nights, load.hours, load.weekend) == (1, 11 * HOUR, 11 * HOUR)


@settings(deadline=None)
@given(rules=rosters, change=changes)
def test_every_hour_and_night_of_a_level_is_counted_as_often_as_somebody_has_it(
    rules: Roster, change: Changes
) -> None:
    shifts = materialise(rules, BEGIN, END, change)
    found = loads(shifts, (BEGIN, END), LONDON, None)

    assert sum((each.hours for each in found), timedelta()) == sum(
        (each.ends_at - each.begins_at for each in shifts), timedelta()
    )
    threes = [datetime(2026, 10, day, 2 if day < 25 else 3, tzinfo=UTC) for day in range(20, 32)]
    on_call = sum(each.begins_at <= at < each.ends_at for each in shifts for at in threes)
    assert sum(each.nights for each in found) == on_call


NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_around_an_instant_are_the_last_the_present_and_the_next_people() -> None:
    shifts = [
        shift("ann", NOON - 24 * HOUR, 12),
        shift("bob", NOON - 12 * HOUR, 12),
        shift("bob", NOON, 6),
        shift("cat", NOON - 12 * HOUR, 18, position=2),
        shift("dan", NOON + 6 * HOUR, 12),
    ]
    found = around(shifts, NOON + HOUR)

    assert [each.person for each in found.now.shifts] == ["bob", "cat"]
    assert (found.now.begins_at, found.now.ends_at) == (NOON - 12 * HOUR, NOON + 6 * HOUR)
    assert found.last
    assert [each.person for each in found.last.shifts] == ["ann"]
    assert found.next
    assert ([each.person for each in found.next.shifts], found.next.ends_at) == (["dan"], NOON + 18 * HOUR)


def test_the_same_people_may_be_on_call_for_another_reason_meanwhile() -> None:
    swapped = replace(shift("bob", NOON - 12 * HOUR, 12), grounds=Grounds(kind="swap"))
    rotation = shift("bob", NOON, 12)

    found = around([swapped, rotation], NOON + HOUR)

    assert found.now.shifts == (rotation,)
    assert (found.now.begins_at, found.now.ends_at) == (NOON - 12 * HOUR, NOON + 12 * HOUR)
    assert around([swapped, rotation], NOON - HOUR).now.shifts == (swapped,)


def test_a_stretch_without_anybody_is_a_watch_of_nobody() -> None:
    found = around([shift("ann", NOON - 4 * HOUR, 2), shift("bob", NOON + 2 * HOUR, 2)], NOON)
    assert (found.now.shifts, found.now.begins_at, found.now.ends_at) == ((), NOON - 2 * HOUR, NOON + 2 * HOUR)
    assert found.last
    assert found.next
    assert (found.last.shifts[0].person, found.next.shifts[0].person) == ("ann", "bob")


def test_beyond_what_is_known_nothing_is_said() -> None:
    assert around([], NOON).now.shifts == ()
    assert (around([], NOON).last, around([], NOON).next) == (None, None)
    alone = around([shift("ann", NOON, 1)], NOON)
    assert (alone.last, alone.next) == (None, None)
    after = around([shift("ann", NOON, 1)], NOON + HOUR)
    assert after.now.shifts == ()
    assert after.last
