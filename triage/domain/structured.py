"""Findings in the answers to the danger questions. *Does not know* and *would not say* count as danger."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.report import Answers
from schemas.terms import ReporterRole
from triage.domain.assessment import AnswerGiven, Certainty, Finding, Who
from triage.domain.case import merged
from triage.domain.pack import Question

UNKNOWN = frozenset({"does_not_know", "would_not_say", "unknown"})
"""Answers of who was asked and did not answer; they count as danger."""
_NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the answers show: findings, the answers that count as danger, and the questions still open."""

    findings: tuple[Finding, ...]
    dangerous: tuple[Finding, ...]
    not_asked: tuple[Question, ...]
    unknown: tuple[Question, ...]


def read_answers(answers: Answers, questions: tuple[Question, ...], role: ReporterRole) -> Answered:
    """Sort the answers. A question that is not put to this role is neither open nor asked next."""
    findings: list[Finding] = []
    dangerous: list[Finding] = []
    not_asked: list[Question] = []
    unknown: list[Question] = []
    for question in questions:
        value = str(getattr(answers, question.id).value)
        if value == _NOT_ASKED:
            not_asked += [question] if role not in question.not_for else []
            continue
        finding = _finding(question, value)
        unknown += [question] if value in UNKNOWN else []
        dangerous += [finding] if value in UNKNOWN or value in question.dangerous else []
        findings += [finding] if value in question.shows else []
    return Answered(tuple(findings), tuple(dangerous), tuple(not_asked), tuple(unknown))


def open_questions(
    told: Iterable[tuple[ReporterRole, Answers]], questions: tuple[Question, ...], asked: Iterable[Answers] = ()
) -> list[str]:
    """The danger questions of a case that nobody was asked yet, of those that are put to any of its reporters.

    `told` has the role of each report's reporter and its answers, `asked` what the desk was told when it asked; what
    one of them answers is not open for another.
    """
    answered, roles = Answers(), set()
    for role, answers in told:
        answered = merged(answered, answers)
        roles.add(role)
    for answers in asked:
        answered = merged(answered, answers)
    return [
        question.id
        for question in questions
        if getattr(answered, question.id).value == _NOT_ASKED and roles - set(question.not_for)
    ]


def asked_for(questions: Iterable[Question], role: ReporterRole) -> frozenset[str]:
    """The factors that the danger questions put to this role ask for: those that a dangerous answer shows."""
    return frozenset(factor for each in questions if role not in each.not_for for factor in _asked_for(each))


def denied_by(answers: Answers, questions: Iterable[Question]) -> frozenset[str]:
    """The factors that a clear and mild answer denies; an unknown one denies nothing."""
    mild = (each for each in questions if _is_mild(each, str(getattr(answers, each.id).value)))
    return frozenset(factor for each in mild for factor in _asked_for(each))


def _asked_for(question: Question) -> Iterable[str]:
    return (question.shows[value] for value in question.dangerous if value in question.shows)


def _is_mild(question: Question, value: str) -> bool:
    return value != _NOT_ASKED and value not in UNKNOWN and value not in question.dangerous


def _finding(question: Question, value: str) -> Finding:
    is_unknown = value in UNKNOWN
    shown = question.shows.get(question.dangerous[0] if is_unknown else value, question.id)
    return Finding(
        factor=shown,
        certainty=Certainty.UNKNOWN if is_unknown else Certainty.STATED,
        who=Who.CHILD,
        answer=AnswerGiven(question=question.id, value=value),
    )


def age_months(answers: Answers) -> int | None:
    """The child's age in completed months, if it was told; years alone give the youngest that fits."""
    if answers.child_age_months is not None:
        return answers.child_age_months + 12 * (answers.child_age_years or 0)
    return None if answers.child_age_years is None else answers.child_age_years * 12
