"""An answer of a responder, in one transaction: the row's lock, the effect, the events, and the others' silence."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction
from notifier.domain.answers import SAFETY, Effect, effect_of
from notifier.domain.drill import effect_in_drill
from notifier.domain.replies import Act
from notifier.handlers.silencing import end, tell_who_took_it
from notifier.handlers.telling import tell
from notifier.handlers.waking import Wake
from notifier.store import alerts, answers, escalations
from notifier.store.answers import NewAnswer
from notifier.store.escalations import EscalationRow, SubjectRow
from schemas.events import (
    ChildNotReached,
    EscalationAcknowledged,
    EscalationDeclined,
    EscalationHandedBack,
    EscalationState,
    FirstActionBegun,
    ResponderArrived,
    ResponderCheckedIn,
    ResponderLeft,
    ResponderNeedsHelp,
)
from schemas.terms import AcknowledgedVia, EscalationStatus, Purpose

_SAID: dict[Effect, type[EscalationState]] = {
    Effect.ARRIVED: ResponderArrived,
    Effect.CHECKED_IN: ResponderCheckedIn,
    Effect.NEEDS_HELP: ResponderNeedsHelp,
    Effect.NOT_REACHED: ChildNotReached,
    Effect.LEFT: ResponderLeft,
}
"""What somebody says on the way or there: the event, and by its effect's name the instant that is kept."""


@dataclass(frozen=True)
class Answer:
    """What a person wants with an escalation, and how they said it."""

    person_id: UUID
    escalation_id: UUID
    act: Act
    via: AcknowledgedVia
    alert_id: UUID | None = None
    provider_sid: str | None = None
    words: bytes | None = None
    says_more: bool = False


@dataclass(frozen=True)
class Outcome:
    """What an answer did. `base` is the pair that holds now: the escalation's, or its successor's."""

    effect: Effect
    escalation: EscalationRow
    subject: SubjectRow
    base: str | None


async def answer(tx: Transaction, given: Answer, now: datetime, wake: Wake) -> Outcome:
    """Let an answer take effect, once for each request of the provider: a repeated one gets the first effect."""
    row, subject = await locked(tx, given.escalation_id)
    kept = await answers.kept(tx, given.provider_sid) if given.provider_sid else None
    if kept is not None:
        effect = Effect(kept.effect)
    else:
        effect = effect_of(given.act, given.person_id, row.standing)
        effect = effect_in_drill(effect) if subject.is_drill else effect
        row = await _Effects(tx, given, subject, now).apply(effect, row)
        await answers.add(tx, _kept(given, effect), now)
        if effect in {Effect.TAKEN, Effect.DECLINED} | SAFETY:
            tx.after_commit(wake.sends.set)
        if effect is Effect.DECLINED:
            tx.after_commit(wake.steps.set)
    return Outcome(effect, row, subject, await _base(tx, row, effect, given.person_id, now))


async def locked(tx: Transaction, escalation_id: UUID) -> tuple[EscalationRow, SubjectRow]:
    """The escalation as it is once its subject and then it are locked; its alerts come after them."""
    before = await escalations.escalation(tx, escalation_id)
    subject = await escalations.lock_subject(tx, before.subject_id) if before else None
    row = await escalations.lock_escalation(tx, escalation_id)
    if row is None or subject is None:
        raise LookupError(f"{escalation_id} is no escalation")
    return row, subject


@dataclass
class _Effects:
    tx: Transaction
    given: Answer
    subject: SubjectRow
    now: datetime

    async def apply(self, effect: Effect, row: EscalationRow) -> EscalationRow:
        """Change what the effect changes; most change nothing."""
        if effect is Effect.TAKEN:
            return await self._take(row)
        if effect is Effect.DECLINED:
            return await self._decline(row)
        if effect in SAFETY:
            return await self._say_there(effect, row)
        if effect is Effect.BEGUN:
            begun = replace(row, begun_at=self.now)
            await escalations.change(self.tx, begun)
            await tell(self.tx, FirstActionBegun, begun, self.subject, self.now)
            return begun
        if effect is Effect.HANDED_BACK and row.handed_back_at is None:
            back = replace(row, handed_back_at=self.now, handed_back_by=self.given.person_id)
            await escalations.change(self.tx, back)
            await tell(self.tx, EscalationHandedBack, back, self.subject, self.now)
            return back
        return row

    async def _say_there(self, effect: Effect, row: EscalationRow) -> EscalationRow:
        """Write what somebody says on the way or there; it also answers a call that asks whether they are safe."""
        kind = _SAID[effect]
        changes: dict[str, Any] = {f"{effect}_at": self.now}
        if effect is Effect.NEEDS_HELP:
            changes["needs_help_by"] = self.given.person_id
        if effect is Effect.ARRIVED:
            changes |= {"checked_in_at": self.now, "left_at": None}
        said = replace(row, **changes)
        if row.is_active and row.purpose is Purpose.CHECK_IN:
            said = said.acknowledged(self.given.person_id, self.given.via, self.now)
            await self._mark(Act.TAKE)
            await end(self.tx, said, EscalationStatus.ACKNOWLEDGED, self.now)
        else:
            await escalations.change(self.tx, said)
        if effect is Effect.LEFT:
            await answers.mark_left(self.tx, row.subject_id, self.given.person_id, self.now)
        await tell(self.tx, kind, said, self.subject, self.now)
        return said

    async def _take(self, row: EscalationRow) -> EscalationRow:
        taken = row.acknowledged(self.given.person_id, self.given.via, self.now)
        taken = replace(
            taken, facts_at=await answers.facts_shown_at(self.tx, row.escalation_id, self.given.person_id)
        )
        await self._mark(Act.TAKE)
        await end(self.tx, taken, EscalationStatus.ACKNOWLEDGED, self.now)
        await tell_who_took_it(self.tx, taken, self.subject, self.now)
        await tell(self.tx, EscalationAcknowledged, taken, self.subject, self.now)
        return taken

    async def _decline(self, row: EscalationRow) -> EscalationRow:
        declined_by = tuple(dict.fromkeys([*row.declined_by, self.given.person_id]))
        declined = replace(row, declined_by=declined_by, next_due_at=self.now)
        await self._mark(Act.DECLINE)
        await alerts.stop_of(self.tx, row.escalation_id, self.given.person_id, self.now, self.given.alert_id)
        await escalations.change(self.tx, declined)
        await tell(self.tx, EscalationDeclined, declined, self.subject, self.now)
        return declined

    async def _mark(self, act: Act) -> None:
        await answers.mark_answered(self.tx, replace(_kept(self.given, Effect.TAKEN), act=act), self.now)


def _kept(given: Answer, effect: Effect) -> NewAnswer:
    return NewAnswer(
        answer_id=new_id(),
        person_id=given.person_id,
        via=given.via,
        act=given.act,
        effect=effect.value,
        escalation_id=given.escalation_id,
        alert_id=given.alert_id,
        provider_sid=given.provider_sid,
        words=given.words,
        says_more=given.says_more,
    )


async def _base(tx: Transaction, row: EscalationRow, effect: Effect, person_id: UUID, now: datetime) -> str | None:
    """The pair that holds now; after an answer to a superseded escalation, that of the one being called."""
    if effect is Effect.SUPERSEDED:
        rows = await escalations.escalations_of(tx, row.subject_id)
        successor = next((r for r in rows if r.purpose is row.purpose and r.is_active), None)
        if successor is None or person_id in successor.excluded_responders:
            return None
        return await answers.pair_for(tx, person_id, successor.escalation_id, now)
    return await answers.pair_for(tx, person_id, row.escalation_id, now)
