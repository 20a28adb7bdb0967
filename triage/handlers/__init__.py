"""What triage does when something happened or somebody pressed. Each function works in its caller's transaction."""

from triage.handlers.escalations import on_escalation
from triage.handlers.reports import on_dead_letter, on_report_received, on_report_updated
from triage.handlers.turn import Means, NotReady, Turn

__all__ = [
    "Means",
    "NotReady",
    "Turn",
    "on_dead_letter",
    "on_escalation",
    "on_report_received",
    "on_report_updated",
]
