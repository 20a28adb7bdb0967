"""The ways to reach a responder, behind one protocol. Which provider stands there, nothing else knows."""

from collections.abc import Mapping

from infra.clock import Clock
from infra.mail import Mailer
from infra.twilio.client import TwilioClient
from infra.webhook import Gateway
from notifier.channels.loopback import LoopbackChannel
from notifier.channels.partner import PartnerChannel, partner_channel
from notifier.channels.phones import Addresses, SmsChannel, VoiceChannel
from notifier.channels.port import Channel, Outgoing, Taken
from notifier.channels.written import EmailChannel, WebhookChannel
from schemas.terms import AlertChannel

__all__ = [
    "Addresses",
    "Channel",
    "EmailChannel",
    "LoopbackChannel",
    "Outgoing",
    "PartnerChannel",
    "SmsChannel",
    "Taken",
    "VoiceChannel",
    "WebhookChannel",
    "channels",
    "partner_channel",
    "written_channels",
]


def channels(provider: TwilioClient, addresses: Addresses) -> dict[AlertChannel, Channel]:
    """The channels of every process."""
    return {
        AlertChannel.SMS: SmsChannel(provider, addresses),
        AlertChannel.VOICE: VoiceChannel(provider, addresses),
        AlertChannel.LOOPBACK: LoopbackChannel(),
    }


def written_channels(
    mailer: Mailer | None, gateway: Gateway | None, clock: Clock, origin: str
) -> Mapping[AlertChannel, Channel]:
    """Those that the settings add."""
    added: dict[AlertChannel, Channel] = {}
    if mailer is not None:
        added[AlertChannel.EMAIL] = EmailChannel(mailer)
    if gateway is not None:
        added[AlertChannel.WEBHOOK] = WebhookChannel(gateway, clock, origin)
    return added
