"""The history that a report is judged with: earlier reports of its case, and of the cases people tied to it."""

from collections.abc import Iterable
from uuid import UUID

from infra.postgres import Transaction
from triage.domain.assessment import History
from triage.domain.history import Earlier, history
from triage.handlers.turn import Turn
from triage.store import cases, pairings
from triage.store.reports import Report


async def others(turn: Turn, case_id: UUID) -> list[Earlier]:
    """The reports of the cases tied to one."""
    return [each for each in await pairings.related(turn.tx, [case_id]) if each.case_id != case_id]


async def of_report(turn: Turn, case_id: UUID, report: Report, own: int) -> History:
    """The history of a report of a case with `own` other reports."""
    return before(report, own, await others(turn, case_id))


async def of_new(turn: Turn, report: Report) -> History:
    """The history of a report that opens a case: what its reporter told before, in a case that is closed by now."""
    known = await cases.of_report(turn.tx, report.linked_report_id) if report.linked_report_id else None
    return History() if known is None else before(report, 0, await pairings.related(turn.tx, [known]))


def before(report: Report, own: int, tied: Iterable[Earlier]) -> History:
    """The history of a report with `own` others in its case, and these in cases tied to it."""
    return history(own, tied, (report.received_at, report.report_id))


async def of_case(tx: Transaction, case_id: UUID) -> History:
    """The history of a case's newest report."""
    known = await pairings.related(tx, [case_id])
    own = [each for each in known if each.case_id == case_id]
    tied = [each for each in known if each.case_id != case_id]
    return history(len(own) - 1, tied, own[-1].order) if own else History()
