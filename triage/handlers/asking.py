"""What the desk learns by asking danger questions and those of trees: kept beside the reports, judged with them."""

from schemas.terms import Answer, Injury
from triage.domain.asking import Asked
from triage.domain.case import Case, Press, Refusal, raised
from triage.handlers import opening
from triage.handlers.judging import judge_again
from triage.handlers.presses import pressed
from triage.handlers.reports import raise_to
from triage.handlers.turn import Turn
from triage.store import answers, timeline
from triage.store.timeline import Entry


async def record_answers(turn: Turn, press: Press, asked: Asked) -> Case:
    """Record what somebody answered when the desk asked, and judge the case with it: it may rise, and then calls.

    A milder answer lowers nothing; its question is asked now, so that two people may lower the case.
    """

    async def change(turn: Turn, case: Case) -> Case:
        given = asked.given()
        pack = opening.pack_of(turn, case.jurisdiction)
        if not asked.steps.keys() <= {step.id for concern in pack.concerns for step in concern.steps}:
            raise Refusal("refusal_no_answer")
        if not given and not asked.steps:
            raise Refusal("refusal_no_answer")
        if asked.asked_at > turn.now:
            raise Refusal("refusal_no_instant")
        by = press.actor.person_id
        await answers.add(turn.tx, case.case_id, asked, by, turn.now)
        await answers.add_steps(turn.tx, case.case_id, asked, (pack.name, press.version), (by, turn.now))
        entries = [_entry(turn, press, asked, ("question", *each)) for each in given.items()]
        entries += [_entry(turn, press, asked, ("step", *each)) for each in asked.steps.items()]
        await timeline.add_all(turn.tx, case.case_id, entries)
        return await _heed(turn, case)

    # An answer can only help: what was learned on the phone is not lost because the case has changed meanwhile.
    return await pressed(turn, press, "record_answers", change, is_help=True)


async def _heed(turn: Turn, case: Case) -> Case:
    judged = await judge_again(turn, case)
    if case.is_canary:
        return case
    case = await raise_to(turn, case, raised(case.urgency, judged.urgency), why=judged.why)
    await opening.start_for_rules(turn, case, judged.rules, turn.now)
    return case


def _entry(turn: Turn, press: Press, asked: Asked, given: tuple[str, str, Answer | Injury]) -> Entry:
    kind, question, value = given
    detail = {
        kind: question,
        "value": value,
        "asked_of": asked.asked_of,
        "asked_at": asked.asked_at.isoformat(),
    }
    return Entry("step_answered" if kind == "step" else "answer_recorded", turn.now, press.actor.person_id, detail)
