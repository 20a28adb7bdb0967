"""*Suspected malicious*: a mark by a named person with a reason, beside the case. It lowers nothing, stops nobody."""

from infra.vault import Subject
from triage.domain.case import Case, Press, Refusal
from triage.handlers.presses import pressed
from triage.handlers.turn import Turn
from triage.store import malice, timeline
from triage.store.timeline import Entry


async def mark_malice(turn: Turn, press: Press, reason: str) -> Case:
    """Mark a case as suspected malicious. Urgency, clocks and calling stay as they are."""

    async def change(turn: Turn, case: Case) -> Case:
        if not reason.strip():
            raise Refusal("refusal_empty")
        if await malice.of_case(turn.tx, case.case_id) is not None:
            raise Refusal("refusal_marked")
        by = press.actor.person_id
        note = await turn.means.vault.seal(turn.tx, Subject("case", case.case_id), "note", reason)
        await malice.mark(turn.tx, case.case_id, note, (by, turn.now))
        entry = Entry("malice_marked", turn.now, by, {"seen": press.version})
        await timeline.add_with_words(turn.tx, case.case_id, entry, note)
        return case

    return await pressed(turn, press, "mark_malice", change)


async def take_back_malice(turn: Turn, press: Press) -> Case:
    """Anybody at the desk takes the mark back."""

    async def change(turn: Turn, case: Case) -> Case:
        by = press.actor.person_id
        if not await malice.end(turn.tx, case.case_id, turn.now, by=by):
            raise Refusal("refusal_not_marked")
        await timeline.add(turn.tx, case.case_id, "malice_taken_back", turn.now, by, {"seen": press.version})
        return case

    return await pressed(turn, press, "take_back_malice", change)
