"""Judging a stored report again under packs that are tried: that it is opened is on record, and nothing is kept."""

from infra import audit
from infra.audit import AuditEntry
from infra.vault import Subject
from triage.domain.moves import Replayed
from triage.handlers import judging
from triage.handlers.turn import Turn
from triage.packs import Packs
from triage.store.reports import LastJudged

PURPOSE, ACTION, OPENED = "replay", "report_judged_again", ("report.facts",)


async def replay(turn: Turn, stored: LastJudged, tried: Packs, actor: str) -> Replayed | None:
    """Judge a report as it was last judged, under the packs in force today and under those that are tried.

    Its words, answers and meaning are those of then, and so is the instant by which a child's safety is measured; the
    history is what is known of it by now. None where not all of it opens, or where it was never judged and so is not
    opened. `actor` is who asked for it.
    """
    if stored.assessed_at is None:
        return None
    beside = await judging.beside_of(turn, stored.case_id, stored.child_safe_until)
    found = await judging.open_report(turn, stored.report_id, stored.version)
    subject = Subject("report", stored.report_id)
    await audit.record(turn.tx, AuditEntry(turn.now, actor, PURPOSE, ACTION, subject, stored.case_id, OPENED))
    report = found.as_of(stored.version) if found else None
    if report is None or not report.is_open:
        return None
    packs = [each.for_jurisdiction(report.jurisdiction, turn.now) for each in (turn.means.packs, tried)]
    was, becomes = [beside.judge(report, pack, stored.assessed_at) for pack in packs]
    return Replayed.of(stored.name, was, becomes)
