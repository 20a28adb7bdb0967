"""Events: facts in the past tense. Each carries its key, its version and the whole public state.

A handler applies only a version higher than the one it knows, so a gap or a late event is harmless.
Events hold ids, classes and instants: no names, numbers, addresses or narrative. `registry` lists them.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.area import Area
from schemas.ladder import Ladder
from schemas.terms import (
    AcknowledgedVia,
    Answer,
    AssignmentStatus,
    Channel,
    ContactKind,
    EscalationStatus,
    Purpose,
    ReporterRole,
    Urgency,
)

SubjectKind = Literal["case", "desk", "drill"]


class Topic(StrEnum):
    """The Kafka topics; each has a dead-letter topic beside it."""

    REPORTS = "hotline.reports"
    CASES = "hotline.cases"
    ALERTS = "hotline.alerts"

    @property
    def dead_letters(self) -> str:
        """The topic of events of this topic that no handler could take."""
        return f"{self.value}.dead-letters"


class Event(BaseModel):
    """What every event has. Unknown fields are ignored, so a newer writer can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    topic: ClassVar[Topic]
    key_field: ClassVar[str]

    version: int

    @property
    def destination(self) -> str:
        """The name of the topic this event is published to."""
        return self.topic.value

    @property
    def key(self) -> UUID:
        """The aggregate whose order this event keeps."""
        key: UUID = getattr(self, self.key_field)
        return key


class ReportState(Event):
    """The public state of a report."""

    topic: ClassVar[Topic] = Topic.REPORTS
    key_field: ClassVar[str] = "report_id"

    report_id: UUID
    kind: ContactKind
    channel: Channel
    jurisdiction: str
    area: Area
    language: str
    reporter_role: ReporterRole
    danger_now: Answer
    received_at: datetime
    is_canary: bool = False


class ReportReceived(ReportState):
    """A contact was committed as a new report."""

    type: ClassVar[str] = "report.received.v1"


class ReportUpdated(ReportState):
    """The reporter added words or answers to a report."""

    type: ClassVar[str] = "report.updated.v1"


class AssignmentState(BaseModel):
    """The newest assignment of a subject for one purpose; a higher number supersedes the lower ones."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    purpose: Purpose
    number: int
    status: AssignmentStatus
    made_at: datetime
    deadline_at: datetime
    urgency: Urgency
    team_id: UUID
    first_responder_id: UUID | None
    excluded_responders: tuple[UUID, ...] = ()
    ladder: Ladder
    taken_by: UUID | None = None
    taken_at: datetime | None = None


class CallingState(Event):
    """The public state of something people are called for: a case, or a desk that nobody sits at.

    `time_zone` (IANA) is the area's: responders read instants in the zone they act in.
    """

    topic: ClassVar[Topic] = Topic.CASES
    key_field: ClassVar[str] = "subject_id"

    subject_id: UUID
    subject_kind: SubjectKind
    alias: str
    jurisdiction: str
    area: Area
    time_zone: str = "UTC"
    assignments: tuple[AssignmentState, ...] = ()
    is_canary: bool = False


class CaseState(CallingState):
    """The public state of a case."""

    subject_kind: SubjectKind = "case"
    urgency: Urgency
    opened_at: datetime
    report_ids: tuple[UUID, ...]


class CaseOpened(CaseState):
    """A report became a case."""

    type: ClassVar[str] = "case.opened.v1"


class CaseChanged(CaseState):
    """A case was raised, assigned, taken at the desk, stood down or otherwise changed."""

    type: ClassVar[str] = "case.changed.v1"


class DeskChanged(CallingState):
    """Nobody confirmed presence at a desk, or somebody came back."""

    type: ClassVar[str] = "desk.changed.v1"

    subject_kind: SubjectKind = "desk"


class EscalationState(Event):
    """The public state of the calling for one assignment. Written by the notifier alone."""

    topic: ClassVar[Topic] = Topic.ALERTS
    key_field: ClassVar[str] = "subject_id"

    escalation_id: UUID
    subject_id: UUID
    subject_kind: SubjectKind
    purpose: Purpose
    number: int
    status: EscalationStatus
    started_at: datetime
    acknowledged_by: UUID | None = None
    acknowledged_at: datetime | None = None
    acknowledged_via: AcknowledgedVia | None = None
    declined_by: tuple[UUID, ...] = ()
    exhausted_at: datetime | None = None
    begun_at: datetime | None = None
    handed_back_at: datetime | None = None
    handed_back_by: UUID | None = None
    facts_at: datetime | None = None
    facts_closed_at: datetime | None = None
    facts_closed_for: UUID | None = None
    arrived_at: datetime | None = None
    checked_in_at: datetime | None = None
    needs_help_at: datetime | None = None
    needs_help_by: UUID | None = None
    not_reached_at: datetime | None = None
    left_at: datetime | None = None
    is_canary: bool = False


class EscalationStarted(EscalationState):
    """Calling began."""

    type: ClassVar[str] = "escalation.started.v1"


class EscalationDeclined(EscalationState):
    """A responder said no; the next is being called."""

    type: ClassVar[str] = "escalation.declined.v1"


class EscalationExhausted(EscalationState):
    """The last rung was called without a taker; everybody on the ladder is now called together."""

    type: ClassVar[str] = "escalation.exhausted.v1"


class EscalationAcknowledged(EscalationState):
    """A person took responsibility; calling has stopped."""

    type: ClassVar[str] = "escalation.acknowledged.v1"


class FirstActionBegun(EscalationState):
    """The responder who took the case said that they have begun."""

    type: ClassVar[str] = "first_action.begun.v1"


class EscalationHandedBack(EscalationState):
    """The responder who had taken the case gave it back; triage assigns again."""

    type: ClassVar[str] = "escalation.handed_back.v1"


class FactsRead(EscalationState):
    """The responder who took the case has read or heard its facts."""

    type: ClassVar[str] = "facts.read.v1"


class FactsClosed(EscalationState):
    """Three wrong PINs, on the page and the phone together, closed the facts for one person."""

    type: ClassVar[str] = "facts.closed.v1"


class ResponderArrived(EscalationState):
    """The responder is there; from now on they check in."""

    type: ClassVar[str] = "responder.arrived.v1"


class ResponderCheckedIn(EscalationState):
    """The responder said that they are safe."""

    type: ClassVar[str] = "responder.checked_in.v1"


class ResponderNeedsHelp(EscalationState):
    """A responder asks for help."""

    type: ClassVar[str] = "responder.needs_help.v1"


class ChildNotReached(EscalationState):
    """The responder cannot reach the child; the desk says what next."""

    type: ClassVar[str] = "child.not_reached.v1"


class ResponderLeft(EscalationState):
    """The responder has left the place and is safe; nobody asks after them any more."""

    type: ClassVar[str] = "responder.left.v1"


class EscalationEnded(EscalationState):
    """Calling stopped because it was superseded, taken at the desk or stood down."""

    type: ClassVar[str] = "escalation.ended.v1"


class EventDeadLettered(Event):
    """No handler of a subscriber could take an event; a person must look."""

    type: ClassVar[str] = "event.dead_lettered.v1"
    topic: ClassVar[Topic] = Topic.REPORTS
    key_field: ClassVar[str] = "event_key"

    event_id: UUID
    event_type: str
    event_topic: Topic
    event_key: UUID
    subscriber: str
    dead_lettered_at: datetime

    @property
    def destination(self) -> str:
        """The dead-letter topic beside the topic of the event."""
        return self.event_topic.dead_letters
