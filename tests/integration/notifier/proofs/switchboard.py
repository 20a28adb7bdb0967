"""A provider at the port of the channels: it keeps what it was asked for, and fails as it is told to."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from infra.clock import Clock
from infra.sending import ProviderDown, ProviderError, Refused, Throttled, Uncertain
from notifier.channels import Outgoing, Taken
from schemas.terms import AlertChannel
from tests.integration.notifier.proofs.mortal import Life


class Trouble(StrEnum):
    """What becomes of a request."""

    DOWN = "down"
    THROTTLED = "throttled"
    REFUSED = "refused"
    TAKEN_UNHEARD = "taken_unheard"
    LOST = "lost"


@dataclass(frozen=True)
class Made:
    """A message or call that the provider took."""

    alert_id: UUID
    channel: AlertChannel
    to: str
    body: str
    sid: str
    at: datetime


@dataclass
class Switchboard:
    """All that was taken, in order. `is_listing`: whether its lists can be asked for."""

    clock: Clock
    made: list[Made] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    troubles: defaultdict[str, deque[Trouble]] = field(default_factory=lambda: defaultdict(deque))
    uncertain: Counter[UUID] = field(default_factory=Counter)
    is_listing: bool = True

    def of(self, alert_id: UUID) -> list[Made]:
        """What was taken of an alert."""
        return [each for each in self.made if each.alert_id == alert_id]

    def take(self, channel: AlertChannel, outgoing: Outgoing) -> Taken:
        """Take a request, or do what was asked for with it."""
        waiting = self.troubles[outgoing.to]
        trouble = waiting.popleft() if waiting else None
        errors: dict[Trouble, ProviderError] = {
            Trouble.DOWN: ProviderDown("503"),
            Trouble.THROTTLED: Throttled("429"),
            Trouble.REFUSED: Refused("30006"),
            Trouble.LOST: Uncertain("timeout"),
        }
        self.uncertain[outgoing.alert_id] += trouble in {Trouble.LOST, Trouble.TAKEN_UNHEARD}
        if trouble in errors:
            raise errors[trouble]
        sid = f"S{len(self.made)}"
        self.made.append(Made(outgoing.alert_id, channel, outgoing.to, outgoing.body, sid, self.clock.now()))
        if trouble is Trouble.TAKEN_UNHEARD:
            raise Uncertain("timeout")
        return Taken(sid, "queued")

    def find(self, channel: AlertChannel, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """What a list by recipient and time shows: of calls no more than that, of texts their words."""
        if not self.is_listing:
            raise ProviderDown("503")
        found = [
            each for each in self.made if each.channel is channel and each.to == outgoing.to and each.at >= since
        ]
        if channel is AlertChannel.SMS:
            found = [each for each in found if all(mark in each.body for mark in outgoing.marks)]
        return [Taken(each.sid, "queued") for each in reversed(found)]


@dataclass
class Line:
    """One channel of the switchboard, as long as the process that uses it lives."""

    board: Switchboard
    channel: AlertChannel
    life: Life
    provider: str = "switchboard"

    def sender(self, _outgoing: Outgoing) -> str:
        return "ours"

    async def send(self, outgoing: Outgoing) -> Taken:
        self.life.boundary()
        await self.life.goes_on.wait()
        taken = self.board.take(self.channel, outgoing)
        self.life.boundary()
        return taken

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        self.life.boundary()
        return self.board.find(self.channel, outgoing, since)

    async def stop(self, sid: str) -> None:
        self.life.boundary()
        self.board.stopped.add(sid)
