"""A case: what machines may change about it, what only people may, and what makes its responders be called again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from schemas.area import Area
from schemas.report import Answers
from schemas.terms import AcknowledgedVia, Answer, Injury, Role, Urgency
from triage.domain.assignment import Because

SAFETY_MARGIN = timedelta(minutes=45)
"""A case's working deadline is never later than this before the child's safety ends (issue of triage)."""


class Refusal(Exception):
    """A press that cannot be granted. `key` names the sentence in the locales, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Status(StrEnum):
    """Whether a case lives. Named people alone stand it down or close it."""

    OPEN = "open"
    STOOD_DOWN = "stood_down"
    CLOSED = "closed"


class Cause(StrEnum):
    """Why people are called. A `respond` assignment is made for these causes and no other (design, section 2)."""

    OPENED = "opened"
    BEGAN = "began"
    REOPENED = "reopened"
    RAISED = "raised"
    REASSIGNED = "reassigned"
    HANDED_BACK = "handed_back"
    TAKEN_OVER = "taken_over"
    FIRST_ACTION_MISSED = "first_action_missed"
    RESPONSE_MISSED = "response_missed"
    UNREAD = "unread"
    EMERGENCY_SERVICE_MISSED = "emergency_service_missed"
    CLOCK_MISSED = "clock_missed"
    DESK_ABSENT = "desk_absent"
    ROSTER_GAP = "roster_gap"
    ARRIVAL_MISSED = "arrival_missed"
    NO_CHECK_IN = "no_check_in"
    RESPONDER_SILENT = "responder_silent"
    NEEDS_HELP = "needs_help"


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands under the lock of its row. `team_reasons` say why its team has it."""

    case_id: UUID
    alias: str
    version: int
    urgency: Urgency
    status: Status
    team_id: UUID
    jurisdiction: str
    area: Area
    time_zone: str
    language: str
    opened_at: datetime
    correlation_id: UUID
    traceparent: str
    is_canary: bool = False
    is_unread_report: bool = False
    unread_since: datetime | None = None
    read_by: UUID | None = None
    read_at: datetime | None = None
    taken_by: UUID | None = None
    taken_at: datetime | None = None
    taken_via: AcknowledgedVia | None = None
    first_action_at: datetime | None = None
    child_safe_until: datetime | None = None
    stood_down_by: UUID | None = None
    stood_down_at: datetime | None = None
    closed_by: UUID | None = None
    closed_at: datetime | None = None
    team_reasons: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, by whom a press is made."""

    person_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Press:
    """One press at the desk: by whom, on which case, at which version they saw it, when."""

    actor: Actor
    case_id: UUID
    version: int
    now: datetime


def grant(case: Case | None, press: Press, is_help: bool = False, is_closed: bool | None = False) -> Case:
    """The case, if it is there, lives (or `is_closed`; None: either), and is as the person saw it; Refusal otherwise.

    What can only help (taking it, an answer about the emergency service, something done for the child) is never
    refused because the case has changed since.
    """
    if case is None:
        raise Refusal("refusal_no_case")
    if is_closed is not None and (case.status is Status.CLOSED) is not is_closed:
        raise Refusal("refusal_not_closed" if is_closed else "refusal_closed")
    if case.version != press.version and not is_help:
        raise Refusal("refusal_changed")
    return case


def refuse_unless_second(press: Press, asked_by: UUID) -> None:
    """Refusal unless this is a second person, a supervisor or the manager on call."""
    if asked_by == press.actor.person_id:
        raise Refusal("refusal_second_person")
    if press.actor.role is Role.DUTY_OFFICER:
        raise Refusal("refusal_role")


def raised(current: Urgency, judged: Urgency) -> Urgency:
    """The urgency after a machine has judged anew: it may rise and never falls."""
    return min(current, judged, key=lambda urgency: urgency.rank)


def is_raise(current: Urgency, wanted: Urgency) -> bool:
    """Whether a change of urgency calls people sooner."""
    return wanted.rank < current.rank


def working_deadline(response_due: datetime | None, safe_until: datetime | None, now: datetime) -> datetime:
    """When somebody must have acted: the response clock's end or 45 minutes before safety ends, never before now."""
    ends = [end for end in (response_due, safe_until and safe_until - SAFETY_MARGIN) if end is not None]
    return max(now, min(ends, default=now))


def merged(answers: Answers, update: Answers) -> Answers:
    """The answers after an update: what was asked anew holds, what was not asked stays."""
    unasked: set[object] = {None, Answer.NOT_ASKED, Injury.NOT_ASKED}
    asked = {name: value for name, value in update if value not in unasked}
    return answers.model_copy(update=asked)
