"""When people are called, and by when something must have happened."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ladder import Ladder, WorkingHours
from schemas.report import Answers
from schemas.terms import Answer, Injury, Level, Urgency
from triage.domain import calling, clocks
from triage.domain.case import is_raise, merged, raised, working_deadline
from triage.domain.desk import Desk, Presence, is_staffed, presence
from triage.domain.pack import ByDay, LadderPlan

BEIJING = "Asia/Shanghai"
START = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
LADDER = Ladder.model_validate(
    {
        "rungs": [
            {"level": "first", "after": "PT0S", "channels": ["sms"]},
            {"level": "backup", "after": "PT4H", "channels": ["sms"]},
            {"level": "lead", "after": "PT9H", "channels": ["sms"]},
        ]
    }
)
HOURS = ByDay(
    day_from=time(7),
    day_until=time(22),
    night_alert_at=time(7, 30),
    lapses_before=time(9, 30),
    unread_after=timedelta(minutes=10),
)
URGENT = LadderPlan(start="by_day", hours=HOURS, ladder=LADDER)
PRIORITY = LadderPlan(
    start="next_working_day",
    alert_at=time(8, 30),
    working_from=time(8, 30),
    working_until=time(17, 30),
    ladder=LADDER,
)
urgencies = st.sampled_from(list(Urgency))
instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
zones = st.sampled_from(["Europe/London", BEIJING, "America/New_York"])


def beijing(hour: int, minute: int = 0, day: int = 4) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(BEIJING))


@pytest.mark.parametrize(
    ("now", "safe_until", "begins"),
    [
        (beijing(12), None, beijing(12)),
        (beijing(7), None, beijing(7)),
        (beijing(6, 59), None, beijing(7, 30)),
        (beijing(22), None, beijing(7, 30, 5)),
        (beijing(23), beijing(9, 30, 5), beijing(23)),
        (beijing(23), beijing(9, 31, 5), beijing(7, 30, 5)),
        (beijing(2), beijing(6), beijing(2)),
    ],
)
def test_urgent_at_night(now: datetime, safe_until: datetime | None, begins: datetime) -> None:
    assert calling.begins_at(URGENT, now, BEIJING, safe_until) == begins


@pytest.mark.parametrize(
    ("now", "begins"), [(beijing(12), beijing(8, 30, 5)), (beijing(12, day=6), beijing(8, 30, 9))]
)
def test_priority_calls_on_the_next_working_day(now: datetime, begins: datetime) -> None:
    assert calling.begins_at(PRIORITY, now, BEIJING, None) == begins


def test_routine_calls_nobody_and_immediate_at_once() -> None:
    assert calling.begins_at(LadderPlan(start="desk_only"), NOON, BEIJING, None) is None
    assert calling.begins_at(LadderPlan(start="at_once", ladder=LADDER), NOON, BEIJING, None) == NOON


def test_waits_counted_in_working_hours_pass_over_night_and_weekend() -> None:
    friday = beijing(14, 0, 6)
    ladder = calling.in_working_hours(LADDER, friday, BEIJING, (time(8, 30), time(17, 30)))

    at = [friday + rung.after for rung in ladder.rungs]
    assert at == [friday, beijing(9, 0, 9), beijing(14, 0, 9)]
    assert ladder.hours == WorkingHours(begins=time(8, 30), ends=time(17, 30), time_zone=BEIJING)
    assert calling.stamped(ladder, 0.1).hours == ladder.hours


def test_working_hours_that_are_never_open_are_refused_with_their_pack() -> None:
    with pytest.raises(ValueError, match="begin before they end"):
        LadderPlan.model_validate(PRIORITY.model_dump() | {"working_from": time(22), "working_until": time(6)})


def test_the_supervisors_ladder_begins_at_once() -> None:
    upper = calling.from_level(LADDER, Level.LEAD)
    assert [(rung.level, rung.after) for rung in upper.rungs] == [(Level.LEAD, timedelta())]
    assert calling.from_level(calling.from_level(LADDER, Level.FIRST), Level.MANAGER).rungs[0].level is Level.LEAD


def test_a_scaled_ladder_waits_less() -> None:
    scaled = calling.stamped(LADDER, 0.1)
    assert [rung.after for rung in scaled.rungs] == [rung.after * 0.1 for rung in LADDER.rungs]
    assert scaled.voice_again == timedelta(seconds=6)


@pytest.mark.parametrize(
    ("urgency", "staffed", "due"),
    [
        (Urgency.IMMEDIATE, False, beijing(23, 2)),
        (Urgency.URGENT, False, beijing(23, 10)),
        (Urgency.PRIORITY, True, beijing(0, 0, 5)),
        (Urgency.ROUTINE, False, beijing(8, 30, 5)),
    ],
)
def test_every_report_is_read_by_somebody_soon(urgency: Urgency, staffed: bool, due: datetime) -> None:
    assert clocks.read_by(urgency, beijing(23), BEIJING, staffed).due_at == due


@given(now=instants, at=st.times(), zone=zones)
def test_the_next_local_time_is_ahead_and_within_two_days(now: datetime, at: time, zone: str) -> None:
    found = clocks.next_local(now, at, zone)
    assert 0 < found.timestamp() - now.timestamp() <= 49 * 3600


@given(current=urgencies, judged=urgencies)
def test_a_machine_never_lowers(current: Urgency, judged: Urgency) -> None:
    after = raised(current, judged)
    assert after.rank <= current.rank
    assert is_raise(current, after) is (after is not current)


@given(due=st.none() | instants, safe=st.none() | instants, now=instants)
def test_the_working_deadline_leaves_45_minutes_of_safety(
    due: datetime | None, safe: datetime | None, now: datetime
) -> None:
    deadline = working_deadline(due, safe, now)
    assert deadline >= now
    if safe is not None and safe - timedelta(minutes=45) > now:
        assert deadline <= safe - timedelta(minutes=45)


def test_an_update_answers_only_what_it_was_asked() -> None:
    first = Answers(danger_now=Answer.YES, injury=Injury.SERIOUS, child_age_years=6)
    after = merged(first, Answers(danger_now=Answer.DOES_NOT_KNOW))
    assert (after.danger_now, after.injury, after.child_age_years) == (Answer.DOES_NOT_KNOW, Injury.SERIOUS, 6)


@pytest.mark.parametrize(
    ("confirmed", "minutes", "state", "staffed"),
    [
        (True, 0, Presence.CONFIRMED, True),
        (True, 30, Presence.ASKED, True),
        (True, 35, Presence.ABSENT, False),
        (False, 0, Presence.ASKED, False),
        (False, 35, Presence.ABSENT, False),
    ],
)
def test_presence_is_confirmed_not_assumed(confirmed: bool, minutes: int, state: Presence, staffed: bool) -> None:
    desk = Desk(NOON, NOON if confirmed else None, None)
    now = NOON + timedelta(minutes=minutes)
    assert (presence(desk, now), is_staffed(desk, now)) == (state, staffed)
