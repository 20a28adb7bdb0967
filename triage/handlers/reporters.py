"""Telling that something became of reports, so that those who asked for it can be told."""

from typing import Literal

from infra import outbox
from infra.outbox import Trace
from schemas.notices import ReportStateChanged
from triage.domain.case import Case
from triage.handlers.turn import Turn
from triage.store import cases

VERSIONS = {"taken": 1, "closed": 2}


async def tell_reporters(turn: Turn, case: Case, state: Literal["taken", "closed"]) -> None:
    """Append an event for each report of a case."""
    if case.is_canary:
        return
    trace = Trace(case.correlation_id, turn.cause or case.correlation_id, case.traceparent)
    may_conflict = await _may_conflict(turn, case)
    for report_id in await cases.reports(turn.tx, case.case_id):
        event = ReportStateChanged(
            version=VERSIONS[state],
            report_id=report_id,
            case_id=case.case_id,
            state=state,
            changed_at=turn.now,
            may_conflict=may_conflict,
        )
        await outbox.append(turn.tx, event, trace, turn.now)


async def _may_conflict(turn: Turn, case: Case) -> bool | None:
    """Whether whoever filed it may be close to the person of concern; None where no machine could read the report."""
    if case.is_unread_report:
        return None
    pack = turn.means.packs.for_jurisdiction(case.jurisdiction, turn.now.date())
    return pack.may_conflict(await cases.factors(turn.tx, case.case_id))
