"""Clocks: from a start event to an instant by which something must have happened.

Lengths come from the pack. The two that no case may be without, pack or none, stand here: a person reads every
report, and an immediate case asks whether the emergency service was called (design, rules 5 and 7).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.terms import Urgency
from triage.domain import pack
from triage.domain.assessment import SAFETY_HORIZON
from triage.domain.pack import Clock

READ = "read"
RESPONSE = "response"
EMERGENCY_SERVICE = "emergency_service"
FIRST_ACTION = pack.FIRST_ACTION
ARRIVAL = pack.ARRIVAL
FIND_PLACE = "find_place"
BEGIN_CALLING = "begin_calling"
REVIEW = "review"
SAFETY_ENDS = "safety_ends"
NOT_ANSWERED = frozenset({READ, EMERGENCY_SERVICE, BEGIN_CALLING, RESPONSE, FIRST_ACTION, REVIEW, SAFETY_ENDS})
"""Clocks that no press of *done* ends: they have an act of their own, or, as the review and the watch over a child's
safety, would leave the case without a next step."""

READ_WITHIN = {
    Urgency.IMMEDIATE: timedelta(minutes=2),
    Urgency.URGENT: timedelta(minutes=10),
    Urgency.PRIORITY: timedelta(minutes=60),
    Urgency.ROUTINE: timedelta(minutes=60),
}
READ_IN_THE_MORNING = time(8, 30)
EMERGENCY_SERVICE_WITHIN = timedelta(minutes=2)
FIND_PLACE_WITHIN = timedelta(minutes=15)
REVIEW_AFTER = timedelta(hours=24)
RESPOND_WITHIN = {
    Urgency.IMMEDIATE: timedelta(minutes=60),
    Urgency.URGENT: timedelta(hours=24),
    Urgency.PRIORITY: timedelta(days=3),
    Urgency.ROUTINE: timedelta(days=7),
}
INTERNAL = "internal target of the hotline"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A running clock: its start, its end, whose it is, where it comes from, what happens when it is missed."""

    name: str
    started_at: datetime
    due_at: datetime
    owner: str
    on_breach: str
    source: str = INTERNAL
    is_legal: bool = False


def read_by(urgency: Urgency, now: datetime, zone: str, is_staffed: bool) -> Deadline:
    """When a person must have read it: 2 or 10 minutes; the rest 60 while the desk is staffed, else the morning."""
    due = now + READ_WITHIN[urgency]
    if urgency.rank >= Urgency.PRIORITY.rank and not is_staffed:
        due = next_local(now, READ_IN_THE_MORNING, zone)
    return Deadline(READ, now, due, owner="desk", on_breach="call_desk")


def emergency_service(now: datetime) -> Deadline:
    """The task *emergency service called?*, ended only by a recorded answer."""
    due = now + EMERGENCY_SERVICE_WITHIN
    return Deadline(EMERGENCY_SERVICE, now, due, owner="desk", on_breach="call_supervisor")


def find_place(now: datetime) -> Deadline:
    """The task *find the place* of a case whose area is unknown, doubtful or uncovered."""
    return Deadline(FIND_PLACE, now, now + FIND_PLACE_WITHIN, owner="desk", on_breach="alarm")


def begin_calling(now: datetime, due_at: datetime) -> Deadline:
    """The instant at which an alert that waits for the day begins to call."""
    return Deadline(BEGIN_CALLING, now, due_at, owner="hotline", on_breach="call")


def safety_ends(now: datetime, safe_until: datetime) -> Deadline | None:
    """The next instant at which a case is judged again for the end of the child's safety; None after it.

    That is ninety minutes before it ends, and when it has ended.
    """
    due = next((at for at in (safe_until - SAFETY_HORIZON, safe_until) if at > now), None)
    return None if due is None else Deadline(SAFETY_ENDS, now, due, owner="hotline", on_breach="judge_again")


def review(now: datetime, clocks: Iterable[Clock] = (), zone: str = "UTC") -> Deadline:
    """The next look at a case that nobody is called for: every live case has a next step.

    Its length is that of the pack's own review (domain.md 2.7: low class still has a review date), else a day.
    """
    own = started([each for each in clocks if each.name == REVIEW], pack.CASE_OPENED, now, zone)
    return next(iter(own), Deadline(REVIEW, now, now + REVIEW_AFTER, owner="desk", on_breach="alarm"))


def respond_by(urgency: Urgency, now: datetime) -> Deadline:
    """The response clock of a case that no pack speaks for."""
    return Deadline(RESPONSE, now, now + RESPOND_WITHIN[urgency], owner="team", on_breach="call_again")


def started(
    clocks: Iterable[Clock], event: str, at: datetime, zone: str, fired: Collection[str | None] = ()
) -> list[Deadline]:
    """The deadlines of a pack that this event starts, the hotline's own (read, emergency service) left out.

    `fired` are the rules that fired; a clock limited to rules starts with one of them.
    """
    own = (READ, EMERGENCY_SERVICE)
    return [
        Deadline(
            clock.name,
            at,
            at + clock.length if clock.calendar == "wall" else after_working_days(clock, at, zone),
            clock.owner,
            clock.on_breach,
            clock.source,
            clock.kind == "legal",
        )
        for clock in clocks
        if clock.start_event == event and clock.name not in own and clock.length is not None
        if not clock.rules or not set(clock.rules).isdisjoint(fired)
    ]


def after_working_days(clock: Clock, at: datetime, zone: str) -> datetime:
    """The end of so many working days from `at`; Saturdays and Sundays do not count, public holidays do."""
    local = at.astimezone(ZoneInfo(zone))
    days = 1 if clock.calendar == "end_of_next_working_day" else (clock.length or timedelta()).days
    day = local.date()
    for _ in range(days):
        day = next_working_day(day)
    if clock.calendar == "end_of_next_working_day":
        return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone))
    return datetime.combine(day, local.timetz().replace(tzinfo=None), ZoneInfo(zone))


def next_working_day(day: date) -> date:
    """The first day after this one that is no Saturday or Sunday."""
    following = day + timedelta(days=1)
    while following.weekday() >= 5:
        following += timedelta(days=1)
    return following


def next_local(now: datetime, at: time, zone: str) -> datetime:
    """The next instant at which clocks on the wall there show `at`; when they skip it, the instant after the gap."""
    local = now.astimezone(ZoneInfo(zone))
    for days in (0, 1, 2):
        moment = datetime.combine(local.date() + timedelta(days=days), at, ZoneInfo(zone))
        if moment.timestamp() > now.timestamp():
            return moment
    raise AssertionError("within two days every wall clock shows every time")
