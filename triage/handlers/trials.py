"""Codes by which a person proves that a phone or an address is theirs. What is not proven is not called.

The notifier draws the code and sends it; here is known only by whom it was asked for, and what was typed.
"""

from datetime import timedelta
from uuid import UUID

from infra import audit, outbox
from infra.audit import AuditEntry
from infra.ids import code_digits, new_id
from infra.outbox import Trace
from infra.vault import Subject
from schemas.terms import AlertChannel
from schemas.trials import TrialAsked, TrialKind
from triage.domain.case import Refusal
from triage.domain.roster.author import Author, refuse_unless_own
from triage.handlers.covering import ROSTERS_CHANNEL
from triage.handlers.turn import Turn
from triage.store import people, ways

CODE_LASTS = timedelta(minutes=10)
CODES_AN_HOUR = 5
PURPOSE = "reach"


async def ask_code(turn: Turn, person: UUID, position: int, channel: AlertChannel, by: Author) -> None:
    """Send a code to a way of a person (place 0 is the address); the ones sent there before prove nothing any more.

    Refusal when it is not theirs to ask, there is no such way, or five were asked for within the hour.
    """
    await lock_own(turn, person, by)
    if not await ways.has_way(turn.tx, person, position, channel):
        raise Refusal("refusal_no_way")
    if await ways.codes_since(turn.tx, person, turn.now - timedelta(hours=1)) >= CODES_AN_HOUR:
        raise Refusal("refusal_codes_often", count=CODES_AN_HOUR)
    await ways.end_codes(turn.tx, person, position, turn.now)
    await begin(turn, (person, position, channel), "code", by.person_id)
    await record(turn, by.person_id, f"ask_code_{channel}", person)


async def give_code(turn: Turn, person: UUID, position: int, written: str, by: Author) -> bool:
    """Whether it is the right code; then the way is used from now on. The fifth wrong one ends it.

    A wrong one is counted, so the caller commits either way. Refusal when there is no code that could be given.
    """
    await lock_own(turn, person, by)
    code = await ways.lock_code(turn.tx, person, position, turn.now)
    if code is None:
        raise Refusal("refusal_code_over")
    said = f"{code['trial_id']} {code_digits(written)}"
    is_right = bool(set(turn.means.vault.tokens("trial code", said)) & set(code["digests"]))
    if is_right:
        await ways.pass_code(turn.tx, code["trial_id"], turn.now)
        await ways.prove(turn.tx, person, position, turn.now)
        turn.tx.announce(ROSTERS_CHANNEL)
    else:
        await ways.count_wrong(turn.tx, code["trial_id"])
    await record(turn, by.person_id, "prove_way" if is_right else "give_wrong_code", person)
    return is_right


async def begin(turn: Turn, way: tuple[UUID, int, AlertChannel], kind: TrialKind, asked_by: UUID | None) -> None:
    """Have a way (person, place, channel) tried."""
    person, position, channel = way
    trial_id = new_id()
    await ways.add_trial(
        turn.tx,
        trial_id=trial_id,
        person_id=person,
        position=position,
        channel=channel.value,
        kind=kind,
        asked_by=asked_by,
        now=turn.now,
        expires_at=turn.now + CODE_LASTS if kind == "code" else None,
    )
    event = TrialAsked(
        version=1,
        trial_id=trial_id,
        person_id=person,
        kind=kind,
        channel=channel,
        position=position,
        asked_at=turn.now,
    )
    await outbox.append(turn.tx, event, Trace.begin(), turn.now)


async def lock_own(turn: Turn, person: UUID, by: Author) -> None:
    """Lock a person whose ways somebody may change: their own, or a supervisor anybody's. Refusal otherwise."""
    refuse_unless_own(by, person)
    if await people.lock(turn.tx, person) is None:
        raise Refusal("refusal_no_person")


async def record(turn: Turn, actor: UUID, action: str, person: UUID) -> None:
    """Write down what somebody did about the ways to a person."""
    entry = AuditEntry(turn.now, str(actor), PURPOSE, action, Subject("person", person))
    await audit.record(turn.tx, entry)
