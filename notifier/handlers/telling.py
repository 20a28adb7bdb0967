"""Events about escalations: the whole public state, with the next version of their subject."""

from datetime import datetime

from infra import outbox
from infra.postgres import Transaction
from notifier.store import escalations
from notifier.store.escalations import EscalationRow, SubjectRow
from schemas.events import EscalationState, ResponderNeedsHelp
from schemas.terms import DESK_CHANNEL


async def tell(
    tx: Transaction, kind: type[EscalationState], row: EscalationRow, subject: SubjectRow, now: datetime
) -> None:
    """Append an event. A report that has no case yet is known to nobody else: of it nothing is told.

    Of a drill only a call for help is told, since it may be real.
    """
    if subject.subject_kind == "report" or (subject.is_drill and kind is not ResponderNeedsHelp):
        return
    event = kind(
        version=await escalations.next_told_version(tx, subject.subject_id),
        escalation_id=row.escalation_id,
        subject_id=row.subject_id,
        subject_kind="desk" if subject.subject_kind == "desk" else "case",
        purpose=row.purpose,
        number=row.number,
        status=row.status,
        started_at=row.started_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        acknowledged_via=row.acknowledged_via,
        declined_by=row.declined_by,
        exhausted_at=row.exhausted_at,
        begun_at=row.begun_at,
        handed_back_at=row.handed_back_at,
        handed_back_by=row.handed_back_by,
        facts_at=row.facts_at,
        facts_closed_at=row.facts_closed_at,
        facts_closed_for=row.facts_closed_for,
        arrived_at=row.arrived_at,
        checked_in_at=row.checked_in_at,
        needs_help_at=row.needs_help_at,
        needs_help_by=row.needs_help_by,
        not_reached_at=row.not_reached_at,
        left_at=row.left_at,
        is_canary=subject.is_canary,
    )
    await outbox.append(tx, event, subject.trace, now)
    tx.announce(DESK_CHANNEL)
