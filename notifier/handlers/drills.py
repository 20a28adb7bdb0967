"""Drills: called for by the real ladder and by real means, over once somebody takes one or nobody is left to call."""

from dataclasses import dataclass
from datetime import datetime

from infra.clock import Clock
from infra.inbox import Delivery
from infra.postgres import Transaction
from notifier.domain.drill import may_begin
from notifier.handlers.planning import begin
from notifier.handlers.starting import escalation_of
from notifier.handlers.waking import Wake
from notifier.store import drills, escalations
from schemas.drills import DrillCalled
from schemas.events import AssignmentState
from schemas.terms import EscalationStatus


@dataclass(frozen=True)
class DrillHandlers:
    """Handlers of what triage tells of drills."""

    clock: Clock
    wake: Wake

    async def on_drill(self, delivery: Delivery, tx: Transaction) -> None:
        """Begin the calling; one that comes late, or beside real work of its team, is over before it begins."""
        state: DrillCalled = delivery.event
        now = self.clock.now()
        subject = await escalations.apply_subject(tx, state, delivery.trace)
        if subject is None or not subject.is_new:
            return
        for assignment in state.assignments:
            row = escalation_of(state.subject_id, assignment, now)
            if await self._may_begin(tx, assignment, now):
                is_planned = await begin(tx, row, subject.row, now)
                tx.after_commit(self.wake.sends.set if is_planned else self.wake.steps.set)
            else:
                await escalations.add(tx, row.over(EscalationStatus.ENDED))

    async def _may_begin(self, tx: Transaction, assignment: AssignmentState, now: datetime) -> bool:
        is_at_real_work = await drills.is_at_real_work(tx, assignment.team_id)
        return may_begin(assignment.made_at, now, is_at_real_work)
