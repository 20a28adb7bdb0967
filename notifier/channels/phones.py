"""Texts and calls through the provider of numbers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.twilio.client import Found, Ring, Sms, TwilioClient
from notifier.channels.port import Outgoing, Taken
from notifier.domain.progress import state_of
from schemas.terms import AlertChannel

PROVIDER = "twilio"


@dataclass(frozen=True)
class Addresses:
    """Where we send from, and where the provider asks and tells. Matched on our own id, never on the provider's.

    Alerts come from `from_`, always, so that it can be saved as a contact; `pool` are our other numbers,
    `intake` the one that reporters know.
    """

    from_: str
    origin: str
    pool: tuple[str, ...] = ()
    intake: str | None = None

    def sender(self, outgoing: Outgoing) -> str:
        """The number a text goes from; the same one however often it is asked, so that it can be found again."""
        if outgoing.is_notice and self.intake:
            return self.intake
        if self.pool and (outgoing.is_bulk or outgoing.is_other_sender):
            return self.pool[outgoing.alert_id.int % len(self.pool)]
        return self.from_

    def status(self, alert_id: UUID) -> str:
        """Where the provider tells the statuses of an alert."""
        return f"{self.origin}/twilio/status/{alert_id}"

    def answer(self, alert_id: UUID) -> str:
        """Where the provider asks what to say in a call."""
        return f"{self.origin}/twilio/answer/{alert_id}"


class SmsChannel:
    """Texts through the provider."""

    provider = PROVIDER

    def __init__(self, provider: TwilioClient, addresses: Addresses) -> None:
        self._provider = provider
        self._addresses = addresses

    def sender(self, outgoing: Outgoing) -> str:
        """One of our numbers."""
        return self._addresses.sender(outgoing)

    async def send(self, outgoing: Outgoing) -> Taken:
        """Send a text."""
        callback = self._addresses.status(outgoing.alert_id)
        sms = Sms(outgoing.to, outgoing.body, callback, outgoing.valid_for)
        sent = await self._provider.send_sms(self.sender(outgoing), sms)
        return _taken(AlertChannel.SMS, sent.sid, sent.status)

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """Texts to that phone that hold every mark."""
        found = await self._provider.find_messages(self.sender(outgoing), outgoing.to, since)
        return [_found(AlertChannel.SMS, one) for one in found if all(mark in one.body for mark in outgoing.marks)]

    async def stop(self, sid: str) -> None:
        """Take back a text that is still queued."""
        await self._provider.cancel_message(sid)


class VoiceChannel:
    """Calls through the provider."""

    provider = PROVIDER

    def __init__(self, provider: TwilioClient, addresses: Addresses) -> None:
        self._provider = provider
        self._addresses = addresses

    def sender(self, outgoing: Outgoing) -> str:
        """The number that responders know."""
        return self._addresses.from_

    async def send(self, outgoing: Outgoing) -> Taken:
        """Ring a phone."""
        alert_id = outgoing.alert_id
        answer, status = self._addresses.answer(alert_id), self._addresses.status(alert_id)
        ring = Ring(outgoing.to, answer, status, outgoing.ring_for)
        sent = await self._provider.place_call(self.sender(outgoing), ring)
        return _taken(AlertChannel.VOICE, sent.sid, sent.status)

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """Calls to that phone; a list of calls tells no more of them."""
        found = await self._provider.find_calls(self.sender(outgoing), outgoing.to, since)
        return [_found(AlertChannel.VOICE, one) for one in found]

    async def stop(self, sid: str) -> None:
        """End a call."""
        await self._provider.complete_call(sid)


def _taken(channel: AlertChannel, sid: str, status: str) -> Taken:
    return Taken(sid, state_of(channel, status) or "queued")


def _found(channel: AlertChannel, found: Found) -> Taken:
    return _taken(channel, found.sid, found.status)
