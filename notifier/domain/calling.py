"""What the ladder is decided from: an escalation, its alerts so far, and who can be reached now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from notifier.domain.failures import Kind, failure
from schemas.ladder import Ladder, Rung
from schemas.terms import AlertChannel, EscalationStatus, Level, Urgency
from schemas.ways import Preferences, channel_of

ACTIVE = frozenset({EscalationStatus.CALLING, EscalationStatus.EXHAUSTED})
FAILED = frozenset({"failed", "undelivered", "expired"})
TAKEN = frozenset({"queued", "sent"})
WAITING = frozenset({"planned", "sending"})
DRILL = "drill"
"""The kind of subject that is an exercise."""


@dataclass(frozen=True)
class Alert:
    """One message or call to one person, planned at an instant. `attempt` counts from 1 per person and channel.

    `is_everybody`: out of turn, in a round of everybody or to the lead; it is nobody's rung.
    `is_stalled`: the provider cannot be used now, or has told nothing since it took it; it may still arrive.
    """

    person_id: UUID
    level: Level
    channel: AlertChannel
    attempt: int
    planned_at: datetime
    state: str = "planned"
    is_everybody: bool = False
    error_code: str | None = None
    ended_at: datetime | None = None
    is_stalled: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether its channel does not bring it: it failed, its provider is away, or nobody tells that it arrived."""
        return self.state in FAILED or (self.is_stalled and self.state in TAKEN | WAITING)

    @property
    def is_lost_on_its_person(self) -> bool:
        """Lost, and not for its provider's sake: that would be lost with the next person too, and burn the ladder."""
        if self.state in FAILED:
            return failure(self.error_code).kind is not Kind.PROVIDER
        return self.is_stalled and self.state in TAKEN


@dataclass(frozen=True)
class Escalation:
    """The calling for one assignment, as far as the ladder must know it."""

    status: EscalationStatus
    urgency: Urgency
    ladder: Ladder
    started_at: datetime
    first_responder_id: UUID | None = None
    excluded: frozenset[UUID] = frozenset()
    declined: frozenset[UUID] = frozenset()
    exhausted_at: datetime | None = None

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The rungs of the ladder, first called first."""
        return self.ladder.rungs


@dataclass(frozen=True)
class Roster:
    """Who is on call at each level at this instant, in roster order, and the channels that reach each person.

    `refusing` are those whose phones refuse our texts: they are called on every channel, but nobody waits for them.
    `preferences` are of those who said how they want to be reached.
    """

    levels: Mapping[Level, tuple[UUID, ...]]
    channels: Mapping[UUID, frozenset[AlertChannel]]
    refusing: frozenset[UUID] = frozenset()
    preferences: Mapping[UUID, Preferences] = field(default_factory=dict)

    def at(self, level: Level) -> tuple[UUID, ...]:
        """Those on call at a level, whether or not anything reaches them."""
        return self.levels.get(level, ())

    def reach(self, person_id: UUID) -> frozenset[AlertChannel]:
        """The channels that reach a person; none for somebody inactive or without a phone."""
        return self.channels.get(person_id, frozenset())

    def order(self, person_id: UUID, urgency: Urgency) -> tuple[AlertChannel, ...]:
        """The channels that reach a person in the order they want for an urgency; nothing where they never said."""
        wanted = self.preferences[person_id].order(urgency) if person_id in self.preferences else ()
        reach = self.reach(person_id)
        return tuple(
            channel for channel in dict.fromkeys(way(channel_of(w), reach) for w in wanted) if channel in reach
        )


def way(channel: AlertChannel, reach: frozenset[AlertChannel]) -> AlertChannel:
    """How a person gets what is asked for: a text goes through the gateway of their country where there is one."""
    is_through_gateway = channel is AlertChannel.SMS and channel not in reach and AlertChannel.WEBHOOK in reach
    return AlertChannel.WEBHOOK if is_through_gateway else channel


@dataclass(frozen=True)
class Step:
    """One person due for one channel now, for the `attempt`-th time."""

    person_id: UUID
    level: Level
    channel: AlertChannel
    attempt: int
    is_everybody: bool = False


@dataclass(frozen=True)
class Plan:
    """What is due now, and when to look again. `empty` are levels skipped because they had nobody new."""

    steps: tuple[Step, ...]
    next_due_at: datetime
    is_exhausted: bool = False
    empty: tuple[Level, ...] = ()


@dataclass
class History:
    """The alerts of an escalation by person, with those just decided."""

    alerts: list[Alert] = field(default_factory=list)

    def of(self, person_id: UUID, channel: AlertChannel | None = None) -> list[Alert]:
        """A person's alerts, on one channel if one is given, oldest first."""
        found = [a for a in self.alerts if a.person_id == person_id and channel in (None, a.channel)]
        return sorted(found, key=lambda alert: (alert.planned_at, alert.attempt))

    def newest(self, person_id: UUID) -> dict[AlertChannel, Alert]:
        """A person's newest alert on each channel that was tried."""
        return {alert.channel: alert for alert in self.of(person_id)}

    def people(self) -> list[UUID]:
        """Everybody called so far, in the order of their first alert."""
        return list(dict.fromkeys(a.person_id for a in sorted(self.alerts, key=lambda alert: alert.planned_at)))

    def called_at(self, level: Level) -> datetime | None:
        """When a level was first called."""
        return min((a.planned_at for a in self.alerts if a.level == level), default=None)

    def add(self, step: Step, now: datetime) -> None:
        """Remember a step that was just decided."""
        self.alerts.append(
            Alert(step.person_id, step.level, step.channel, step.attempt, now, is_everybody=step.is_everybody)
        )
