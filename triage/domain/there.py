"""On the way to a child, and there: what is asked of a responder, what of the desk about them, and how soon.

Lengths are the hotline's own (issue of alerts; domain.md 3.2): no pack speaks of them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from schemas.ladder import Ladder
from schemas.terms import AlertChannel, Urgency
from triage.domain.clocks import ARRIVAL, FIRST_ACTION, RESPONSE, Deadline

FACTS = "facts"
COMPANY = "company"
CHECK_IN = "check_in"
CHECK_IN_CALL = "check_in_call"
RESPONDER_SILENT = "responder_silent"
RESPONDER_HELP = "responder_help"
CHILD_NOT_REACHED = "child_not_reached"

SAFE, LEFT = "spoke_safe", "has_left"
ABOUT_A_RESPONDER = (SAFE, LEFT, "police_sent")
QUESTIONS: dict[str, tuple[str, ...]] = {
    RESPONDER_HELP: ABOUT_A_RESPONDER,
    RESPONDER_SILENT: ABOUT_A_RESPONDER,
    CHILD_NOT_REACHED: ("police_enter", "look_elsewhere", "try_again", "another_goes"),
    COMPANY: ("police_go", "second_goes", "does_not_go"),
    FACTS: ("told",),
    CHECK_IN: (SAFE, LEFT),
}
"""What the desk is asked while a clock of this name runs, gravest first, and the answers it can record."""
ABOUT_SOMEBODY = frozenset({RESPONDER_HELP, RESPONDER_SILENT, CHECK_IN})
"""Questions whether a responder is safe."""
ASKED_ON_THE_CASE = frozenset({"send_police", RESPONDER_HELP, RESPONDER_SILENT, CHILD_NOT_REACHED, "never_alone"})
"""Kinds of alarms that ask a question: they end by its recorded answer on the case, not by a press that saw them."""
URGENT_QUESTIONS = (RESPONDER_HELP, RESPONDER_SILENT, CHILD_NOT_REACHED, COMPANY)
OWN_CLOCKS = frozenset({*QUESTIONS, CHECK_IN_CALL})
"""Clocks that no press of *done* ends."""
AFTER_A_RESPONDER = frozenset({CHECK_IN, CHECK_IN_CALL, RESPONDER_SILENT, RESPONDER_HELP})
"""While one of these runs somebody is at the place, or nobody knows that they are safe: their case is not closed."""
ENDED_BY_ARRIVAL = (ARRIVAL, FIRST_ACTION, RESPONSE)
ENDED_BY_NEW_CALLING = frozenset({ARRIVAL, FACTS, COMPANY})
"""What is asked of whoever had the case ends when others are called; whoever is there goes on being asked after."""

CHECK_IN_EVERY = timedelta(minutes=30)
ANSWERS_WITHIN = timedelta(minutes=3)
DESK_WITHIN = timedelta(minutes=2)
NEXT_WITHIN = timedelta(minutes=10)
COMPANY_WITHIN = timedelta(minutes=3)
FACTS_WITHIN = {Urgency.IMMEDIATE: timedelta(minutes=5)}
FACTS_WITHIN_ELSE = timedelta(minutes=60)


def read_facts(urgency: Urgency, now: datetime) -> Deadline:
    """By when whoever took a case has read or heard its facts, else the desk rings them."""
    return _desk(FACTS, now, FACTS_WITHIN.get(urgency, FACTS_WITHIN_ELSE), "alarm_desk")


def company(now: datetime) -> Deadline:
    """By when the desk says who goes with somebody who must not go alone."""
    return _desk(COMPANY, now, COMPANY_WITHIN, "alarm_desk")


def check_in(signs: Iterable[datetime], now: datetime) -> Deadline | None:
    """When whoever at the place has been silent longest is asked after; None where nobody is there."""
    first = min(signs, default=None)
    if first is None:
        return None
    return Deadline(CHECK_IN, now, max(now, first + CHECK_IN_EVERY), owner="responder", on_breach="call_responder")


def is_silent(sign_at: datetime, now: datetime) -> bool:
    """Whether somebody at the place gave their last sign so long ago that they are to be asked after."""
    return sign_at + CHECK_IN_EVERY <= now


def check_in_call(now: datetime) -> Deadline:
    """By when a responder who is rung because they did not check in has answered."""
    return Deadline(CHECK_IN_CALL, now, now + ANSWERS_WITHIN, owner="responder", on_breach="call_desk")


def is_responder_safe(name: str, now: datetime) -> Deadline:
    """By when the desk has recorded what it did for a responder who is silent or needs help; else: send police."""
    return _desk(name, now, DESK_WITHIN, "send_police")


def what_next(now: datetime) -> Deadline:
    """By when the desk says what next where the child cannot be reached."""
    return _desk(CHILD_NOT_REACHED, now, NEXT_WITHIN, "alarm_desk")


def own_ladder() -> Ladder:
    """How a responder is rung who did not check in: on every channel, a minute later again, then every two."""
    return Ladder.of_one(AlertChannel.VOICE, AlertChannel.SMS)


def _desk(name: str, now: datetime, within: timedelta, on_breach: str) -> Deadline:
    return Deadline(name, now, now + within, owner="desk", on_breach=on_breach)
