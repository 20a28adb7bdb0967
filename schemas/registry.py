"""Every event there is, by its type: what a subscriber reads, and what is published as a document."""

from schemas.drills import DrillCalled
from schemas.events import (
    CaseChanged,
    CaseOpened,
    ChildNotReached,
    DeskChanged,
    EscalationAcknowledged,
    EscalationDeclined,
    EscalationEnded,
    EscalationExhausted,
    EscalationHandedBack,
    EscalationStarted,
    Event,
    EventDeadLettered,
    FactsClosed,
    FactsRead,
    FirstActionBegun,
    ReportReceived,
    ReportUpdated,
    ResponderArrived,
    ResponderCheckedIn,
    ResponderLeft,
    ResponderNeedsHelp,
)
from schemas.notices import ReportStateChanged
from schemas.trials import TrialAsked

EVENTS: dict[str, type[Event]] = {
    event.type: event
    for event in (
        ReportReceived,
        ReportUpdated,
        ReportStateChanged,
        CaseOpened,
        CaseChanged,
        DeskChanged,
        DrillCalled,
        EscalationStarted,
        EscalationDeclined,
        EscalationExhausted,
        EscalationAcknowledged,
        FirstActionBegun,
        EscalationHandedBack,
        FactsRead,
        FactsClosed,
        ResponderArrived,
        ResponderCheckedIn,
        ResponderNeedsHelp,
        ChildNotReached,
        ResponderLeft,
        EscalationEnded,
        TrialAsked,
        EventDeadLettered,
    )
}
