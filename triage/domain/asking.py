"""Asking the danger questions after a report came: whom, when, and how what they say stands beside the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from schemas.report import Answers
from schemas.terms import Answer, Injury
from triage.domain.assessment import AnswerGiven
from triage.domain.case import merged
from triage.domain.pack import Question
from triage.domain.structured import UNKNOWN

QUESTIONS = ("danger_now", "child_safe_now", "person_of_concern_has_access", "child_alone", "injury")
"""The danger questions that anybody can be asked, in the order they are asked."""
POSSIBLE: dict[str, list[Answer] | list[Injury]] = {
    question: list(Injury) if question == "injury" else list(Answer) for question in QUESTIONS
}
"""What each can be answered with."""


STEP_ANSWERS = (Answer.YES, Answer.WOULD_NOT_SAY, Answer.DOES_NOT_KNOW, Answer.NO)
"""What a question of a decision tree can be answered with, the most dangerous first."""


class AskedOf(StrEnum):
    """Who was asked."""

    REPORTER = "reporter"
    CHILD = "child"
    PROFESSIONAL = "professional"
    SOMEBODY_ELSE = "somebody_else"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody answered when the desk asked, and when that was; `steps` by question of a decision tree."""

    asked_of: AskedOf
    asked_at: datetime
    answers: Answers
    steps: Mapping[str, Answer] = field(default_factory=dict)

    def given(self) -> dict[str, Answer | Injury]:
        """The answers by question; what was not asked is left out."""
        said = {question: getattr(self.answers, question) for question in QUESTIONS}
        return {question: answer for question, answer in said.items() if answer.value != Answer.NOT_ASKED}


def by_person(asked: Iterable[Asked]) -> tuple[Answers, ...]:
    """For everybody who was asked what they now say: their newest answer to each question. `asked` in order."""
    now: dict[AskedOf, Answers] = {}
    for each in asked:
        now[each.asked_of] = merged(now.get(each.asked_of, Answers()), each.answers)
    return tuple(now.values())


def steps_told(asked: Iterable[Asked]) -> tuple[AnswerGiven, ...]:
    """To each question of a tree the most dangerous of what everybody who was asked now says. `asked` in order."""
    now = {(rule, each.asked_of): answer for each in asked for rule, answer in each.steps.items()}
    worst: dict[str, Answer] = {}
    for (rule, _), answer in now.items():
        worst[rule] = min(worst.get(rule, answer), answer, key=STEP_ANSWERS.index)
    return tuple(AnswerGiven(question=rule, value=worst[rule].value) for rule in sorted(worst))


def gravest(answers: Answers, others: Iterable[Answers], questions: tuple[Question, ...]) -> Answers:
    """The answers of a report, with whatever others said to a question that is more dangerous than its own answer.

    The other way round nothing is taken: a milder answer only stands where nothing was asked before. An end of
    safety that others give holds over that of the report.
    """
    for other in others:
        worse: dict[str, object] = {
            question.id: getattr(other, question.id)
            for question in questions
            if _weight(question, other) > _weight(question, answers)
        }
        if other.child_safe_until is not None:
            worse["child_safe_until"] = other.child_safe_until
        answers = answers.model_copy(update=worse)
    return answers


def _weight(question: Question, answers: Answers) -> int:
    """0 not asked, 1 nothing to fear, 2 something found, 3 asked and not answered, 4 danger."""
    value = str(getattr(answers, question.id).value)
    if value == Answer.NOT_ASKED:
        return 0
    if value in question.dangerous:
        return 4
    if value in UNKNOWN:
        return 3
    return 2 if value in question.shows else 1
