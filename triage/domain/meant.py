"""What a model's reading of the words comes to beside the answers: it raises, and weighs an answer of safety."""

from datetime import timedelta

from schemas.report import Answers
from schemas.terms import Answer, Urgency
from triage.domain.assessment import SAFETY_HORIZON, AssessedReport
from triage.domain.structured import Answered


def meant(report: AssessedReport, answers: Answers, answered: Answered, safe_for: timedelta | None) -> Urgency:
    """The urgency that the words mean, routine where no model has read them.

    An answer that the child is safe now, or that the person of concern cannot reach the child, is weighed with the
    words, unless anything else is in doubt: a dangerous or unknown answer, a recording nobody heard, a safety that
    ends within ninety minutes.
    """
    if report.meaning is None:
        return Urgency.ROUTINE
    is_said_safe = Answer.YES is answers.child_safe_now or Answer.NO is answers.person_of_concern_has_access
    is_lapsing = safe_for is not None and safe_for <= SAFETY_HORIZON
    in_doubt = bool(answered.dangerous) or report.has_unheard_recording or is_lapsing
    if is_said_safe and not in_doubt and report.meaning.if_safe is not None:
        return report.meaning.if_safe
    return report.meaning.urgency
