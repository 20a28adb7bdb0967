"""The ladder: who is due for which channel now, and when to look again. Source: rules 4 and 11 of the design.

Each rung adds one person; earlier ones go on ringing. The next rung is called when its wait is over, or at once when
nobody at the present one can still take it: everybody there declined or every channel to them failed. A channel that
does not bring its alert is replaced by the person's next one at once (`notifier.domain.failures`). A level with
nobody new is skipped at once, and the waits after it count from the last rung that was called. A person whose phone
refuses our texts (STOP) is rung, but nobody waits for them: the next rung is called too, and the lead is rung once
out of turn, whose own rung comes all the same. A person's own order says what replaces what, and, for what is not
immediate, what is used one after the other (`schemas.ways`); for what is urgent the channels of the rung that it
leaves out follow. After the last rung everybody is called together, on every channel, again and again. A ladder with
hours calls nobody again outside them: it goes on at the instant at which they begin (decision 25).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from notifier.domain.calling import Alert, Escalation, History, Plan, Roster, Step, way
from notifier.domain.failures import failure
from notifier.domain.quiet import heard
from schemas.ladder import Rung
from schemas.terms import AlertChannel, EscalationStatus, Level, Urgency

VALID_FOR = timedelta(minutes=5)
"""An alert that was not sent by then is stale; source: rule 11 of the design."""

IN_PLACE = (AlertChannel.VOICE, AlertChannel.SMS, AlertChannel.WEBHOOK, AlertChannel.EMAIL)
"""What is used next when every channel that was tried does not bring it."""
INSTEAD = (AlertChannel.SMS, AlertChannel.WEBHOOK, AlertChannel.EMAIL, AlertChannel.VOICE, AlertChannel.LOOPBACK)
"""What a person gets first whom no channel of a rung reaches: what waits for days is written (domain.md 3.2)."""
TEXTS = (AlertChannel.SMS, AlertChannel.WEBHOOK)
OUT = frozenset({"planned", "sending", "queued", "ringing"})


def next_steps(escalation: Escalation, alerts: Sequence[Alert], roster: Roster, now: datetime) -> Plan:
    """Everything due at `now`. The plan's `next_due_at` is always later than `now`."""
    hours, is_at_its_end = escalation.ladder.hours, escalation.status is EscalationStatus.EXHAUSTED
    if hours is not None and is_at_its_end and (opens_at := hours.next_within(now)) > now:
        return Plan((), opens_at)
    awake, rests_until = heard(escalation, roster, now)
    if rests_until is not None:
        # Looked at before that too: somebody who is awake may come on call.
        return Plan((), min(rests_until, now + escalation.ladder.everybody_every))
    plan = _Calling(escalation, History(list(alerts)), awake, now).plan()
    # Nobody is left who is awake: before everybody is called, whoever was passed over has their turn.
    wakes = plan.is_exhausted and escalation.urgency is Urgency.URGENT
    return _Calling(escalation, History(list(alerts)), roster, now).plan() if wakes else plan


class _Calling:
    """One look at one escalation."""

    def __init__(self, escalation: Escalation, history: History, roster: Roster, now: datetime) -> None:
        self.escalation = escalation
        self.ladder = escalation.ladder
        self.history = history
        # Those who were called by their rung, so far; nobody's turn comes or passes by a call out of it.
        self.turns = History([alert for alert in history.alerts if not alert.is_everybody])
        self.roster = roster
        self.now = now
        self.steps: list[Step] = []
        self.empty: list[Level] = []

    def plan(self) -> Plan:
        if self.escalation.status is EscalationStatus.EXHAUSTED:
            return self._everybody()
        if self._climb():
            return self._everybody(is_exhausted=True)
        for person_id in self._ringing():
            self._repeat(person_id)
        lead_at = self._ring_lead()
        dues: list[datetime | None] = [self._next_rung_at(), lead_at]
        for person_id in self._ringing():
            dues += [
                self._again_at(person_id),
                self._next_way_at(person_id),
                *(self._text_again_at(person_id, channel) for channel in TEXTS),
            ]
        return self._finish(due for due in dues if due is not None)

    # Climbing

    def _climb(self) -> bool:
        """Call every rung that is due; whether the ladder is at its end without a taker."""
        while (self._next_rung_at() or self.now) <= self.now:
            position = self._position()
            present = self._candidate(self.escalation.rungs[position]) if position >= 0 else None
            if present is not None and not self._standing():
                self._call(present, self.escalation.rungs[position])
            elif not self._call_above(position):
                return True
        return False

    def _call_above(self, position: int) -> bool:
        """Call the next rung that has somebody new; False when there is none."""
        for rung in self.escalation.rungs[position + 1 :]:
            if (person_id := self._candidate(rung)) is not None:
                self._call(person_id, rung)
                return True
            self.empty.append(rung.level)
        return False

    def _position(self) -> int:
        """The index of the highest rung called so far; -1 before the first."""
        called = [i for i, rung in enumerate(self.escalation.rungs) if self.turns.called_at(rung.level)]
        return max(called, default=-1)

    def _next_rung_at(self) -> datetime:
        """When the next rung, or the end of the ladder, is due."""
        position = self._position()
        if position < 0:
            return self.escalation.started_at + self.escalation.rungs[0].after
        if not self._standing():
            return self.now
        called_at = self.turns.called_at(self.escalation.rungs[position].level) or self.now
        waits = [b.after - a.after for a, b in pairwise(self.escalation.rungs)]
        return called_at + [*waits, self.ladder.everybody_every][position]

    def _standing(self) -> bool:
        """Whether somebody at the present rung can still take it."""
        level = self.escalation.rungs[self._position()].level
        people = {a.person_id for a in self.turns.alerts if a.level == level}
        return any(self._can_take(person_id) for person_id in people)

    def _can_take(self, person_id: UUID) -> bool:
        if person_id in self.escalation.declined | self.escalation.excluded | self.roster.refusing:
            return False
        newest = self.turns.newest(person_id)
        untried = self.roster.reach(person_id) - {AlertChannel.LOOPBACK} - newest.keys()
        return bool(untried) or not all(alert.is_lost_on_its_person for alert in newest.values())

    def _candidate(self, rung: Rung) -> UUID | None:
        """Whom a rung adds: at the first one triage's choice, else the first in roster order who is new."""
        first = self.escalation.first_responder_id
        preferred = [first] if first is not None and rung == self.escalation.rungs[0] else []
        passed_over = self.escalation.excluded | self.escalation.declined | set(self.turns.people())
        return next(
            (
                person_id
                for person_id in [*preferred, *self.roster.at(rung.level)]
                if person_id not in passed_over and self.roster.reach(person_id)
            ),
            None,
        )

    def _call(self, person_id: UUID, rung: Rung) -> None:
        for channel in self._one_by_one(person_id, rung.level)[:1] or self._usual(rung, self.roster.reach(person_id)):
            self._add(person_id, rung.level, channel)

    def _usual(self, rung: Rung, reach: frozenset[AlertChannel]) -> list[AlertChannel]:
        """The channels of a rung that reach a person; where none does, the next one, or for what is immediate all."""
        wanted = dict.fromkeys(way(channel, reach) for channel in rung.channels)
        found = [channel for channel in wanted if channel in reach]
        if found or self.escalation.urgency is Urgency.IMMEDIATE:
            return found or sorted(reach)
        return [channel for channel in INSTEAD if channel in reach][:1]

    def _add(self, person_id: UUID, level: Level, channel: AlertChannel, is_everybody: bool = False) -> None:
        attempt = len(self.history.of(person_id, channel)) + 1
        step = Step(person_id, level, channel, attempt, is_everybody)
        self.steps.append(step)
        for history in (self.history,) if is_everybody else (self.history, self.turns):
            history.add(step, self.now)

    def _ring_lead(self) -> datetime | None:
        """Ring the lead out of turn, once, where a phone refuses our texts (domain.md 3.7); returns when."""
        rung = next((rung for rung in self.escalation.rungs if rung.level is Level.LEAD), None)
        is_rung = len(self.history.alerts) > len(self.turns.alerts) or self.turns.called_at(Level.LEAD) is not None
        if rung is None or is_rung or self.roster.refusing.isdisjoint(self._ringing()):
            return None
        lead, due_at = self._candidate(rung), self._in_hours(self.now)
        if lead is None or AlertChannel.VOICE not in self.roster.reach(lead):
            return None
        if due_at <= self.now:
            self._add(lead, rung.level, AlertChannel.VOICE, is_everybody=True)
        return due_at

    # Ringing again

    def _ringing(self) -> list[UUID]:
        """Those who go on being called: everybody called who has not declined."""
        silent = self.escalation.declined | self.escalation.excluded
        return [person_id for person_id in self.turns.people() if person_id not in silent]

    def _repeat(self, person_id: UUID) -> None:
        """Replace a channel that is lost at once, and ring again or send again when it is time."""
        level = self._level(person_id)
        due_at = self._again_at(person_id)
        if due_at is not None and due_at <= self.now:
            self._add(person_id, level, AlertChannel.VOICE)
        if (instead := self._instead(person_id)) is not None:
            self._add(person_id, level, instead)
        way_at = self._next_way_at(person_id)
        if way_at is not None and way_at <= self.now:
            self._add(person_id, level, self._untried(person_id)[0])
        for channel in TEXTS:
            text_at = self._text_again_at(person_id, channel)
            if text_at is not None and text_at <= self.now:
                self._add(person_id, level, channel)

    def _instead(self, person_id: UUID) -> AlertChannel | None:
        """The channel to try next while none that was tried brings it."""
        newest = self.turns.newest(person_id)
        if not all(alert.is_lost for alert in newest.values()):
            return None
        reach = self.roster.reach(person_id)
        in_order = (*self.roster.order(person_id, self.escalation.urgency), *IN_PLACE)
        return next((channel for channel in in_order if channel in reach and channel not in newest), None)

    def _one_by_one(self, person_id: UUID, level: Level) -> tuple[AlertChannel, ...]:
        """The channels a person wants one after the other, then, for what is urgent, those of their rung."""
        urgency = self.escalation.urgency
        order = () if urgency is Urgency.IMMEDIATE else self.roster.order(person_id, urgency)
        if not order or urgency is not Urgency.URGENT:
            return order
        rungs = [rung for rung in self.escalation.rungs if rung.level is level]
        usual = [channel for rung in rungs for channel in self._usual(rung, self.roster.reach(person_id))]
        return tuple(dict.fromkeys((*order, *usual)))

    def _untried(self, person_id: UUID) -> list[AlertChannel]:
        tried = self.turns.newest(person_id)
        return [way for way in self._one_by_one(person_id, self._level(person_id)) if way not in tried]

    def _next_way_at(self, person_id: UUID) -> datetime | None:
        """When the next channel of those one after the other is used; None when none is left."""
        begun = {alert.channel: alert.planned_at for alert in reversed(self.turns.of(person_id))}
        return max(begun.values()) + self.ladder.voice_again if begun and self._untried(person_id) else None

    def _text_again_at(self, person_id: UUID, channel: AlertChannel) -> datetime | None:
        """When a text whose failure may pass is sent again: once, beside the calls."""
        texts = self.turns.of(person_id, channel)
        again = [text for text in texts if failure(text.error_code).retry_after is not None]
        if not texts or again != texts[-1:] or channel not in self.roster.reach(person_id):
            return None
        wait = failure(texts[-1].error_code).retry_after
        return (texts[-1].ended_at or texts[-1].planned_at) + wait if wait is not None else None

    def _again_at(self, person_id: UUID) -> datetime | None:
        """When a person's phone rings next; None while only something is out that is not lost."""
        if AlertChannel.VOICE not in self.roster.reach(person_id):
            return None
        calls = self.turns.of(person_id, AlertChannel.VOICE)
        if not calls:
            is_lost = any(alert.is_lost for alert in self.turns.newest(person_id).values())
            return self.now if is_lost and not self._untried(person_id) else None
        wait = self.ladder.voice_again if len(calls) == 1 else self.ladder.voice_every
        wait = max(wait, VALID_FOR) if calls[-1].state == "connected" else wait
        return self._in_hours(calls[-1].planned_at + wait)

    def _in_hours(self, due_at: datetime) -> datetime:
        """When somebody may be called again who is due then."""
        return self.ladder.hours.next_within(due_at) if self.ladder.hours is not None else due_at

    def _level(self, person_id: UUID) -> Level:
        return self.history.of(person_id)[0].level

    # The end of the ladder

    def _everybody(self, is_exhausted: bool = False) -> Plan:
        """Call everybody together if a round is due; the next round is one wait after the last."""
        every = self.ladder.everybody_every
        rounds = [alert.planned_at for alert in self.history.alerts if alert.is_everybody]
        last = max(rounds, default=None) or self.escalation.exhausted_at
        if is_exhausted and (opens_at := self._in_hours(self.now)) > self.now:
            return self._finish([opens_at], is_exhausted)
        if is_exhausted or last is None or not rounds or last + every <= self.now:
            for person_id, level in self._everybody_on_it().items():
                self._call_on_every_channel(person_id, level)
            last = self.now
        return self._finish([self._in_hours(last + every)], is_exhausted)

    def _everybody_on_it(self) -> dict[UUID, Level]:
        """All who were called and all who are on call now, less exclusions; those who declined too."""
        people = {person_id: self._level(person_id) for person_id in self.history.people()}
        first = self.escalation.first_responder_id
        if first is not None:
            people.setdefault(first, self.escalation.rungs[0].level)
        for rung in self.escalation.rungs:
            for person_id in self.roster.at(rung.level):
                people.setdefault(person_id, rung.level)
        return {p: level for p, level in people.items() if p not in self.escalation.excluded}

    def _call_on_every_channel(self, person_id: UUID, level: Level) -> None:
        for channel in sorted(self.roster.reach(person_id)):
            calls = self.history.of(person_id, channel)
            if not (calls and self._is_out(calls[-1])):
                self._add(person_id, level, channel, is_everybody=True)

    def _is_out(self, alert: Alert) -> bool:
        """Whether a person is just being reached: another call would only find their line busy."""
        lasts = {"connected": VALID_FOR} | dict.fromkeys(OUT, self.ladder.ring_for)
        return alert.planned_at + lasts.get(alert.state, timedelta()) > self.now

    def _finish(self, dues: Iterable[datetime], is_exhausted: bool = False) -> Plan:
        later = [due for due in dues if due > self.now]
        next_due_at = min(later, default=self.now + self.ladder.everybody_every)
        return Plan(tuple(self.steps), next_due_at, is_exhausted, tuple(dict.fromkeys(self.empty)))
