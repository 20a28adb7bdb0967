"""What new words do to what people decided before them: a closed case lives again, a request to close it is void, and
a mark of suspected malice ends with a report from somebody else.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from triage.domain.case import Case, Cause, Status
from triage.domain.malice import is_somebody_else
from triage.handlers import opening, responders
from triage.handlers.turn import Turn
from triage.store import closings, malice, reports, timeline
from triage.store.reports import Report

REOPENED: dict[str, object] = {"before": Status.CLOSED, "after": Status.OPEN}


async def heed(turn: Turn, case: Case) -> Case:
    """Let a closed case live again, and an open request to close it be void: somebody has said something new."""
    await void_closing(turn, case)
    if case.status is not Status.CLOSED:
        return case
    await timeline.add(turn.tx, case.case_id, "reopened_by_words", turn.now, detail=REOPENED)
    return await live_again(turn, case)


async def live_again(turn: Turn, case: Case) -> Case:
    """A closed case as one that was opened now: nobody's, with its clocks. Whoever asks for it calls people."""
    case = replace(responders.untaken(case), status=Status.OPEN, closed_by=None, closed_at=None, first_action_at=None)
    if not case.is_canary:
        await opening.start_after_reopening(turn, case)
    return case


async def call(turn: Turn, case: Case) -> Case:
    """Call people for a case that lives again, as its urgency says."""
    await responders.begin(turn, case, Cause.REOPENED)
    return case


async def void_closing(turn: Turn, case: Case, by: UUID | str = timeline.TRIAGE) -> None:
    """End an open request to close a case: it rests on what no longer holds."""
    if await closings.void(turn.tx, case.case_id, turn.now):
        await timeline.add(turn.tx, case.case_id, "closing_voided", turn.now, by)


async def end_mark(turn: Turn, case: Case, report: Report, others: Iterable[UUID]) -> None:
    """End a mark of suspected malice when a report comes from another sender than the other reports of its case."""
    if await malice.of_case(turn.tx, case.case_id) is None:
        return
    known = {sender for each in others for sender in await _senders(turn, each)}
    if is_somebody_else({said.facts.came_from for said in report.words}, known):
        await malice.end(turn.tx, case.case_id, turn.now, by_report=report.report_id)
        await timeline.add(turn.tx, case.case_id, "malice_ended", turn.now)


async def _senders(turn: Turn, report_id: UUID) -> set[str | None]:
    """The phones that a report and its updates came from; none of one that cannot be opened."""
    report = await reports.read_what_opens(turn.tx, turn.means.vault, report_id)
    return set() if report is None else {said.facts.came_from for said in report.words}
