"""What the desk sees to beside its cases: alarms, and events that could not be processed and need a person."""

from uuid import UUID

from infra import audit
from infra.audit import AuditEntry
from infra.vault import Subject
from triage.domain.case import Actor, Refusal
from triage.domain.desk import ends_by_press
from triage.handlers.publish import announce
from triage.handlers.turn import Turn
from triage.store import desks, responder_words

HOTLINE = UUID(int=0)


async def settle_dead_letter(turn: Turn, actor: Actor, letter_id: UUID) -> None:
    """A named person has seen to an event that no handler could take."""
    key = await desks.settle_dead_letter(turn.tx, letter_id, actor.person_id, turn.now)
    if key is None:
        raise Refusal("refusal_settled")
    await desks.settle_alarms_of(turn.tx, "dead_letter", key, actor.person_id, turn.now)
    await _write_down(turn, actor, "settle_dead_letter")


async def settle_alarm(turn: Turn, actor: Actor, alarm_id: UUID) -> None:
    """A named person has seen to an alarm. Refused for one that ends by its cause, or by an answer on its case."""
    kind = await desks.alarm_kind(turn.tx, alarm_id)
    if kind is not None and not ends_by_press(kind):
        raise Refusal("desk_trouble_by_answer")
    if not await desks.settle_alarm(turn.tx, alarm_id, actor.person_id, turn.now):
        raise Refusal("refusal_settled")
    await _write_down(turn, actor, "settle_alarm")


async def read_words(turn: Turn, actor: Actor, answer_id: UUID) -> None:
    """A named person has read what a responder wrote that no rule took."""
    if not await responder_words.mark_read(turn.tx, answer_id, actor.person_id, turn.now):
        raise Refusal("refusal_settled")
    await _write_down(turn, actor, "read_words")


async def _write_down(turn: Turn, actor: Actor, action: str) -> None:
    announce(turn)
    subject = Subject("organisation", HOTLINE)
    await audit.record(
        turn.tx,
        AuditEntry(at=turn.now, actor=str(actor.person_id), purpose="desk", action=action, subject=subject),
    )
