"""Cases and desks: every new assignment starts an escalation, supersedes the one before, or ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from infra.clock import Clock
from infra.ids import new_alias, new_id
from infra.inbox import Delivery
from infra.postgres import INFRASTRUCTURE_ERRORS, Transaction
from notifier.domain.watching import CASE_WITHIN, DEADLINE, desk_for, is_danger, own_ladder
from notifier.handlers.planning import begin
from notifier.handlers.silencing import end, tell_who_took_it
from notifier.handlers.starting import escalation_of
from notifier.handlers.telling import tell
from notifier.handlers.waking import Wake
from notifier.store import drills, escalations, people
from notifier.store import watched as watched_reports
from notifier.store.escalations import EscalationRow, SubjectRow
from notifier.store.watched import WatchedReport
from schemas.events import (
    AssignmentState,
    CallingState,
    CaseState,
    EscalationAcknowledged,
    EscalationEnded,
    ReportState,
)
from schemas.terms import AcknowledgedVia, AssignmentStatus, EscalationStatus, Purpose, Urgency

# The timer looks once a second by itself, so only what is due before must wake it.
SOON = timedelta(seconds=1)
# Until a report that nobody could be called for is looked at again.
LOOK_AGAIN = timedelta(seconds=5)

_log = structlog.get_logger()


@dataclass(frozen=True)
class CaseHandlers:
    """Handlers of what triage and ingest tell; `wake` makes the timer look once a change is committed."""

    clock: Clock
    wake: Wake
    wait_scale: float = 1.0
    time_zone: str = "UTC"

    async def on_calling(self, delivery: Delivery, tx: Transaction) -> None:
        """Make the escalations of a case or desk what its newest assignments say."""
        state: CallingState = delivery.event
        now = self.clock.now()
        subject = await escalations.apply_subject(tx, state, delivery.trace)
        if subject is None:
            return
        if isinstance(state, CaseState):
            # Before anybody gets a reply pair: subjects are locked before people.
            await self._forget_own_calls(tx, state.report_ids, now)
        await self._make_way(tx, state, now)
        known = [] if subject.is_new else await escalations.escalations_of(tx, state.subject_id)
        for assignment in state.assignments:
            of_purpose = [row for row in known if row.purpose is assignment.purpose]
            await _Purpose(tx, subject.row, self.wake, now).follow(assignment, of_purpose)

    async def _make_way(self, tx: Transaction, state: CallingState, now: datetime) -> None:
        """Real immediate work goes first: the drills of its teams end."""
        teams = {
            each.team_id
            for each in state.assignments
            if each.urgency is Urgency.IMMEDIATE and each.status is AssignmentStatus.CALLING
        }
        if teams and not state.is_canary:
            await drills.hurry(tx, teams, now)
            tx.after_commit(self.wake.steps.set)

    async def _forget_own_calls(self, tx: Transaction, report_ids: tuple[UUID, ...], now: datetime) -> None:
        """A case has come: what was called for its reports without one ends."""
        for report_id in await watched_reports.forget(tx, report_ids):
            tx.after_commit(self.wake.sends.set)
            if await escalations.lock_subject(tx, report_id) is not None:
                for row in await escalations.escalations_of(tx, report_id):
                    if row.is_active:
                        await end(tx, row, EscalationStatus.ENDED, now)

    async def on_report(self, delivery: Delivery, tx: Transaction) -> None:
        """Remember a report with danger now, said at once or later, until it has a case."""
        report: ReportState = delivery.event
        now = self.clock.now()
        if is_danger(report.danger_now) and not report.is_canary:
            watched = WatchedReport(report.report_id, report.jurisdiction, False, delivery.trace)
            await watched_reports.watch(tx, watched, report.received_at, CASE_WITHIN)
            if report.received_at + CASE_WITHIN <= now + SOON:
                tx.after_commit(self.wake.steps.set)

    async def call_for_unopened(self, tx: Transaction, now: datetime) -> int:
        """Call the duty officers for every report with danger now that has no case in time; returns how many.

        One that nobody can be called for is looked at again and again, and keeps no other from being called for.
        """
        overdue = await watched_reports.claim(tx, now)
        for report in overdue:
            try:
                async with tx.savepoint():
                    await self._look_at(tx, report, now)
            except INFRASTRUCTURE_ERRORS:
                raise
            except Exception:  # noqa: BLE001 - `uncalled` tells it at the desk until it is called for
                _log.exception("report_not_called_for", report_id=str(report.report_id))
                await watched_reports.postpone(tx, report.report_id, now + LOOK_AGAIN)
        return len(overdue)

    async def _look_at(self, tx: Transaction, report: WatchedReport, now: datetime) -> None:
        if report.has_case:
            await watched_reports.forget(tx, (report.report_id,))
        else:
            await self._call_for(tx, report, now)

    async def _call_for(self, tx: Transaction, report: WatchedReport, now: datetime) -> None:
        team_id = desk_for(report.jurisdiction, await people.teams(tx))
        if team_id is None:
            # Without a desk or last-resort team a configuration is refused when it is saved.
            raise LookupError("there is no team that a report without a case could be read by")
        await watched_reports.mark_looked_at(tx, report.report_id)
        if await escalations.add_own_subject(tx, report, new_alias(), self.time_zone):
            await escalations.add(tx, self._own_escalation(report.report_id, team_id, now))

    def _own_escalation(self, report_id: UUID, team_id: UUID, now: datetime) -> EscalationRow:
        return EscalationRow(
            escalation_id=new_id(),
            subject_id=report_id,
            purpose=Purpose.READ,
            number=1,
            status=EscalationStatus.CALLING,
            urgency=Urgency.IMMEDIATE,
            team_id=team_id,
            first_responder_id=None,
            excluded_responders=(),
            ladder=own_ladder(self.wait_scale),
            deadline_at=now + DEADLINE,
            started_at=now,
            next_due_at=now,
        )


@dataclass
class _Purpose:
    """One purpose of a subject: at most one escalation is active."""

    tx: Transaction
    subject: SubjectRow
    wake: Wake
    now: datetime

    async def follow(self, assignment: AssignmentState, known: Sequence[EscalationRow]) -> None:
        if any(row.number > assignment.number for row in known):
            return
        for row in known:
            if row.number < assignment.number and row.status is not EscalationStatus.SUPERSEDED:
                await self._supersede(row)
        same = next((row for row in known if row.number == assignment.number), None)
        if assignment.status is AssignmentStatus.CALLING:
            await self._start(assignment, same)
        elif assignment.status is AssignmentStatus.TAKEN_AT_DESK and assignment.taken_by is not None:
            had = next((row for row in known if row.number < assignment.number and row.is_held), None)
            await self._take_at_desk(assignment, assignment.taken_by, same, had)
        elif same is not None and same.is_active:
            over = await self._end(same, EscalationStatus.ENDED)
            await tell(self.tx, EscalationEnded, over, self.subject, self.now)

    async def _end(self, row: EscalationRow, status: EscalationStatus) -> EscalationRow:
        self.tx.after_commit(self.wake.sends.set)
        return await end(self.tx, row, status, self.now)

    async def _supersede(self, row: EscalationRow) -> None:
        """Answers to it are kept and told from now on, and stop nothing. Others are told if it rang."""
        over = await self._end(row, EscalationStatus.SUPERSEDED)
        if row.is_active:
            await tell(self.tx, EscalationEnded, over, self.subject, self.now)

    async def _start(self, assignment: AssignmentState, same: EscalationRow | None) -> None:
        if same is None:
            row = escalation_of(self.subject.subject_id, assignment, self.now)
            is_planned = await begin(self.tx, row, self.subject, self.now)
            self.tx.after_commit(self.wake.sends.set if is_planned else self.wake.steps.set)

    async def _take_at_desk(
        self, assignment: AssignmentState, taken_by: UUID, same: EscalationRow | None, had: EscalationRow | None
    ) -> None:
        if same is not None and not same.is_active:
            return
        taken_at = assignment.taken_at or self.now
        row = same or escalation_of(self.subject.subject_id, assignment, taken_at)
        taken = row.acknowledged(taken_by, AcknowledgedVia.DESK, taken_at)
        if same is None:
            await escalations.add(self.tx, taken)
            self.tx.after_commit(self.wake.sends.set)
        else:
            await self._end(taken, EscalationStatus.ACKNOWLEDGED)
        await tell_who_took_it(self.tx, taken, self.subject, self.now, had)
        await tell(self.tx, EscalationAcknowledged, taken, self.subject, self.now)
