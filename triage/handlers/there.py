"""Responders on the way and there: what they say takes effect, and their silence rings them, the desk, the police.

What somebody says of their own safety counts whatever became of the calling in which they took the case.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from infra.postgres import Transaction
from schemas.events import EscalationState
from schemas.terms import AcknowledgedVia, AssignmentStatus, Purpose, Urgency
from triage.domain import there
from triage.domain.calling import Assignment, stamped
from triage.domain.case import Case, Cause
from triage.handlers import responders
from triage.handlers.turn import Turn
from triage.store import assignments, cases, desks, timeline
from triage.store import clocks as clock_store
from triage.store import there as store
from triage.store.timeline import Entry

SAID = (
    "facts_at",
    "facts_closed_at",
    "arrived_at",
    "checked_in_at",
    "needs_help_at",
    "not_reached_at",
    "left_at",
)
"""What a responder says on the way and there, as an instant each: said again it is a later one."""
_ENTRIES = {
    "facts_at": "facts_read",
    "facts_closed_at": "facts_closed",
    "arrived_at": "arrived",
    "checked_in_at": "checked_in",
    "needs_help_at": "needs_help",
    "not_reached_at": "not_reached",
    "left_at": "left",
}
AT_ONCE_FROM_DESK = frozenset({AcknowledgedVia.DESK, AcknowledgedVia.LOOPBACK})


async def took(turn: Turn, case: Case, state: EscalationState) -> None:
    """Whoever took a case is to read its facts, and somebody who must not go alone is not to."""
    if state.acknowledged_by is None or state.acknowledged_via in AT_ONCE_FROM_DESK:
        return
    if state.facts_at is None:
        await clock_store.restart(turn.tx, case.case_id, [there.read_facts(case.urgency, turn.now)])
    alone = turn.means.packs.skills.never_alone & await store.skills(turn.tx, state.acknowledged_by)
    if alone and case.urgency is Urgency.IMMEDIATE:
        await clock_store.restart(turn.tx, case.case_id, [there.company(turn.now)])
        detail = {"person": str(state.acknowledged_by)}
        await desks.alarm(turn.tx, "never_alone", case.case_id, detail, turn.now)


def said(state: EscalationState, before: Any) -> list[str]:
    """What is new in an event of what a responder says on the way and there."""
    known = {name: before[name] if before is not None else None for name in SAID}
    return [name for name in SAID if getattr(state, name) not in (None, known[name])]


async def apply(turn: Turn, case: Case, state: EscalationState, new: list[str]) -> Case:
    """Let what a responder says take effect."""
    await _write_down(turn, state, new)
    if "facts_at" in new:
        await clock_store.end(turn.tx, case.case_id, there.FACTS, turn.now, _by(state.acknowledged_by))
    if "facts_closed_at" in new:
        await _facts_closed(turn, case, state.facts_closed_for)
    if "arrived_at" in new:
        case = await _arrived(turn, case, state)
    if "needs_help_at" in new:
        await needs_help(turn, case, state.needs_help_by)
    if "not_reached_at" in new:
        detail = {"person": str(state.acknowledged_by)}
        await desks.alarm(turn.tx, there.CHILD_NOT_REACHED, case.case_id, detail, turn.now)
        await clock_store.restart(turn.tx, case.case_id, [there.what_next(turn.now)])
    if {"arrived_at", "checked_in_at", "left_at"} & set(new) and state.acknowledged_by is not None:
        await answered(turn, case, state.acknowledged_by, state.acknowledged_by)
    return case


async def _facts_closed(turn: Turn, case: Case, person_id: UUID | None) -> None:
    """The desk is to ring a responder and tell them the facts; not somebody who is kept out of the case."""
    if person_id not in await cases.exclusions(turn.tx, case.case_id):
        await desks.alarm(turn.tx, "facts_closed", case.case_id, {"person": str(person_id)}, turn.now)


async def _write_down(turn: Turn, state: EscalationState, new: list[str]) -> None:
    by = {"facts_closed_at": state.facts_closed_for, "needs_help_at": state.needs_help_by}
    # Who arrives has checked in by it.
    told = [name for name in new if not (name == "checked_in_at" and "arrived_at" in new)]
    entries = [
        Entry(_ENTRIES[name], getattr(state, name), by.get(name, state.acknowledged_by) or "notifier", {})
        for name in told
    ]
    await timeline.add_all(turn.tx, state.subject_id, entries)


async def _arrived(turn: Turn, case: Case, state: EscalationState) -> Case:
    """Being there is what the arrival clock, the first action and the response wait for."""
    if state.purpose is not Purpose.RESPOND:
        return case
    answer = _by(state.acknowledged_by) | {"via": "responder"}
    await clock_store.end_all(turn.tx, case.case_id, there.ENDED_BY_ARRIVAL, turn.now, answer)
    return replace(case, first_action_at=case.first_action_at or state.arrived_at)


async def answered(turn: Turn, case: Case, of: UUID | None, by: UUID) -> None:
    """Somebody gave a sign: nothing asks after them any more, nor after anybody else who is not silent.

    Who is silent goes on being rung, and the alarm that names them sounds on. A call for help stands until a person
    records what was done.
    """
    asked = await store.asked_after(turn.tx, case.case_id)
    present = await store.at_the_place(turn.tx, case.case_id)
    silent = {each.person_id for each in present if there.is_silent(each.sign_at, turn.now)} - {of}
    if asked.called not in silent:
        await clock_store.end_all(turn.tx, case.case_id, (there.CHECK_IN, there.CHECK_IN_CALL), turn.now, _by(by))
        await _end_calling(turn, case, Purpose.CHECK_IN)
    if asked.alarmed not in silent:
        await _heard(turn, case, by)
    await watch(turn, case)


async def _heard(turn: Turn, case: Case, by: UUID) -> None:
    """End the alarm that somebody is silent, and the calling of the desk unless somebody needs help."""
    await clock_store.end(turn.tx, case.case_id, there.RESPONDER_SILENT, turn.now, _by(by))
    for kind in (there.RESPONDER_SILENT, f"send_police/{there.RESPONDER_SILENT}"):
        await desks.settle_alarms_of(turn.tx, kind, case.case_id, by, turn.now)
    if there.RESPONDER_HELP not in await clock_store.running(turn.tx, case.case_id):
        await _end_calling(turn, case, Purpose.SAFETY)
        await desks.settle_alarms_of(turn.tx, f"exhausted/{Purpose.SAFETY}", case.case_id, by, turn.now)


async def watch(turn: Turn, case: Case) -> None:
    """Start the clock of the next check-in, where anybody is at the place whose silence does not alarm already.

    The others wait while one is rung: three minutes.
    """
    asked = await store.asked_after(turn.tx, case.case_id)
    if not asked.is_ringing:
        signs = [each.sign_at for each in await _unalarmed(turn, case, asked)]
        deadline = there.check_in(signs, turn.now)
        await clock_store.restart(turn.tx, case.case_id, [deadline] if deadline else [])


async def _unalarmed(turn: Turn, case: Case, asked: store.AskedAfter) -> list[store.There]:
    """Who is at the place, the longest silent first, without somebody whose silence alarms already."""
    present = await store.at_the_place(turn.tx, case.case_id)
    return [each for each in present if each.person_id != asked.alarmed]


async def asked_about(tx: Transaction, case_id: UUID, name: str) -> list[UUID]:
    """About whom a question on a responder may be answered: whom its alarm names, or anybody who is at the place."""
    if name == there.CHECK_IN:
        return [each.person_id for each in await store.at_the_place(tx, case_id)]
    return await store.alarmed(tx, case_id, name)


async def missed(turn: Turn, case: Case, name: str) -> bool:
    """Let a missed clock take effect; False for one that is none of these."""
    if name == there.CHECK_IN:
        await _ring(turn, case)
    elif name == there.CHECK_IN_CALL:
        rung = (await store.asked_after(turn.tx, case.case_id)).called
        await _about(turn, case, there.RESPONDER_SILENT, Cause.RESPONDER_SILENT, rung or case.taken_by)
        await watch(turn, case)
    elif name in (there.RESPONDER_SILENT, there.RESPONDER_HELP):
        detail = {"because": name}
        await desks.alarm(turn.tx, f"send_police/{name}", case.case_id, detail, turn.now)
    else:
        return False
    return True


async def needs_help(turn: Turn, case: Case, person_id: UUID | None) -> None:
    """Sound the alarm that somebody needs help, beside whoever else does, until what was done for each is known."""
    known = await store.alarmed(turn.tx, case.case_id, there.RESPONDER_HELP)
    await _about(turn, case, there.RESPONDER_HELP, Cause.NEEDS_HELP, person_id)
    if known and person_id is not None and person_id not in known:
        await store.add_to_alarm(turn.tx, case.case_id, there.RESPONDER_HELP, person_id)


async def _ring(turn: Turn, case: Case) -> None:
    """Ring whoever at the place has been silent longest, them alone; not somebody whose silence alarms already."""
    present = await _unalarmed(turn, case, await store.asked_after(turn.tx, case.case_id))
    if not present:
        return
    await clock_store.restart(turn.tx, case.case_id, [there.check_in_call(turn.now)])
    await assignments.make(
        turn.tx,
        Assignment(
            subject_id=case.case_id,
            subject_kind="case",
            purpose=Purpose.CHECK_IN,
            urgency=Urgency.IMMEDIATE,
            team_id=case.team_id,
            ladder=responders.in_danger(turn, stamped(there.own_ladder(), turn.means.scale), case.jurisdiction),
            because=Cause.NO_CHECK_IN,
            made_at=turn.now,
            deadline_at=turn.now + there.ANSWERS_WITHIN,
            first_responder_id=present[0].person_id,
        ),
    )


async def _about(turn: Turn, case: Case, name: str, because: Cause, person_id: UUID | None) -> None:
    """Sound the alarm about a responder, ask the desk what it did for them, and ring its people."""
    detail = {"person": str(person_id)}
    await desks.alarm(turn.tx, name, case.case_id, detail, turn.now)
    await clock_store.restart(turn.tx, case.case_id, [there.is_responder_safe(name, turn.now)])
    await responders.call_desk(turn, case, Purpose.SAFETY, because, there.DESK_WITHIN)


async def _end_calling(turn: Turn, case: Case, purpose: Purpose) -> None:
    await assignments.end(turn.tx, case.case_id, purpose, turn.now, AssignmentStatus.ENDED)


def _by(person_id: UUID | None) -> dict[str, str]:
    return {"by": str(person_id)}
