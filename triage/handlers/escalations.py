"""What the notifier says of a calling: taken, declined, exhausted, begun, handed back. It alone acknowledges."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from infra.inbox import Delivery
from schemas.events import EscalationState
from schemas.terms import AcknowledgedVia, AssignmentStatus, Purpose
from triage.domain import clocks
from triage.domain.case import Case, Cause, Status
from triage.handlers import covering, opening, presence, responders, there
from triage.handlers.publish import announce, publish
from triage.handlers.reporters import tell_reporters
from triage.handlers.turn import Turn
from triage.store import assignments, cases, desks, timeline
from triage.store import clocks as clock_store
from triage.store.timeline import Entry

CHANGING = ("acknowledged_by", "begun_at", "handed_back_at")


async def on_escalation(delivery: Delivery, turn: Turn) -> None:
    """Keep what is said of an escalation and let what is new in it take effect, once, in whatever order it comes."""
    state: EscalationState = delivery.event
    if state.subject_kind == "desk":
        await _on_desk(turn, state)
        return
    case = await cases.lock(turn.tx, state.subject_id)
    before, newest = await assignments.mirror(turn.tx, state)
    if before is not None and before["version"] >= state.version:
        return
    # The notifier also rings officers for a report that has no case yet; such calling has no case to change. Of a
    # drill it tells only that somebody asks for help, which may be real.
    if case is None and _is_new(before, state, "needs_help_at"):
        await desks.alarm(turn.tx, "drill_help", state.subject_id, {"person": str(state.needs_help_by)}, turn.now)
        announce(turn)
    if case is not None:
        is_newest, said = newest == state.number, there.said(state, before)
        await _write_down(turn, state, before)
        if is_newest:
            case = await _apply(turn, case, state, before)
        if said:
            case = await there.apply(turn, case, state, said)
        # What changes nothing about the case must not make a page that somebody is reading stale.
        if said or (is_newest and any(_is_new(before, state, field) for field in CHANGING)):
            await publish(turn, case)
        else:
            announce(turn)


async def _apply(turn: Turn, case: Case, state: EscalationState, before: Any) -> Case:
    # That nobody answers a check-in has an alarm of its own, and ends with a sign of them.
    if _is_new(before, state, "exhausted_at") and state.purpose is not Purpose.CHECK_IN:
        detail = {"purpose": state.purpose, "number": state.number}
        await desks.alarm(turn.tx, f"exhausted/{state.purpose}", case.case_id, detail, turn.now)
    if _is_new(before, state, "acknowledged_by"):
        case = await _taken(turn, case, state)
    if _is_new(before, state, "begun_at") and state.purpose is Purpose.RESPOND:
        case = replace(case, first_action_at=state.begun_at)
        answer = {"by": str(state.acknowledged_by), "via": "responder"}
        await clock_store.end_all(turn.tx, case.case_id, (clocks.FIRST_ACTION, clocks.RESPONSE), turn.now, answer)
    if _is_new(before, state, "handed_back_at"):
        case = await _handed_back(turn, case, state)
    return case


async def _taken(turn: Turn, case: Case, state: EscalationState) -> Case:
    await assignments.mark_taken(turn.tx, state, turn.now)
    if state.purpose is not Purpose.RESPOND:
        running = await clock_store.running(turn.tx, case.case_id)
        if state.purpose is Purpose.READ and clocks.READ in running:
            await clock_store.restart(turn.tx, case.case_id, [await opening.read_clock(turn, case)])
        elif state.purpose is Purpose.EMERGENCY_SERVICE and clocks.EMERGENCY_SERVICE in running:
            await clock_store.restart(turn.tx, case.case_id, [clocks.emergency_service(turn.now)])
    else:
        case = replace(
            case,
            taken_by=state.acknowledged_by,
            taken_at=state.acknowledged_at,
            taken_via=state.acknowledged_via,
        )
        if not case.is_canary:
            await tell_reporters(turn, case, "taken")
            await opening.start_after_taking(turn, case)
            await there.took(turn, case, state)
    return case


async def _handed_back(turn: Turn, case: Case, state: EscalationState) -> Case:
    if case.status is Status.CLOSED:
        await desks.alarm(turn.tx, "closed_handed_back", case.case_id, {"purpose": state.purpose}, turn.now)
        return case
    if state.purpose is Purpose.RESPOND:
        avoid = state.handed_back_by
        return await responders.call_again(turn, responders.untaken(case), Cause.HANDED_BACK, avoid)
    await assignments.end(turn.tx, case.case_id, state.purpose, turn.now, AssignmentStatus.ENDED)
    within = clocks.READ_WITHIN[case.urgency]
    await responders.call_desk(turn, case, state.purpose, Cause.HANDED_BACK, within)
    return case


async def _on_desk(turn: Turn, state: EscalationState) -> None:
    before, _ = await assignments.mirror(turn.tx, state)
    if before is not None and before["version"] >= state.version:
        return
    await _write_down(turn, state, before)
    if _is_new(before, state, "acknowledged_by") and state.acknowledged_by is not None:
        await presence.answer(turn, state.purpose, state.acknowledged_by)
    if _is_new(before, state, "handed_back_at") and state.handed_back_by is not None:
        await _desk_handed_back(turn, state.purpose, state.handed_back_by)


async def _desk_handed_back(turn: Turn, purpose: Purpose, by: UUID) -> None:
    """Whoever answered for the desk cannot after all: it is as if they had not, and others are called."""
    if purpose is Purpose.PRESENCE:
        await presence.leave(turn, by)
    else:
        await covering.call_anew(turn)


async def _write_down(turn: Turn, state: EscalationState, before: Any) -> None:
    """Add to the timeline what is new."""
    said: dict[str, Any] = {"purpose": state.purpose, "number": state.number}
    told = [
        ("calling_started", state.started_at, "notifier", before is None and not _called_nobody(state)),
        ("taken", state.acknowledged_at, state.acknowledged_by, _is_new(before, state, "acknowledged_by")),
        ("exhausted", state.exhausted_at, "notifier", _is_new(before, state, "exhausted_at")),
        ("begun", state.begun_at, state.acknowledged_by, _is_new(before, state, "begun_at")),
        ("handed_back", state.handed_back_at, state.handed_back_by, _is_new(before, state, "handed_back_at")),
    ]
    for person in state.declined_by:
        told.append(("declined", turn.now, person, before is None or person not in before["declined_by"]))
    entries = [
        Entry(kind, at, actor or "notifier", said | ({"via": state.acknowledged_via} if kind == "taken" else {}))
        for kind, at, actor, is_new in told
        if is_new and at is not None
    ]
    await timeline.add_all(turn.tx, state.subject_id, entries)


def _called_nobody(state: EscalationState) -> bool:
    """Whether the desk took over what a responder had: nobody was called by this calling."""
    return state.acknowledged_via is AcknowledgedVia.DESK and state.acknowledged_at == state.started_at


def _is_new(before: Any, state: EscalationState, field: str) -> bool:
    return getattr(state, field) is not None and (before is None or before[field] is None)
