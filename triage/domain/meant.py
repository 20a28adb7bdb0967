"""What a model's reading of the words comes to beside the answers: it raises, and weighs an answer of safety."""

from schemas.report import Answers
from schemas.terms import Answer, Urgency
from triage.domain.assessment import Meaning


def meant(meaning: Meaning | None, answers: Answers, *, in_doubt: bool) -> Urgency:
    """The urgency that the words mean, routine where no model has read them.

    An answer that the child is safe now, or that the person of concern cannot reach the child, is weighed with the
    words, unless anything else is `in_doubt`: a dangerous or unknown answer, a recording nobody heard, a safety that
    ends within ninety minutes.
    """
    if meaning is None:
        return Urgency.ROUTINE
    is_said_safe = Answer.YES is answers.child_safe_now or Answer.NO is answers.person_of_concern_has_access
    if is_said_safe and not in_doubt and meaning.if_safe is not None:
        return meaning.if_safe
    return meaning.urgency
