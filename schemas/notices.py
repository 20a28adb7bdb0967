"""The event by which a reporter may be told that something became of a report."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from schemas.events import Event, Topic


class ReportStateChanged(Event):
    """What a report's case has come to: somebody took it, or it is no longer followed.

    Whether the reporter is told, how and when is the notifier's to find out; of a canary nothing is said.
    `may_conflict`: something was found, as that the person of concern is staff, with which the body that filed it may
    be too close to them; None: nobody looked.
    """

    type: ClassVar[str] = "report.state_changed.v1"
    topic: ClassVar[Topic] = Topic.CASES
    key_field: ClassVar[str] = "report_id"

    report_id: UUID
    case_id: UUID
    state: Literal["taken", "closed"]
    changed_at: datetime
    may_conflict: bool | None = None
