"""What is known from before: earlier reports of the same child, in this case and in those that people tied to it.

The count is shown and raises; that earlier ones were closed never lowers. The fourth report in a row that would be
closed, with a child under five, must be assigned instead (Oregon's rule for closing at screening).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from triage.domain.assessment import History

CLOSED_BEFORE = 3
YOUNG_MONTHS = 60
"""A child under five; also of domain.md 2.7, for whom a second person closes."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A report in another case of the same child, and what became of that case.

    Not `is_closed`: nobody has decided yet. `was_acted_on`: somebody began to act, so it was not closed at screening.
    """

    report_id: UUID
    case_id: UUID
    received_at: datetime
    is_closed: bool
    was_acted_on: bool

    @property
    def order(self) -> tuple[datetime, UUID]:
        """Reports in the order they came; ids, which rise with time, tell apart those of one instant."""
        return self.received_at, self.report_id


def history(own: int, others: Iterable[Earlier], before: tuple[datetime, UUID]) -> History:
    """The history of a report: `own` others of its case, and of other cases what came before it (instant, id)."""
    earlier = [each for each in others if each.order < before]
    return History(earlier_reports=own + len(earlier), closed_in_a_row=_closed_in_a_row(earlier))


def _closed_in_a_row(earlier: list[Earlier]) -> int:
    """How many of the newest were closed unacted on; what is undecided neither counts nor ends the row."""
    decided = sorted((each for each in earlier if each.is_closed), key=lambda each: each.order, reverse=True)
    acted = [at for at, each in enumerate(decided) if each.was_acted_on]
    return acted[0] if acted else len(decided)


def must_be_assigned(known: History, ages_months: Iterable[int | None]) -> bool:
    """Whether a case may not be closed before it was assigned: three closed in a row and a child under five.

    A child whose age nobody told counts as young.
    """
    ages = tuple(ages_months)
    is_young = not ages or any(months is None or months < YOUNG_MONTHS for months in ages)
    return known.closed_in_a_row >= CLOSED_BEFORE and is_young
