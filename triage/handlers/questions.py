"""What the desk is asked about a responder or a child that was not reached, and what it records as the answer."""

from uuid import UUID

from schemas.terms import Purpose
from triage.domain import there
from triage.domain.case import Case, Press, Refusal
from triage.handlers import there as on_the_way
from triage.handlers.presses import keep_note, pressed
from triage.handlers.turn import Turn
from triage.store import assignments, desks, timeline
from triage.store import clocks as clock_store


async def answer_question(turn: Turn, press: Press, name: str, answer: str, words: str = "") -> Case:
    """Record an answer to a question that is open; words are sealed. Refusal for any other question or answer.

    It can only help, so it is granted to whoever saw an older state of the case too.
    """

    async def change(turn: Turn, case: Case) -> Case:
        if answer not in there.QUESTIONS.get(name, ()):
            raise Refusal("refusal_no_answer")
        by = press.actor.person_id
        kept = {"by": str(by), "answer": answer}
        if not await clock_store.end(turn.tx, case.case_id, name, turn.now, kept):
            raise Refusal("refusal_no_clock")
        if words.strip():
            await keep_note(turn, case, by, words)
        await timeline.add(turn.tx, case.case_id, "question_answered", turn.now, by, {"clock": name, "said": answer})
        for kind in (_ALARMS.get(name, name), f"clock_missed/{name}", f"send_police/{name}"):
            await desks.settle_alarms_of(turn.tx, kind, case.case_id, by, turn.now)
        if name in _ABOUT_A_RESPONDER:
            await _seen_to(turn, case, (by, answer))
        return case

    return await pressed(turn, press, "answer_question", change, is_help=True)


_ALARMS = {there.COMPANY: "never_alone", there.FACTS: "facts_closed"}
"""The alarm that asks a question, where it has another name."""
_ABOUT_A_RESPONDER = (there.RESPONDER_HELP, there.RESPONDER_SILENT, there.CHECK_IN)


async def _seen_to(turn: Turn, case: Case, told: tuple[UUID, str]) -> None:
    """The ringing about a responder ends; unless they have left, they are asked after again in half an hour."""
    by, answer = told
    names = (there.CHECK_IN, there.CHECK_IN_CALL)
    await clock_store.end_all(turn.tx, case.case_id, names, turn.now, {"by": str(by), "answer": answer})
    await assignments.end(turn.tx, case.case_id, Purpose.CHECK_IN, turn.now)
    running = await clock_store.running(turn.tx, case.case_id)
    if not {there.RESPONDER_HELP, there.RESPONDER_SILENT} & running.keys():
        await assignments.end(turn.tx, case.case_id, Purpose.SAFETY, turn.now)
        await desks.settle_alarms_of(turn.tx, f"exhausted/{Purpose.SAFETY}", case.case_id, by, turn.now)
    if answer != there.LEFT:
        await on_the_way.watch_from(turn, case, turn.now)
