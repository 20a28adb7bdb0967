"""The rules by which triage watches itself: sizes and thresholds from `watching.yaml`, and what alarms. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import Field

from schemas.terms import Urgency
from triage.domain.figures import Share, wilson
from triage.domain.pack import Sourced
from triage.domain.rule import Entry


class SampleSizes(Sourced):
    """How many cases of each urgency are drawn a week, and how long after its end."""

    immediate: int = Field(ge=1)
    urgent: int = Field(ge=1)
    priority: int = Field(ge=1)
    routine: int = Field(ge=1)
    drawn_after: timedelta = Field(ge=timedelta())

    def by_urgency(self) -> dict[Urgency, int]:
        """The sizes by urgency."""
        return {each: getattr(self, each) for each in Urgency}


class Cells(Sourced):
    """The fewest cases that a figure by group may rest on."""

    least: int = Field(ge=2)


class OverTriage(Sourced):
    """Over-triage above `limit` alarms, once `least_readings` of the last weeks' cases rest on a second reading."""

    limit: float = Field(gt=0, lt=1)
    weeks: int = Field(ge=1)
    least_readings: int = Field(ge=1)


class RaiseJump(Sourced):
    """How many cases and weeks it takes before a week's share of raised cases can be called a jump."""

    weeks: int = Field(ge=1)
    least_weeks: int = Field(ge=1)
    least_cases: int = Field(ge=1)
    least_cases_before: int = Field(ge=1)
    least_raised: int = Field(ge=1)


class Watching(Entry):
    """Everything of `watching.yaml`."""

    sample: SampleSizes
    cells: Cells
    over_triage: OverTriage
    raises: RaiseJump


@dataclass(frozen=True, slots=True)
class Raises:
    """How many cases a week had, and how many of them machines or people had raised when the sample was drawn."""

    cases: int
    raised: int


def is_over(found: Share | None, rule: OverTriage) -> bool:
    """Whether over-triage alarms: the share itself is above the limit, and rests on enough readings."""
    return found is not None and found.count >= rule.least_readings and found.value > rule.limit


def has_jumped(week: Raises, before: Sequence[Raises], rule: RaiseJump) -> bool:
    """Whether a week's share of raised cases jumped against the weeks before it, taken together.

    It has when its 95 % interval lies wholly above theirs: with a steady rate about one week in 350 (two normal
    intervals of one width part at 2.77 standard errors of the difference; only upwards counts).
    """
    cases, raised = sum(each.cases for each in before), sum(each.raised for each in before)
    is_enough = (
        len(before) >= rule.least_weeks
        and cases >= rule.least_cases_before
        and week.cases >= rule.least_cases
        and week.raised >= rule.least_raised
    )
    return is_enough and wilson(week.raised / week.cases, week.cases)[0] > wilson(raised / cases, cases)[1]
