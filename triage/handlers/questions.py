"""What the desk is asked about a responder or a child that was not reached, and what it records as the answer."""

from collections.abc import Sequence
from uuid import UUID

from triage.domain import there
from triage.domain.case import Case, Press, Refusal
from triage.handlers import there as on_the_way
from triage.handlers.presses import keep_note, pressed
from triage.handlers.turn import Turn
from triage.store import clocks as clock_store
from triage.store import desks, timeline
from triage.store import there as store


async def answer_question(
    turn: Turn, press: Press, name: str, answer: str, words: str = "", about: UUID | None = None
) -> Case:
    """Record an answer to a question that is open; words are sealed. Refusal for any other question or answer.

    `about`: which responder is meant; it may be left out where only one can be. An answer can only help, so it is
    granted to whoever saw an older state of the case too, and on a closed case: what asks may have happened since.
    """

    async def change(turn: Turn, case: Case) -> Case:
        if answer not in there.QUESTIONS.get(name, ()):
            raise Refusal("refusal_no_answer")
        by = press.actor.person_id
        possible = await _possible(turn, case, name)
        whom = _about_whom(possible, about)
        if not await clock_store.end(turn.tx, case.case_id, name, turn.now, {"by": str(by), "answer": answer}):
            raise Refusal("refusal_no_clock")
        if words.strip():
            await keep_note(turn, case, by, words)
        await _write_down(turn, case, (name, answer, whom), by)
        if name in there.ABOUT_SOMEBODY:
            await _seen_to(turn, case, whom, (by, answer))
        for kind in (_ALARMS.get(name, name), f"clock_missed/{name}", f"send_police/{name}"):
            await desks.settle_alarms_of(turn.tx, kind, case.case_id, by, turn.now)
        if name == there.RESPONDER_HELP:
            await _sound_for(turn, case, [each for each in possible if each != whom])
        return case

    return await pressed(turn, press, "answer_question", change, is_help=True, is_closed=None)


_ALARMS = {there.COMPANY: "never_alone", there.FACTS: "facts_closed"}
"""The alarm that asks a question, where it has another name."""


async def _write_down(turn: Turn, case: Case, told: tuple[str, str, UUID | None], by: UUID) -> None:
    name, answer, whom = told
    kind, detail = "question_answered", {"clock": name, "said": answer}
    if whom is not None:
        kind, detail = "answered_about", detail | {"other": str(whom)}
    await timeline.add(turn.tx, case.case_id, kind, turn.now, by, detail)


async def _possible(turn: Turn, case: Case, name: str) -> list[UUID]:
    """About which responders a question may be answered; nobody for one about none."""
    return await on_the_way.asked_about(turn.tx, case.case_id, name) if name in there.ABOUT_SOMEBODY else []


def _about_whom(possible: Sequence[UUID], about: UUID | None) -> UUID | None:
    """Which responder an answer is about; None for a question about none. Refusal where that is not clear."""
    if about is None and len(possible) > 1:
        raise Refusal("refusal_which_responder")
    if about is not None and about not in possible:
        raise Refusal("refusal_not_about_them")
    return about or next(iter(possible), None)


async def _seen_to(turn: Turn, case: Case, about: UUID | None, told: tuple[UUID, str]) -> None:
    """What the desk heard is a sign of that responder; unless they left, they are asked after in half an hour."""
    by, answer = told
    if about is not None:
        await store.heard(turn.tx, case.case_id, about, turn.now, has_left=answer == there.LEFT)
    await on_the_way.answered(turn, case, about, by)


async def _sound_for(turn: Turn, case: Case, others: Sequence[UUID]) -> None:
    """Whoever else needs help goes on needing it."""
    for person_id in others:
        await on_the_way.needs_help(turn, case, person_id)
