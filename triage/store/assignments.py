"""Assignments, and the mirror of what the notifier says of their escalations."""

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Transaction, queries
from schemas.events import EscalationState
from schemas.ladder import Ladder
from schemas.terms import AssignmentStatus, Purpose, Urgency
from triage.domain.calling import Assignment
from triage.domain.case import Cause

_sql = queries(Path(__file__).with_suffix(".sql"))


async def make(tx: Transaction, assignment: Assignment) -> Assignment:
    """Make the next assignment; the one that was calling for this purpose ends in the same transaction."""
    await end(tx, assignment.subject_id, assignment.purpose, assignment.made_at)
    columns = asdict(assignment) | {
        "ladder": assignment.ladder.model_dump(mode="json"),
        "excluded_responders": list(assignment.excluded_responders),
        "reasons": list(assignment.reasons),
    }
    return replace(assignment, number=await _sql.add_assignment(tx, **columns))


async def end(
    tx: Transaction,
    subject_id: UUID,
    purpose: Purpose,
    now: datetime,
    status: AssignmentStatus = AssignmentStatus.ENDED,
    taken_by: UUID | None = None,
) -> bool:
    """End the calling for a purpose, as taken at the desk when `taken_by` is given; False if nothing was calling."""
    done = await _sql.end_calling(
        tx, subject_id=subject_id, purpose=purpose, status=status, taken_by=taken_by, now=now
    )
    return bool(done != "UPDATE 0")


async def newest(tx: Transaction, subject_id: UUID) -> dict[Purpose, Assignment]:
    """The newest assignment of each purpose."""
    rows = [_assignment(row) async for row in _sql.find_newest(tx, subject_id=subject_id)]
    return {each.purpose: each for each in rows}


async def mark_taken(tx: Transaction, state: EscalationState) -> None:
    """Record on its assignment who took it, as the notifier said."""
    await _sql.mark_taken(
        tx,
        subject_id=state.subject_id,
        purpose=state.purpose,
        number=state.number,
        taken_by=state.acknowledged_by,
        taken_at=state.acknowledged_at,
    )


async def known_escalation(tx: Transaction, escalation_id: UUID) -> Any:
    """What was last said of an escalation, locked, or None."""
    return await _sql.lock_escalation(tx, escalation_id=escalation_id)


async def mirror(tx: Transaction, state: EscalationState) -> None:
    """Keep what the notifier says of an escalation, unless something newer is known."""
    columns = state.model_dump(include=set(_MIRRORED)) | {"declined_by": list(state.declined_by)}
    await _sql.mirror_escalation(tx, **columns)


_MIRRORED = (
    "escalation_id",
    "subject_id",
    "purpose",
    "number",
    "version",
    "status",
    "started_at",
    "acknowledged_by",
    "acknowledged_at",
    "acknowledged_via",
    "declined_by",
    "exhausted_at",
    "begun_at",
    "handed_back_at",
    "handed_back_by",
)


def _assignment(row: Any) -> Assignment:
    fields = dict(row)
    return Assignment(
        **fields
        | {
            "purpose": Purpose(fields["purpose"]),
            "status": AssignmentStatus(fields["status"]),
            "urgency": Urgency(fields["urgency"]),
            "because": Cause(fields["because"]),
            "ladder": Ladder.model_validate(fields["ladder"]),
            "excluded_responders": tuple(fields["excluded_responders"]),
        }
    )
