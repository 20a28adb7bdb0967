"""Whether a contact adds to a report or is a new one, and what a report amounts to after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from schemas.terms import Answer, ContactKind

SAME_MATTER = timedelta(hours=24)
"""A known phone or code within this time of the report adds to it (design, kinds of contact)."""

_WEIGHT = (
    ContactKind.NOTHING_SAID,
    ContactKind.WRONG_NUMBER,
    ContactKind.CHASING,
    ContactKind.CONSULTATION,
    ContactKind.UPDATE,
    ContactKind.REPORT,
)
_DANGER = (Answer.NOT_ASKED, Answer.NO, Answer.DOES_NOT_KNOW, Answer.WOULD_NOT_SAY, Answer.YES)


@dataclass(frozen=True)
class Earlier:
    """A report that the same phone or code is known for."""

    report_id: UUID
    received_at: datetime


@dataclass(frozen=True)
class NewReport:
    """The contact is a new report, linked to an earlier one when there is one."""

    linked_report_id: UUID | None = None


@dataclass(frozen=True)
class UpdateOf:
    """The contact adds to this report."""

    report_id: UUID


def decide(earlier: Sequence[Earlier], is_new_event: bool, now: datetime) -> NewReport | UpdateOf:
    """Say what a contact is. Later than 24 hours, a new event or an instant from the future: a new report."""
    if not earlier:
        return NewReport()
    last = max(earlier, key=lambda report: report.received_at)
    age = now - last.received_at
    if is_new_event or not timedelta() <= age <= SAME_MATTER:
        return NewReport(last.report_id)
    return UpdateOf(last.report_id)


def weightier(known: ContactKind, added: ContactKind) -> ContactKind:
    """The kind of a report after a contact: words added to a silent call make it a report; nothing unmakes one."""
    kind = max(known, added, key=_WEIGHT.index)
    return ContactKind.REPORT if kind is ContactKind.UPDATE else kind


def more_dangerous(known: Answer, added: Answer) -> Answer:
    """The answer to *is a child in danger now* that must be acted on: a later, milder one does not lower it."""
    return max(known, added, key=_DANGER.index)
