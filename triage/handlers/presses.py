"""What people at the desk do with a case. A press is checked against the version they saw, kept, and told."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from infra import audit
from infra.audit import AuditEntry
from infra.ids import new_id
from infra.vault import Subject
from schemas.terms import AcknowledgedVia, AssignmentStatus, Purpose, Urgency
from triage.domain import clocks, there
from triage.domain.case import Case, Cause, Press, Refusal, Status, grant, is_raise
from triage.handlers import choice, opening, reports, responders
from triage.handlers.publish import publish
from triage.handlers.reporters import tell_reporters
from triage.handlers.turn import Turn
from triage.store import assignments, cases, desks, pairings, people, timeline
from triage.store import clocks as clock_store

Change = Callable[[Turn, Case], Awaitable[Case]]


async def take_at_desk(turn: Turn, press: Press, replaces: UUID | None = None) -> Case:
    """A person at the desk takes the case. Where responders are being called, the notifier records it and stops.

    Whoever has it is named in a Refusal, and replaced only by a press that says so.
    """

    async def change(turn: Turn, case: Case) -> Case:
        by = press.actor.person_id
        if case.taken_by is not None:
            return await _take_over(turn, case, by, replaces)
        newest = (await assignments.newest(turn.tx, case.case_id)).get(Purpose.RESPOND)
        is_taking = newest is not None and newest.status is AssignmentStatus.TAKEN_AT_DESK
        if newest is not None and is_taking and not await assignments.is_acknowledged(turn.tx, newest):
            if newest.taken_by != by:
                raise Refusal("refusal_taking", person=newest.taken_by)
            return case
        status = AssignmentStatus.TAKEN_AT_DESK
        stopping = await assignments.end(turn.tx, case.case_id, Purpose.RESPOND, turn.now, status, by)
        await clock_store.end(turn.tx, case.case_id, clocks.BEGIN_CALLING, turn.now)
        await timeline.add(turn.tx, case.case_id, "taken_at_desk", turn.now, by, {"stops_calling": stopping})
        if case.version == press.version:
            case = await _read(turn, case, by)
        if stopping:
            return case
        case = replace(case, taken_by=by, taken_at=turn.now, taken_via=AcknowledgedVia.DESK)
        await tell_reporters(turn, case, "taken")
        await opening.start_after_taking(turn, case)
        return case

    return await pressed(turn, press, "take", change, is_help=True)


async def mark_read(turn: Turn, press: Press) -> Case:
    """A person has read everything the case now says; calling of officers for it stops."""

    async def change(turn: Turn, case: Case) -> Case:
        await _read_inside(turn, case, press.actor.person_id)
        return await _read(turn, case, press.actor.person_id)

    return await pressed(turn, press, "mark_read", change)


async def raise_urgency(turn: Turn, press: Press, urgency: Urgency, words: str = "") -> Case:
    """A person finds the case more urgent than it was judged. Why may stay unsaid: nothing makes raising harder."""

    async def change(turn: Turn, case: Case) -> Case:
        if not is_raise(case.urgency, urgency):
            raise Refusal("refusal_not_higher")
        by = press.actor.person_id
        if words.strip():
            await keep_note(turn, case, by, words)
        return await reports.raise_to(turn, case, urgency, by, {"seen": press.version})

    return await pressed(turn, press, "raise_urgency", change)


async def reassign(turn: Turn, press: Press, team_id: UUID, first_responder_excluded: UUID | None = None) -> Case:
    """Give the case to another team, whose people are called from the top; one person may be kept out of it."""

    async def change(turn: Turn, case: Case) -> Case:
        team = await people.team(turn.tx, team_id)
        if team is None or team["is_desk"]:
            raise Refusal("refusal_no_team")
        by = press.actor.person_id
        if first_responder_excluded is not None:
            why = ("conflict_of_interest", str(by), turn.now)
            await cases.exclude(turn.tx, case.case_id, first_responder_excluded, why)
        detail = {"from": str(case.team_id), "to": str(team_id)}
        await timeline.add(turn.tx, case.case_id, "reassigned", turn.now, by, detail)
        if not team["is_last_resort"]:
            await clock_store.end(turn.tx, case.case_id, clocks.FIND_PLACE, turn.now, {"by": str(by)})
            await desks.settle_alarms_of(turn.tx, f"clock_missed/{clocks.FIND_PLACE}", case.case_id, by, turn.now)
        reasons = case.team_reasons
        if team_id != case.team_id:
            reasons = await choice.given_at_desk(turn, team_id, case.case_id)
        case = replace(case, team_id=team_id, team_reasons=reasons)
        case = replace(case, status=Status.OPEN, stood_down_by=None, stood_down_at=None)
        return await responders.call(turn, case, Cause.REASSIGNED)

    return await pressed(turn, press, "reassign", change)


async def add_note(turn: Turn, press: Press, words: str) -> Case:
    """Keep a person's words with the case, sealed."""

    async def change(turn: Turn, case: Case) -> Case:
        if not words.strip():
            raise Refusal("refusal_empty")
        await keep_note(turn, case, press.actor.person_id, words)
        return case

    return await pressed(turn, press, "add_note", change)


async def record_emergency_service(turn: Turn, press: Press, answer: dict[str, str]) -> Case:
    """The recorded answer to *emergency service called?*.

    Called: `service`, `at` (ISO 8601), `incident_number`. Not needed: `not_needed` with the reason. Words are sealed.
    """

    async def change(turn: Turn, case: Case) -> Case:
        kept = _emergency_answer(answer, press)
        words = answer.get("not_needed") or answer.get("incident_number", "")
        if words:
            await keep_note(turn, case, press.actor.person_id, words)
        await clock_store.end(turn.tx, case.case_id, clocks.EMERGENCY_SERVICE, turn.now, kept)
        await assignments.end(turn.tx, case.case_id, Purpose.EMERGENCY_SERVICE, turn.now)
        by = press.actor.person_id
        await desks.settle_alarms_of(turn.tx, "exhausted/emergency_service", case.case_id, by, turn.now)
        await timeline.add(turn.tx, case.case_id, "emergency_service", turn.now, by, kept)
        return case

    return await pressed(turn, press, "record_emergency_service", change, is_help=True)


async def record_first_action(turn: Turn, press: Press) -> Case:
    """The desk records that something was done for the child, and by whom it was recorded."""

    async def change(turn: Turn, case: Case) -> Case:
        by = press.actor.person_id
        names = (clocks.FIRST_ACTION, clocks.RESPONSE)
        await clock_store.end_all(turn.tx, case.case_id, names, turn.now, {"by": str(by), "via": "desk"})
        await timeline.add(turn.tx, case.case_id, "first_action", turn.now, by)
        return replace(case, first_action_at=case.first_action_at or turn.now)

    return await pressed(turn, press, "record_first_action", change, is_help=True)


async def answer_clock(turn: Turn, press: Press, name: str) -> Case:
    """The desk records that what a clock waits for has happened: arrival, the place found, a filing handed over.

    Reading and the emergency service have answers of their own.
    """

    async def change(turn: Turn, case: Case) -> Case:
        by = press.actor.person_id
        if name in clocks.NOT_ANSWERED | there.OWN_CLOCKS or not await clock_store.end(
            turn.tx, case.case_id, name, turn.now, {"by": str(by)}
        ):
            raise Refusal("refusal_no_clock")
        await desks.settle_alarms_of(turn.tx, f"clock_missed/{name}", case.case_id, by, turn.now)
        await opening.start_after_clock(turn, case, name)
        await timeline.add(turn.tx, case.case_id, "clock_answered", turn.now, by, {"clock": name})
        return case

    return await pressed(turn, press, "answer_clock", change)


async def stand_down(turn: Turn, press: Press) -> Case:
    """A named person lets the calling rest; urgency and clocks stand, and the case stays in the queue."""

    async def change(turn: Turn, case: Case) -> Case:
        if case.status is Status.STOOD_DOWN:
            raise Refusal("refusal_rests")
        by = press.actor.person_id
        await assignments.end(turn.tx, case.case_id, Purpose.RESPOND, turn.now, AssignmentStatus.STOOD_DOWN)
        await clock_store.end(turn.tx, case.case_id, clocks.BEGIN_CALLING, turn.now)
        await clock_store.start(turn.tx, case.case_id, [opening.review_clock(turn, case)])
        await timeline.add(turn.tx, case.case_id, "stood_down", turn.now, by)
        return replace(case, status=Status.STOOD_DOWN, stood_down_by=by, stood_down_at=turn.now)

    return await pressed(turn, press, "stand_down", change)


async def pressed(
    turn: Turn, press: Press, action: str, change: Change, *, is_help: bool = False, is_closed: bool | None = False
) -> Case:
    """Apply a press: lock, check what the person saw, change, write down, tell. Refusal says why not.

    `is_closed`: it is for a closed case, and for no other; None: for a closed one as for any.
    """
    await pairings.lock_families(turn.tx, press.case_id)
    case = grant(await cases.lock(turn.tx, press.case_id), press, is_help, is_closed)
    case = await publish(turn, await change(turn, case))
    entry = AuditEntry(
        at=turn.now,
        actor=str(press.actor.person_id),
        purpose="desk",
        action=action,
        subject=Subject("case", case.case_id),
        case_id=case.case_id,
    )
    await audit.record(turn.tx, entry)
    return case


async def keep_note(turn: Turn, case: Case, by: UUID, words: str) -> None:
    """Keep somebody's words in the timeline, sealed."""
    sealed = await turn.means.vault.seal(turn.tx, Subject("case", case.case_id), "note", words)
    await timeline.add_note(turn.tx, case.case_id, by, (new_id(), sealed), turn.now)


async def _take_over(turn: Turn, case: Case, by: UUID, replaces: UUID | None) -> Case:
    if case.taken_by == by:
        return case
    if case.taken_by != replaces:
        raise Refusal("refusal_taken", person=case.taken_by)
    await timeline.add(turn.tx, case.case_id, "taken_over", turn.now, by, {"other": str(case.taken_by)})
    await responders.take_over(turn, case, by)
    case = replace(case, taken_by=by, taken_at=turn.now, taken_via=AcknowledgedVia.DESK)
    await opening.start_after_taking(turn, case)
    return case


async def _read(turn: Turn, case: Case, by: UUID) -> Case:
    answer = {"by": str(by)}
    if await clock_store.end(turn.tx, case.case_id, clocks.READ, turn.now, answer) or case.unread_since is not None:
        await timeline.add(turn.tx, case.case_id, "read", turn.now, by)
    await assignments.end(turn.tx, case.case_id, Purpose.READ, turn.now)
    await desks.settle_alarms_of(turn.tx, "exhausted/read", case.case_id, by, turn.now)
    await clock_store.start(turn.tx, case.case_id, [opening.review_clock(turn, case)])
    return replace(case, unread_since=None, read_by=case.read_by or by, read_at=case.read_at or turn.now)


async def _read_inside(turn: Turn, case: Case, by: UUID) -> None:
    """Whoever has read a case has read those inside it: their words stand on its page."""
    for case_id in await pairings.inside(turn.tx, case.case_id):
        inside = await cases.lock(turn.tx, case_id)
        if inside is not None and inside.status is not Status.CLOSED and inside.unread_since is not None:
            await publish(turn, await _read(turn, inside, by))


def _emergency_answer(answer: dict[str, str], press: Press) -> dict[str, str]:
    """The part of the answer that may stand open: which service, when, by whom. Refusal when it says neither."""
    by = {"by": str(press.actor.person_id)}
    if answer.get("not_needed", "").strip():
        return by | {"answer": "not_needed"}
    if not answer.get("service", "").strip():
        raise Refusal("refusal_no_service")
    try:
        at = datetime.fromisoformat(answer.get("at") or press.now.isoformat())
    except ValueError:
        raise Refusal("refusal_no_instant") from None
    return by | {"answer": "called", "service": answer["service"].strip(), "at": at.isoformat()}
