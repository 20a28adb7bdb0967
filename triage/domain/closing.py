"""Closing a case: for which reasons, what stands in the way, and what calls for a second person (domain.md 2.7).

Pure, over what is known of the case. Machines close nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from schemas.terms import Answer, ReporterRole, Urgency
from triage.domain.assessment import History, Source
from triage.domain.clocks import EMERGENCY_SERVICE, SAFETY_ENDS
from triage.domain.history import YOUNG_MONTHS, must_be_assigned
from triage.domain.rule import Entry
from triage.domain.there import AFTER_A_RESPONDER, CHILD_NOT_REACHED

LATER_REPORTS = 2
"""With so many reports before it, a report is the third or a later one."""
_DISCLOSURE = "disclosure"
_ACCESS = frozenset({"access", "access-tonight"})
_CAN_REACH = frozenset({Answer.YES, Answer.DOES_NOT_KNOW, Answer.WOULD_NOT_SAY})


class ClosingReason(Entry):
    """One reason: is there an outcome to tell, what does it need besides words, do two people always decide."""

    code: str
    has_outcome: bool = False
    needs: Literal["nothing", "case", "steps"] = "nothing"
    second_person: bool = False


class ClosingReasons(Entry):
    """The reasons for which a case may be closed, and the steps of looking for a child who was not found."""

    reasons: tuple[ClosingReason, ...]
    steps: tuple[str, ...]
    fewest_steps: int = Field(ge=0)

    @model_validator(mode="after")
    def has_enough_steps(self) -> "ClosingReasons":
        """Refuse to ask for more steps than there are."""
        if self.fewest_steps > len(self.steps):
            raise ValueError("`fewest_steps` is more than there are")
        return self

    def of(self, code: str) -> ClosingReason | None:
        """The reason of a code."""
        return next((each for each in self.reasons if each.code == code), None)


class Hindrance(StrEnum):
    """What stands in the way of closing a case, whoever asks."""

    UNREAD = "unread"
    UNHEARD = "unheard"
    QUESTION_OPEN = "question_open"
    THERE = "there"
    NOT_REACHED = "not_reached"
    CALLING = "calling"
    NOT_TAKEN = "not_taken"
    EMERGENCY = "emergency"
    LEGAL_CLOCK = "legal_clock"
    LOWER_ASKED = "lower_asked"
    OWED = "owed"


class Ground(StrEnum):
    """Why a second person must agree."""

    EVER_URGENT = "ever_urgent"
    CHILD_UNDER_FIVE = "child_under_five"
    AGE_UNKNOWN = "age_unknown"
    LATER_REPORT = "later_report"
    CHILD_TOLD = "child_told"
    ACCESS = "access"
    DISPUTED = "disputed"
    MALICE = "malice"
    SAFETY_WATCHED = "safety_watched"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a case when somebody wants to close it.

    `urgencies`: that it has, and every one it was lowered from. `ages_months`: of the children told of. `factors` and
    `sources`: of everything found in it, ever. `running` and `legal` name clocks. `calling`: the purposes for which
    people are called and nobody has answered. `is_whole`: every report could be opened. `is_disputed`: words came
    after an earlier closing, or somebody said then that the reporter disagrees.
    """

    urgencies: frozenset[Urgency]
    history: History
    ages_months: tuple[int | None, ...] = ()
    roles: frozenset[ReporterRole] = frozenset()
    factors: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    access: frozenset[Answer] = frozenset()
    unasked: tuple[str, ...] = ()
    calling: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    legal: frozenset[str] = frozenset()
    is_whole: bool = True
    is_unread: bool = False
    is_unheard: bool = False
    was_called: bool = False
    is_taken: bool = False
    is_lower_asked: bool = False
    is_disputed: bool = False
    is_malice_suspected: bool = False


def hindrances(case: Standing) -> tuple[Hindrance, ...]:
    """Everything that stands in the way, the first to be seen to before."""
    stands = {
        Hindrance.UNREAD: case.is_unread,
        Hindrance.UNHEARD: case.is_unheard,
        Hindrance.QUESTION_OPEN: bool(case.unasked),
        Hindrance.THERE: bool(case.running & AFTER_A_RESPONDER),
        Hindrance.NOT_REACHED: CHILD_NOT_REACHED in case.running,
        Hindrance.CALLING: bool(case.calling),
        Hindrance.NOT_TAKEN: case.was_called and not case.is_taken,
        Hindrance.EMERGENCY: EMERGENCY_SERVICE in case.running,
        Hindrance.LEGAL_CLOCK: bool(case.legal),
        Hindrance.LOWER_ASKED: case.is_lower_asked,
        Hindrance.OWED: is_owed(case) and not case.was_called,
    }
    return tuple(each for each, holds in stands.items() if holds)


def is_owed(case: Standing) -> bool:
    """Whether it may not be closed before people were called for it: the fourth in a row with a young child."""
    return must_be_assigned(case.history, case.ages_months)


def grounds(case: Standing, *, is_disputed: bool = False, by_reason: bool = False) -> tuple[Ground, ...]:
    """Why a second person must agree; none for an empty answer (domain.md 2.7).

    `is_disputed`: who asks says that the reporter disagrees. `by_reason`: their reason always wants a second person.
    """
    holds = {
        Ground.EVER_URGENT: min(each.rank for each in case.urgencies) <= Urgency.URGENT.rank,
        Ground.CHILD_UNDER_FIVE: any(months is not None and months < YOUNG_MONTHS for months in case.ages_months),
        Ground.AGE_UNKNOWN: not case.ages_months or None in case.ages_months or not case.is_whole,
        Ground.LATER_REPORT: case.history.earlier_reports >= LATER_REPORTS,
        Ground.CHILD_TOLD: _has_child_told(case),
        Ground.ACCESS: bool(_ACCESS & case.factors or _CAN_REACH & case.access),
        Ground.DISPUTED: is_disputed or case.is_disputed,
        Ground.MALICE: case.is_malice_suspected,
        Ground.SAFETY_WATCHED: SAFETY_ENDS in case.running,
        Ground.REASON: by_reason,
    }
    return tuple(each for each, is_so in holds.items() if is_so)


def _has_child_told(case: Standing) -> bool:
    """Whether a child told of it: in the words, as the one whom others quote, or as the reporter."""
    return _DISCLOSURE in case.factors or Source.CHILD in case.sources or ReporterRole.CHILD in case.roles
