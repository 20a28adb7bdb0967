"""One acknowledgement silences the others and tells them who took it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction
from notifier.domain.ladder import VALID_FOR
from notifier.store import alerts, escalations, people
from notifier.store.alerts import NewAlert
from notifier.store.escalations import EscalationRow, SubjectRow
from schemas.terms import AlertChannel, EscalationStatus, Level, Urgency

IN_WRITING = (AlertChannel.SMS, AlertChannel.WEBHOOK, AlertChannel.EMAIL)


async def end(tx: Transaction, row: EscalationRow, status: EscalationStatus, now: datetime) -> EscalationRow:
    """End the calling; what still rings is stopped by the timer, at once. One taken and then replaced stays taken."""
    over = replace(row, status=status, next_due_at=None)
    await escalations.change(tx, over)
    await alerts.stop(tx, row.escalation_id, now)
    return over


async def tell_who_took_it(
    tx: Transaction, row: EscalationRow, subject: SubjectRow, now: datetime, had: EscalationRow | None = None
) -> None:
    """Write to everybody else who was called and has not declined, by the first way in writing that reaches them.

    To whoever `had` the case too, by an earlier calling. Of a drill everybody who was called hears that it was one
    and is over, whoever took it and whoever declined too.
    """
    called = await alerts.called(tx, row.escalation_id, is_everybody=subject.is_drill)
    if had is not None:
        before = await alerts.called(tx, had.escalation_id, is_everybody=True)
        called |= {person: level for person, level in before.items() if person == had.acknowledged_by}
    others = called.keys() - ({row.acknowledged_by} if not subject.is_drill else set())
    reach = await people.reach(tx, others, subject.is_canary, now) if others else {}
    told = []
    for person_id, level in called.items():
        channel = next((each for each in IN_WRITING if each in reach.get(person_id, ())), None)
        if channel is not None:
            told.append(replace(_told(row, person_id, level, now), channel=channel))
    if subject.is_drill:
        told = [replace(each, is_immediate=False) for each in told]
    await alerts.add(tx, told, now)


def _told(row: EscalationRow, person_id: UUID, level: Level, now: datetime) -> NewAlert:
    return NewAlert(
        alert_id=new_id(),
        escalation_id=row.escalation_id,
        kind="taken",
        person_id=person_id,
        level=level,
        channel=AlertChannel.SMS,
        attempt=1,
        is_immediate=row.urgency is Urgency.IMMEDIATE,
        valid_until=now + VALID_FOR,
    )
