"""Lowering an urgency: asked for by one named person with a reason, decided by another. Machines never lower."""

from dataclasses import replace

from infra.ids import new_id
from infra.vault import Subject
from schemas.terms import Urgency
from triage.domain.case import Case, Press, Refusal, is_raise, refuse_unless_second
from triage.domain.structured import open_questions
from triage.handlers.opening import pack_of
from triage.handlers.presses import pressed
from triage.handlers.turn import Turn
from triage.store import answers, cases, pairings, reports, timeline
from triage.store.timeline import Entry


async def ask_lower_urgency(turn: Turn, press: Press, urgency: Urgency, reason: str) -> Case:
    """Ask for a lower urgency; nothing changes until a second person has decided."""

    async def change(turn: Turn, case: Case) -> Case:
        if urgency.rank <= case.urgency.rank:
            raise Refusal("refusal_not_lower")
        if not reason.strip():
            raise Refusal("refusal_empty")
        await _is_known(turn, case)
        await _is_above_inside(turn, case, urgency)
        if await cases.open_request(turn.tx, case.case_id) is not None:
            raise Refusal("refusal_asked_already")
        subject = Subject("case", case.case_id)
        await cases.ask_lower(
            turn.tx,
            case.case_id,
            (case.urgency, urgency),
            request_id=new_id(),
            reason=await turn.means.vault.seal(turn.tx, subject, "lower_reason", reason),
            asked_by=press.actor.person_id,
            now=turn.now,
        )
        detail = _detail(turn, case, press, urgency)
        note = await turn.means.vault.seal(turn.tx, subject, "note", reason)
        entry = Entry("lower_asked", turn.now, press.actor.person_id, detail)
        await timeline.add_with_words(turn.tx, case.case_id, entry, note)
        return case

    return await pressed(turn, press, "ask_lower_urgency", change)


async def decide_lower_urgency(turn: Turn, press: Press, is_granted: bool) -> Case:
    """A second person, a supervisor or manager, grants or refuses a lower urgency. Running clocks stand."""

    async def change(turn: Turn, case: Case) -> Case:
        request = await cases.open_request(turn.tx, case.case_id)
        if request is None:
            raise Refusal("refusal_not_asked")
        refuse_unless_second(press, request["asked_by"])
        if is_granted:
            await _is_granted(turn, case, Urgency(request["urgency_from"]))
            await _is_above_inside(turn, case, Urgency(request["urgency_to"]))
        await cases.decide(turn.tx, request["request_id"], press.actor.person_id, is_granted, turn.now)
        kind = "lowered" if is_granted else "lower_refused"
        detail = _detail(turn, case, press, request["urgency_to"]) | {"asked_by": str(request["asked_by"])}
        await timeline.add(turn.tx, case.case_id, kind, turn.now, press.actor.person_id, detail)
        return replace(case, urgency=Urgency(request["urgency_to"])) if is_granted else case

    return await pressed(turn, press, "decide_lower_urgency", change)


def _detail(turn: Turn, case: Case, press: Press, urgency: str) -> dict[str, object]:
    """Before and after, under which pack, and which version of the case was on the screen."""
    pack = pack_of(turn, case.jurisdiction).name
    return {"from": case.urgency, "to": urgency, "pack": pack, "seen": press.version}


async def _is_granted(turn: Turn, case: Case, asked_from: Urgency) -> None:
    """Refusal when the case is not what it was when a lower urgency was asked for."""
    if asked_from is not case.urgency:
        raise Refusal("refusal_raised_since")
    await _is_known(turn, case)


async def _is_known(turn: Turn, case: Case) -> None:
    """Refusal unless everything the case says was read by a person, and no danger question is still to be asked."""
    if case.unread_since is not None:
        raise Refusal("refusal_unread")
    told = await reports.answers(turn.tx, case.case_id)
    asked = await answers.told(turn.tx, case.case_id)
    if open_questions(told, pack_of(turn, case.jurisdiction).questions, asked):
        raise Refusal("refusal_question_open")


async def _is_above_inside(turn: Turn, case: Case, urgency: Urgency) -> None:
    """Refusal when a case inside this one would be more urgent than it."""
    inside = await pairings.gravest_inside(turn.tx, case.case_id)
    if inside is not None and is_raise(urgency, inside):
        raise Refusal("refusal_lower_than_inside")
