"""What a model made of a report's words, after the first judgement: the case may rise, and never falls."""

from uuid import UUID

from triage.domain.assessment import Meaning
from triage.domain.case import Status, raised
from triage.handlers.judging import judge_again
from triage.handlers.publish import publish
from triage.handlers.reports import raise_to
from triage.handlers.turn import Turn
from triage.store import cases, meanings, pairings


async def on_meaning(turn: Turn, report: tuple[UUID, int], meaning: Meaning | None) -> None:
    """Judge a report (id, version) anew with its meaning; newer words than were read wait for their own reading."""
    report_id, version = report
    case_id = await cases.of_report(turn.tx, report_id)
    if case_id is not None:
        await pairings.lock_families(turn.tx, case_id)
    case = await cases.lock(turn.tx, case_id) if case_id else None
    if case is None or not await meanings.keep(turn.tx, report, meaning):
        return
    known = await cases.reports(turn.tx, case.case_id)
    if meaning is None or known[report_id] != version:
        return
    judged = await judge_again(turn, case, case.child_safe_until)
    if case.status is not Status.CLOSED:
        await publish(turn, await raise_to(turn, case, raised(case.urgency, judged.urgency), why=judged.why))
