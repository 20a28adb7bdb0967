"""What a reader of a drawn case finds: kept, settled with what others found, and told where it is graver."""

from uuid import UUID

from infra import audit
from infra.audit import AuditEntry
from infra.vault import Subject
from schemas.terms import DESK_CHANNEL, Urgency
from triage.domain.case import Actor, Case, Press, Refusal, is_raise
from triage.domain.second_reading import Reading, truth
from triage.handlers import presses
from triage.handlers.turn import NotReady, Turn
from triage.store import cases, desks, second_readings

GRAVER = "second_reading_graver"


async def give_reading(turn: Turn, actor: Actor, entry_id: UUID, reading: Reading) -> None:
    """Keep what a person found. Where it is graver than the case now stands, live or closed, the desk's alarm sounds.

    Refusal when the case was settled meanwhile, or when this person read it before or knows it from the desk.
    """
    entry = await second_readings.lock(turn.tx, entry_id)
    if entry is None or not await second_readings.awaiting(turn.tx, actor.person_id, entry_id):
        raise Refusal("refusal_not_to_read")
    await second_readings.add(turn.tx, entry_id, actor.person_id, reading, turn.now)
    together = truth(await second_readings.readings(turn.tx, entry_id))
    if together is not None:
        await second_readings.settle(turn.tx, entry_id, together, turn.now)
    case = await cases.lock(turn.tx, entry["case_id"])
    if case is None:
        raise NotReady(f"case {entry['case_id']} is gone")
    if is_raise(case.urgency, reading.urgency):
        await desks.alarm(turn.tx, "second_reading_graver", case.case_id, {"urgency": reading.urgency}, turn.now)
        turn.tx.announce(DESK_CHANNEL)
    await audit.record(turn.tx, _entry(turn, actor, case))


async def raise_as_read(turn: Turn, press: Press, entry_id: UUID) -> Case:
    """A reader raises a case to what they found in it; the alarm about that ends."""
    outcome = await second_readings.outcome(turn.tx, entry_id, press.actor.person_id)
    if outcome is None or outcome["case_id"] != press.case_id:
        raise Refusal("refusal_not_to_read")
    case = await presses.raise_urgency(turn, press, Urgency(outcome["read_urgency"]))
    await desks.settle_alarms_of(turn.tx, GRAVER, case.case_id, press.actor.person_id, turn.now)
    return case


def _entry(turn: Turn, actor: Actor, case: Case) -> AuditEntry:
    return AuditEntry(
        at=turn.now,
        actor=str(actor.person_id),
        purpose="second_reading",
        action="second_reading_given",
        subject=Subject("case", case.case_id),
        case_id=case.case_id,
    )
