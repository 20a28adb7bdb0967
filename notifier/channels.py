"""The ways to reach a responder, behind one protocol. Which provider stands there, nothing else knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from infra.twilio.client import Found, Ring, Sms, TwilioClient
from notifier.domain.progress import state_of
from schemas.terms import AlertChannel


@dataclass(frozen=True)
class Outgoing:
    """One alert, ready to go. `marks` are words by which a text is known again in the provider's list."""

    alert_id: UUID
    to: str
    body: str
    marks: tuple[str, ...]
    valid_for: timedelta
    ring_for: timedelta


@dataclass(frozen=True)
class Taken:
    """An alert the provider has, with its id there and the alert's state."""

    sid: str
    state: str


class Channel(Protocol):
    """A way to reach a person. Raises the errors of `infra.twilio.errors`."""

    async def send(self, outgoing: Outgoing) -> Taken:
        """Hand an alert to the provider."""
        ...

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """What the provider may have of an alert whose answer was lost, newest first."""
        ...

    async def stop(self, sid: str) -> None:
        """End a call or take back a text, if it is not too late."""
        ...


@dataclass(frozen=True)
class Addresses:
    """Where we send from, and where the provider asks and tells. Matched on our own id, never on the provider's."""

    from_: str
    origin: str

    def status(self, alert_id: UUID) -> str:
        """Where the provider tells the statuses of an alert."""
        return f"{self.origin}/twilio/status/{alert_id}"

    def answer(self, alert_id: UUID) -> str:
        """Where the provider asks what to say in a call."""
        return f"{self.origin}/twilio/answer/{alert_id}"


class SmsChannel:
    """Texts through the provider."""

    def __init__(self, provider: TwilioClient, addresses: Addresses) -> None:
        self._provider = provider
        self._addresses = addresses

    async def send(self, outgoing: Outgoing) -> Taken:
        """Send a text."""
        callback = self._addresses.status(outgoing.alert_id)
        sms = Sms(outgoing.to, outgoing.body, callback, outgoing.valid_for)
        sent = await self._provider.send_sms(self._addresses.from_, sms)
        return _taken(AlertChannel.SMS, sent.sid, sent.status)

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """Texts to that phone that hold every mark."""
        found = await self._provider.find_messages(self._addresses.from_, outgoing.to, since)
        return [_found(AlertChannel.SMS, one) for one in found if all(mark in one.body for mark in outgoing.marks)]

    async def stop(self, sid: str) -> None:
        """Take back a text that is still queued."""
        await self._provider.cancel_message(sid)


class VoiceChannel:
    """Calls through the provider."""

    def __init__(self, provider: TwilioClient, addresses: Addresses) -> None:
        self._provider = provider
        self._addresses = addresses

    async def send(self, outgoing: Outgoing) -> Taken:
        """Ring a phone."""
        alert_id = outgoing.alert_id
        answer, status = self._addresses.answer(alert_id), self._addresses.status(alert_id)
        sent = await self._provider.place_call(
            self._addresses.from_, Ring(outgoing.to, answer, status, outgoing.ring_for)
        )
        return _taken(AlertChannel.VOICE, sent.sid, sent.status)

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """Calls to that phone; a list of calls tells no more of them."""
        found = await self._provider.find_calls(self._addresses.from_, outgoing.to, since)
        return [_found(AlertChannel.VOICE, one) for one in found]

    async def stop(self, sid: str) -> None:
        """End a call."""
        await self._provider.complete_call(sid)


class LoopbackChannel:
    """Reaches nobody: the canary's responder, who takes every alert by itself."""

    async def send(self, outgoing: Outgoing) -> Taken:
        """Count as delivered at once."""
        return Taken(f"loopback-{outgoing.alert_id}", "delivered")

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """What was begun has also been delivered."""
        return [await self.send(outgoing)] if since else []

    async def stop(self, sid: str) -> None:
        """Nothing rings."""


def channels(provider: TwilioClient, addresses: Addresses) -> Mapping[AlertChannel, Channel]:
    """Every channel of this process."""
    return {
        AlertChannel.SMS: SmsChannel(provider, addresses),
        AlertChannel.VOICE: VoiceChannel(provider, addresses),
        AlertChannel.LOOPBACK: LoopbackChannel(),
    }


def _taken(channel: AlertChannel, sid: str, status: str) -> Taken:
    return Taken(sid, state_of(channel, status) or "queued")


def _found(channel: AlertChannel, found: Found) -> Taken:
    return _taken(channel, found.sid, found.status)
