"""What a model's reading of the words comes to beside the answers: it raises, and weighs an answer of safety."""

from schemas.report import Answers
from schemas.terms import Answer, Urgency
from triage.domain.assessment import BOTH_ENDS, Meaning


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


def can_be_added_to(before: Meaning | None, newer: Meaning | None) -> bool:
    """Whether what a model makes of newer words can be added to what was made of earlier ones: by the same model."""
    return before is not None and before.danger is not None and (newer is None or newer.name == before.name)


def added(before: Meaning, newer: Meaning | None, version: int) -> Meaning:
    """The meaning of all words up to a version, from that of earlier words and of the newer ones (None: no words).

    The worst off of both, as if all had been read together: each contact is read by itself anyhow. Of two alike the
    earlier stays.
    """
    both = [before] if newer is None else [before, newer]
    worst = min(both, key=lambda each: (each.urgency.rank, -(each.danger or 0.0)))
    safest = [each.if_safe for each in both if each.if_safe is not None]
    is_in_part = any(each.model.endswith(BOTH_ENDS) for each in both)
    return worst.model_copy(
        update={
            "model": before.name + (BOTH_ENDS if is_in_part else ""),
            "report_version": version,
            "if_safe": min(safest, key=lambda each: each.rank, default=None),
        }
    )
