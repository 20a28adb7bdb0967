"""The safety questions asked by text and by key: one at a time, each with its closed answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.report import Answers
from schemas.terms import Answer, Injury

YES_NO = {"1": Answer.YES, "2": Answer.NO, "3": Answer.DOES_NOT_KNOW}
INJURY = {"1": Injury.SERIOUS, "2": Injury.MINOR, "3": Injury.NONE, "4": Injury.UNKNOWN}


@dataclass(frozen=True)
class Question:
    """One question: the field of `schemas.report.Answers` it fills, and the answer each digit gives.

    `milder` are the answers that make less of the danger.
    """

    name: str
    choices: Mapping[str, Answer | Injury]
    milder: tuple[Answer | Injury, ...] = (Answer.NO,)

    def answered(self, digit: str) -> Answers | None:
        """The answers with this one filled in, or None when the digit is no answer."""
        answer = self.choices.get(digit)
        return None if answer is None else Answers.model_validate({self.name: answer})


DANGER_NOW = Question("danger_now", YES_NO)
CHILD_SAFE_NOW = Question("child_safe_now", YES_NO, milder=(Answer.YES,))
ACCESS = Question("person_of_concern_has_access", YES_NO)
CHILD_ALONE = Question("child_alone", YES_NO)
HURT = Question("injury", INJURY, milder=(Injury.MINOR, Injury.NONE))
WHERE = Question("where", {})
"""The place, in the reporter's own words: no digit answers it."""

NEWS = Question("news", {"1": Answer.YES, "2": Answer.NO})
"""Whether to be told by a text without content that something became of it. It asks of no danger, so it is last."""

BY_TEXT = (DANGER_NOW, WHERE, CHILD_SAFE_NOW, ACCESS, CHILD_ALONE, HURT, NEWS)
BY_KEY = (CHILD_SAFE_NOW, ACCESS, CHILD_ALONE, HURT)
"""After them `NEWS` is asked of a caller who may be texted."""


def named(name: str, asked: tuple[Question, ...]) -> Question:
    """The question of this name; KeyError if there is none."""
    return {question.name: question for question in asked}[name]


def after(question: Question, asked: tuple[Question, ...]) -> Question | None:
    """The next question, or None after the last."""
    following = asked[asked.index(question) + 1 :]
    return following[0] if following else None
