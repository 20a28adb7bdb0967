"""What can wait for days is called in its working hours: at night nobody is called again, and nothing is lost."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.calling import Alert, Escalation, Plan, Roster
from notifier.domain.ladder import next_steps
from schemas.ladder import Ladder, Rung, WorkingHours
from schemas.terms import AlertChannel, EscalationStatus, Level, Urgency
from tests.unit.notifier.test_ladder import BOTH, LI, ON_CALL, WANG, ZHAO

SMS, VOICE = AlertChannel.SMS, AlertChannel.VOICE
BEIJING = "Asia/Shanghai"
HOURS = WorkingHours(begins=time(8, 30), ends=time(17, 30), time_zone=BEIJING)
PRIORITY = Ladder(
    rungs=tuple(
        Rung(level=level, after=timedelta(hours=wait), channels=(SMS,))
        for level, wait in ((Level.FIRST, 0), (Level.BACKUP, 4), (Level.LEAD, 9))
    ),
    hours=HOURS,
)


def beijing(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026 on the wall in Beijing, as the notifier knows it; the fifth is a Thursday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


class Days:
    """A case that nobody takes, for days."""

    def __init__(self, ladder: Ladder, urgency: Urgency, started_at: datetime) -> None:
        self.escalation = Escalation(EscalationStatus.CALLING, urgency, ladder, started_at)
        self.alerts: list[Alert] = []
        self.looks: list[datetime] = []
        self.now = started_at

    def look(self) -> Plan:
        self.looks.append(self.now)
        roster = Roster(ON_CALL, dict.fromkeys((LI, WANG, ZHAO), BOTH))
        plan = next_steps(self.escalation, self.alerts, roster, self.now)
        if plan.is_exhausted:
            self.escalation = replace(self.escalation, status=EscalationStatus.EXHAUSTED, exhausted_at=self.now)
        self.alerts += [
            Alert(s.person_id, s.level, s.channel, s.attempt, self.now, is_everybody=s.is_everybody)
            for s in plan.steps
        ]
        assert plan.next_due_at > self.now
        return plan

    def until(self, end: datetime) -> "Days":
        while self.now < end:
            self.now = self.look().next_due_at
        return self

    def called(self, begin: datetime, end: datetime) -> list[tuple[UUID, AlertChannel]]:
        return [(a.person_id, a.channel) for a in self.alerts if begin <= a.planned_at < end]


def test_a_priority_case_that_nobody_takes_rings_nobody_all_night() -> None:
    days = Days(PRIORITY, Urgency.PRIORITY, beijing(5, 8, 30)).until(beijing(6, 9))
    assert days.escalation.exhausted_at == beijing(5, 17, 34), "the desk's alarm stands from the end of the ladder on"
    assert days.called(beijing(5, 17, 31), beijing(6, 8, 30)) == []


def test_its_rounds_begin_when_the_hours_do_and_go_on_through_the_day() -> None:
    days = Days(PRIORITY, Urgency.PRIORITY, beijing(5, 8, 30)).until(beijing(6, 17, 30))
    for instant in (beijing(6, 8, 30), beijing(6, 8, 34), beijing(6, 17, 26)):
        called = days.called(instant, instant + timedelta(minutes=1))
        assert set(called) == {(person, channel) for person in (LI, WANG, ZHAO) for channel in BOTH}
    assert days.now == beijing(9, 8, 30), "after Friday comes Monday"


def test_nobody_looks_at_it_between_the_end_of_the_hours_and_their_beginning() -> None:
    days = Days(PRIORITY, Urgency.PRIORITY, beijing(5, 8, 30)).until(beijing(6, 8, 31))
    assert [at for at in days.looks if beijing(5, 17, 30) < at < beijing(6, 8, 34)] == [
        beijing(5, 17, 34),
        beijing(6, 8, 30),
    ]


def test_a_look_at_night_for_another_reason_calls_nobody_and_keeps_the_next_instant() -> None:
    days = Days(PRIORITY, Urgency.PRIORITY, beijing(5, 8, 30)).until(beijing(5, 17, 35))
    days.now = beijing(6, 3)
    plan = days.look()
    assert (plan.steps, plan.next_due_at) == ((), beijing(6, 8, 30))


def test_a_phone_that_was_rung_in_place_of_a_text_is_not_rung_again_at_night() -> None:
    days = Days(PRIORITY, Urgency.PRIORITY, beijing(5, 17, 29))
    days.escalation = replace(days.escalation, ladder=PRIORITY.model_copy(update={"rungs": evening_rungs()}))
    days.look()
    days.alerts[0] = replace(days.alerts[0], state="undelivered", error_code="30005")
    days.until(beijing(6, 8, 31))
    rung = [a.planned_at for a in days.alerts if a.channel is VOICE]
    assert rung == [beijing(5, 17, 29), beijing(6, 8, 30)]


def evening_rungs() -> tuple[Rung, ...]:
    """The rungs of a calling that begins at the end of a day."""
    first, backup, lead = PRIORITY.rungs
    later = [rung.model_copy(update={"after": rung.after + timedelta(hours=15)}) for rung in (backup, lead)]
    return (first, *later)


@pytest.mark.parametrize("urgency", [Urgency.IMMEDIATE, Urgency.URGENT])
def test_a_ladder_without_hours_calls_everybody_at_any_hour(urgency: Urgency) -> None:
    old = Ladder.model_validate_json(PRIORITY.model_dump_json(exclude={"hours"}))
    days = Days(old, urgency, beijing(5, 8, 30)).until(beijing(6, 3))
    for minute in range(4, 30, 4):
        instant = beijing(6, 2) + timedelta(minutes=minute - 2)
        assert days.called(instant, instant + timedelta(minutes=4))


SPRING = st.timedeltas(timedelta(), timedelta(days=60)).map(lambda later: beijing(1, 0) + later)
ZONES = st.sampled_from([BEIJING, "Europe/London", "America/Los_Angeles"])


@given(instant=SPRING, zone=ZONES, begins=st.times(max_value=time(11)), ends=st.times(min_value=time(12)))
def test_the_next_instant_within_the_hours_is_the_first_there_is(
    instant: datetime, zone: str, begins: time, ends: time
) -> None:
    hours = WorkingHours(begins=begins, ends=ends, time_zone=zone)
    found = hours.next_within(instant)
    assert timedelta() <= found - instant < timedelta(days=3, hours=1)
    assert hours.next_within(found) == found
    if found > instant:
        just_before = found - timedelta(microseconds=1)
        assert hours.next_within(just_before) == found


def test_hours_that_are_never_open_are_refused() -> None:
    with pytest.raises(ValueError, match="begin before they end"):
        WorkingHours(begins=time(17), ends=time(8), time_zone=BEIJING)
