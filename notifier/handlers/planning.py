"""A due step: whom the ladder wants now is written down, with the next instant to look. Nothing is sent here."""

from dataclasses import replace
from datetime import datetime

import structlog

from infra.ids import draw, new_id
from infra.postgres import Transaction
from notifier.domain.calling import Plan, Step
from notifier.domain.ladder import VALID_FOR, next_steps
from notifier.handlers.telling import tell
from notifier.store import alerts, answers, escalations, people
from notifier.store.alerts import NewAlert
from notifier.store.escalations import EscalationRow
from schemas.events import EscalationExhausted
from schemas.terms import AlertChannel, EscalationStatus, Urgency

_log = structlog.get_logger()


async def plan(tx: Transaction, row: EscalationRow, now: datetime) -> Plan:
    """Decide and write the steps that are due; the escalation and its subject are locked by the caller."""
    subject = await escalations.lock_subject(tx, row.subject_id)
    if subject is None:
        raise LookupError(f"escalation {row.escalation_id} has no subject")
    so_far = await alerts.alerts_of(tx, row.escalation_id)
    known = {alert.person_id for alert in so_far} | {row.first_responder_id} - {None}
    roster = await people.roster(tx, row.team_id, (p for p in known if p), now, subject.is_canary)
    decided = next_steps(row.domain, so_far, roster, now)
    for step in decided.steps:
        await _write(tx, row, step, now)
    for level in decided.empty:
        _log.warning("level_empty", escalation_id=str(row.escalation_id), level=level.value)
        await escalations.add_empty_level(tx, row.escalation_id, level, now)
    after = replace(row, next_due_at=decided.next_due_at)
    if decided.is_exhausted:
        after = replace(after, status=EscalationStatus.EXHAUSTED, exhausted_at=now)
    await escalations.change(tx, after)
    if decided.is_exhausted:
        await tell(tx, EscalationExhausted, after, subject, now)
    return decided


async def _write(tx: Transaction, row: EscalationRow, step: Step, now: datetime) -> None:
    if step.channel is AlertChannel.SMS:
        await answers.pair_for(tx, step.person_id, row.escalation_id, now)
    alert = NewAlert(
        alert_id=new_id(),
        escalation_id=row.escalation_id,
        kind="alert",
        person_id=step.person_id,
        level=step.level,
        channel=step.channel,
        attempt=step.attempt,
        is_immediate=row.urgency is Urgency.IMMEDIATE,
        valid_until=now + VALID_FOR,
        keys=_draw_keys() if step.channel is AlertChannel.VOICE else None,
        is_everybody=step.is_everybody,
    )
    await alerts.add(tx, alert, now)
    if step.channel is AlertChannel.SMS and step.attempt == 1 and row.ladder.links:
        await alerts.add(tx, replace(alert, alert_id=new_id(), kind="link"), now)


def _draw_keys() -> str:
    """Three keys for one call: take, cannot, begun. Never 0 or 1, which are pressed by habit."""
    keys: list[str] = []
    while len(keys) < 3:
        keys.append(draw([digit for digit in "23456789" if digit not in keys]))
    return "".join(keys)
