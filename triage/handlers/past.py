"""The history that a report is judged with: earlier reports of its case, and of the cases people tied to it."""

from collections.abc import Iterable
from uuid import UUID

from triage.domain.assessment import History, Piece
from triage.domain.evidence import read
from triage.domain.history import Earlier, history, must_be_assigned
from triage.domain.pack import Pack
from triage.domain.structured import age_months
from triage.handlers.turn import Turn
from triage.store import cases, pairings, reports
from triage.store.reports import NoSuchReport, Report


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


async def of_case(turn: Turn, case_id: UUID) -> History:
    """The history of a case's newest report."""
    known = await pairings.related(turn.tx, [case_id])
    own = [each for each in known if each.case_id == case_id]
    tied = [each for each in known if each.case_id != case_id]
    return history(len(own) - 1, tied, own[-1].order) if own else History()


async def is_owed(turn: Turn, case_id: UUID, jurisdiction: str) -> bool:
    """Whether a case may not be closed before it was assigned, by its history and the ages that were told."""
    known = await of_case(turn, case_id)
    if not must_be_assigned(known, ()):
        return False
    pack = turn.means.packs.for_jurisdiction(jurisdiction, turn.now.date())
    told = [await _ages(turn, each, pack) for each in await cases.reports(turn.tx, case_id)]
    return must_be_assigned(known, [months for ages in told for months in ages])


async def _ages(turn: Turn, report_id: UUID, pack: Pack) -> list[int]:
    """The ages that a report tells, as far as it opens."""
    try:
        report = await reports.read_what_opens(turn.tx, turn.means.vault, report_id)
    except (NoSuchReport, ValueError):
        return []
    pieces: tuple[Piece, ...] = report.as_assessed().pieces
    told = [months for piece in pieces for months in read(piece, pack.lexicon, report.reporter_role).ages_months]
    answered = age_months(report.answers)
    return told if answered is None else [*told, answered]
