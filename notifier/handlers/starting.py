"""The calling for an assignment, as it begins."""

from datetime import datetime
from uuid import UUID

from infra.ids import new_id
from notifier.store.escalations import EscalationRow
from schemas.events import AssignmentState
from schemas.terms import EscalationStatus


def escalation_of(subject_id: UUID, assignment: AssignmentState, now: datetime) -> EscalationRow:
    """The escalation of an assignment, due at once."""
    return EscalationRow(
        escalation_id=new_id(),
        subject_id=subject_id,
        purpose=assignment.purpose,
        number=assignment.number,
        status=EscalationStatus.CALLING,
        urgency=assignment.urgency,
        team_id=assignment.team_id,
        first_responder_id=assignment.first_responder_id,
        excluded_responders=assignment.excluded_responders,
        ladder=assignment.ladder,
        deadline_at=assignment.deadline_at,
        started_at=now,
        next_due_at=now,
    )
