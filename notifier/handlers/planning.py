"""Due steps: whom the ladder wants now is written down, with the next instant to look. Nothing is sent here.

The first steps are written with the assignment itself, so that a case waits for nobody before its first alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from infra.ids import draw, new_id
from infra.postgres import INFRASTRUCTURE_ERRORS, Transaction
from notifier.domain.calling import Alert, Plan, Step
from notifier.domain.ladder import TEXTS, VALID_FOR, next_steps
from notifier.handlers.folding import folded, is_foldable
from notifier.handlers.silencing import end, tell_who_took_it
from notifier.handlers.telling import tell
from notifier.store import alerts, answers, drills, escalations, people
from notifier.store.alerts import NewAlert
from notifier.store.escalations import EscalationRow, SubjectRow
from schemas.events import EscalationExhausted, EscalationStarted
from schemas.terms import AlertChannel, EscalationStatus, Purpose, Urgency

DRAWN = "25789"
HELD_FOR = timedelta(milliseconds=20)
"""Until a step is looked at again that another worker holds, or whose people another step holds."""

_planned = Counter("notifier_alerts_planned_total", "Alerts written by the ladder.", ["channel"])
_log = structlog.get_logger()


async def begin(tx: Transaction, row: EscalationRow, subject: SubjectRow, now: datetime) -> bool:
    """Begin the calling for an assignment with the steps that are due at once; its subject is locked.

    False when these could not be written: then they are left to the timer, which tries again and again.
    """
    await tell(tx, EscalationStarted, row, subject, now)
    try:
        async with tx.savepoint():
            decided = await _decide(tx, row, subject, (), now)
            if not await _lock_people(tx, row, subject, decided):
                await escalations.add(tx, row)
                return False
            after = _after(row, decided, now)
            await escalations.add(tx, after)
            await alerts.add(tx, await _alerts(tx, after, subject, decided, now), now)
    except INFRASTRUCTURE_ERRORS:
        raise
    except Exception:  # noqa: BLE001 - an assignment whose first step is bad must not be lost with it
        _log.exception("step_failed", escalation_id=str(row.escalation_id))
        await escalations.add(tx, row)
        return False
    return True


@dataclass
class Steps:
    """The due steps of one transaction: decided one after the other, written together.

    What may be told in a digest is written at once: the next step reads what its people were told of lately.
    """

    tx: Transaction
    now: datetime
    _rows: list[EscalationRow] = field(default_factory=list)
    _new: list[NewAlert] = field(default_factory=list)

    async def plan(self, row: EscalationRow, subject: SubjectRow, so_far: Sequence[Alert]) -> None:
        """Decide the steps that are due; the escalation and its subject are locked by the caller.

        `so_far` are its alerts, read since then: a status that asks for a step waits for that lock, and brings
        another.
        """
        decided = await _decide(self.tx, row, subject, so_far, self.now)
        if subject.is_drill and (decided.is_exhausted or await drills.is_at_real_work(self.tx, row.team_id)):
            await _end_drill(self.tx, row, subject, decided, self.now)
            return
        if not await _lock_people(self.tx, row, subject, decided):
            await escalations.postpone(self.tx, row.escalation_id, self.now + HELD_FOR)
            return
        after = _after(row, decided, self.now)
        self._rows.append(after)
        self._new += await _alerts(self.tx, after, subject, decided, self.now)
        if is_foldable(row, subject):
            await self.write()

    async def write(self) -> None:
        """Write what was decided and is not yet written."""
        rows, self._rows = self._rows, []
        new, self._new = self._new, []
        await escalations.change_steps(self.tx, rows)
        await alerts.add(self.tx, new, self.now)


async def _end_drill(tx: Transaction, row: EscalationRow, subject: SubjectRow, decided: Plan, now: datetime) -> None:
    """A drill is over where a case would call everybody together, or once its team has real work."""
    await _keep_empty(tx, row, decided, now)
    over = replace(row, exhausted_at=now if decided.is_exhausted else None)
    await tell_who_took_it(tx, await end(tx, over, EscalationStatus.ENDED, now), subject, now)


async def _decide(
    tx: Transaction, row: EscalationRow, subject: SubjectRow, so_far: Sequence[Alert], now: datetime
) -> Plan:
    known = {alert.person_id for alert in so_far} | {row.first_responder_id} - {None}
    roster = await people.roster(tx, row.team_id, (p for p in known if p), now, subject.is_canary)
    if row.purpose is Purpose.CHECK_IN:
        # Whether somebody is safe is asked of them alone: nobody else can answer it.
        roster = replace(roster, levels={})
    return next_steps(row.domain, so_far, roster, now)


def _after(row: EscalationRow, decided: Plan, now: datetime) -> EscalationRow:
    after = replace(row, next_due_at=decided.next_due_at)
    return replace(after, status=EscalationStatus.EXHAUSTED, exhausted_at=now) if decided.is_exhausted else after


async def _lock_people(tx: Transaction, row: EscalationRow, subject: SubjectRow, decided: Plan) -> bool:
    """Whoever gets a pair, or may be told in a digest, is decided about by one transaction at a time."""
    is_all = is_foldable(row, subject)
    people = {step.person_id for step in decided.steps if is_all or step.channel in TEXTS}
    return await answers.lock_people(tx, people)


async def _alerts(
    tx: Transaction, row: EscalationRow, subject: SubjectRow, decided: Plan, now: datetime
) -> list[NewAlert]:
    """Give pairs, tell of empty levels and of the last rung; returns the alerts that are to be written."""
    for person_id in sorted({step.person_id for step in decided.steps if step.channel in TEXTS}):
        await answers.pair_of_locked(tx, person_id, row.escalation_id, now)
    for step in decided.steps:
        _planned.labels(step.channel.value).inc()
    # In a drill nothing is immediate: what is real goes first, to the last token.
    is_immediate = row.urgency is Urgency.IMMEDIATE and not subject.is_drill
    new = [alert for step in decided.steps for alert in _new_alerts(row, step, is_immediate, now)]
    await _keep_empty(tx, row, decided, now)
    if decided.is_exhausted:
        await tell(tx, EscalationExhausted, row, subject, now)
    return await folded(tx, row, subject, new, now)


async def _keep_empty(tx: Transaction, row: EscalationRow, decided: Plan, now: datetime) -> None:
    for level in decided.empty:
        _log.warning("level_empty", escalation_id=str(row.escalation_id), level=level.value)
        await escalations.add_empty_level(tx, row.escalation_id, level, now)


def _new_alerts(row: EscalationRow, step: Step, is_immediate: bool, now: datetime) -> list[NewAlert]:
    alert = NewAlert(
        alert_id=new_id(),
        escalation_id=row.escalation_id,
        kind="alert",
        person_id=step.person_id,
        level=step.level,
        channel=step.channel,
        attempt=step.attempt,
        is_immediate=is_immediate,
        valid_until=now + VALID_FOR,
        keys=_draw_keys() if step.channel is AlertChannel.VOICE else None,
        is_everybody=step.is_everybody,
    )
    if step.channel is AlertChannel.SMS and step.attempt == 1 and row.ladder.links:
        return [alert, replace(alert, alert_id=new_id(), kind="link")]
    return [alert]


def _draw_keys() -> str:
    """Three keys for one call: take and cannot are drawn, begun is 3, as in every call and text.

    Never 0 or 1, which are pressed by habit, nor what is offered next: a key pressed twice in haste says one thing.
    Nor 6, which calls for help.
    """
    take = draw(list(DRAWN))
    return take + draw([digit for digit in DRAWN if digit != take]) + "3"
