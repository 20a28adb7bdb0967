"""Every channel with the other side it speaks to: a provider's emulator, a mail server, a gateway. One face."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP
from pydantic import SecretStr
from starlette.applications import Starlette

from infra.clock import Clock
from infra.emulators.gateway.app import Fault, GatewayServer
from infra.emulators.twilio.phones import Phones
from infra.emulators.twilio.server import listen
from infra.mail import Mailer
from infra.settings import Env, Settings
from infra.webhook import Gateway
from notifier.channels import (
    Addresses,
    Channel,
    EmailChannel,
    LoopbackChannel,
    WebhookChannel,
    channels,
    partner_channel,
)
from schemas.terms import AlertChannel
from tests.integration.notifier.systems import System, system
from tests.integration.twilio.line import LI, OURS, TIMEOUT, open_line

PHONE, MAILBOX = LI, "li@responders.example"
SECRET = "a key that opens nothing"


class Side(Protocol):
    """The other side of a channel."""

    channel: Channel
    to: str
    can_fail: bool
    can_find: bool

    async def arrived(self) -> int:
        """How many alerts reached it."""
        ...

    async def fails(self, how: str) -> None:
        """The next request fails: `refuse`, `account`, `throttle`, `down`, `silent` (taken, not answered)."""
        ...


@dataclass
class Phoned:
    """The emulator of the provider of numbers."""

    channel: Channel
    phones: Phones
    what: str
    to: str = PHONE
    can_fail: bool = True
    can_find: bool = True

    async def arrived(self) -> int:
        """Texts or calls that the provider took."""
        return sum(one["status"] == 201 for one in await self.phones.requests(self.what, "POST"))

    async def fails(self, how: str) -> None:
        """A fault for the next request."""
        fault: dict[str, tuple[str, dict[str, Any]]] = {
            "refuse": ("refuse", {"code": 21211}),
            "account": ("refuse", {"code": 20003}),
            "throttle": ("error_before", {"status": 429}),
            "down": ("error_before", {"status": 503}),
            "silent": ("slow_answer", {"seconds": 2}),
        }
        kind, details = fault[how]
        await self.phones.fault(kind, PHONE, count=1, **details)


class Mailbox:
    """What a mail server does: keeps mails, or answers with a code of RFC 5321."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipient, self.sender, self.pause = "250 OK", "250 OK", 0.0

    async def handle_MAIL(self, _server: SMTP, _session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.sender

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        await asyncio.sleep(self.pause)
        return "250 taken"


@dataclass
class Mailed:
    """A mail server on this machine."""

    channel: Channel
    box: Mailbox
    server: asyncio.Server
    to: str = MAILBOX
    can_fail: bool = True
    can_find: bool = False

    async def arrived(self) -> int:
        """Mails that it took."""
        return len(self.box.mails)

    async def fails(self, how: str) -> None:
        """The codes by which a server says so."""
        if how == "refuse":
            self.box.recipient = "550 no such mailbox"
        elif how == "account":
            self.box.sender = "530 sign in first"
        elif how == "throttle":
            self.box.recipient = "451 too many, later"
        elif how == "down":
            self.server.close()
        else:
            self.box.pause = 2


@dataclass
class Gated:
    """The example gateway."""

    channel: Channel
    gateway: GatewayServer
    url: str
    to: str = PHONE
    can_fail: bool = True
    can_find: bool = True

    async def arrived(self) -> int:
        """Texts that it sent."""
        return self.gateway.sends

    async def fails(self, how: str) -> None:
        """The answers by which a gateway says so."""
        self.gateway.fault = {
            "refuse": Fault(422, "30005"),
            "account": Fault(403, "suspended"),
            "throttle": Fault(429),
            "down": Fault(503, "carrier_away"),
            "silent": Fault(seconds=2),
        }[how]


@dataclass
class Filing:
    """The system of a body that files reports."""

    channel: Channel
    system: System
    to: str = "clinic"
    can_fail: bool = True
    can_find: bool = False

    async def arrived(self) -> int:
        """Notices that it took."""
        return len(self.system.told)

    async def fails(self, how: str) -> None:
        """The statuses by which it says so."""
        self.system.answers = {"refuse": 410, "account": 403, "throttle": 429, "down": 503}[how]


@dataclass
class Nobody:
    """The canary's: nothing is there that could fail."""

    channel: Channel
    to: str = ""
    can_fail: bool = False
    can_find: bool = True

    async def arrived(self) -> int:
        """Nothing goes anywhere."""
        return 1

    async def fails(self, how: str) -> None:
        """It cannot."""
        raise AssertionError(how)


@asynccontextmanager
async def phoned(channel: AlertChannel) -> AsyncIterator[Side]:
    async with open_line() as line:
        made = channels(line.client, Addresses(OURS, "http://127.0.0.1:9"))
        yield Phoned(made[channel], line.phones, "Messages" if channel is AlertChannel.SMS else "Calls")


def _smtp(box: Mailbox) -> SMTP:
    return SMTP(box)


@asynccontextmanager
async def mailed() -> AsyncIterator[Side]:
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: _smtp(box), "127.0.0.1", 0)
    url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = Settings(env=Env.TEST, smtp_url=SecretStr(url), mail_from="desk@hotline.example")
    yield Mailed(EmailChannel(Mailer(settings, TIMEOUT)), box, server)
    server.close()


@asynccontextmanager
async def gated(serving: Any) -> AsyncIterator[Side]:
    async with AsyncExitStack() as stack:
        gateway = GatewayServer([SECRET], Clock().now)
        bound = listen("127.0.0.1", 0)
        app: Starlette = gateway.app()
        await stack.enter_async_context(serving(app, bound))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        client = Gateway(url, [SECRET], TIMEOUT)
        stack.push_async_callback(client.close)
        yield Gated(WebhookChannel(client, Clock(), "http://127.0.0.1:9"), gateway, url)


@asynccontextmanager
async def filing() -> AsyncIterator[Side]:
    async with system("clinic") as clinic:
        channel = partner_channel([clinic.partner], Clock(), TIMEOUT)
        yield Filing(channel, clinic)
        await channel.close()


@asynccontextmanager
async def side_of(channel: AlertChannel, serving: Any) -> AsyncIterator[Side]:
    """A channel and what stands behind it."""
    if channel is AlertChannel.LOOPBACK:
        yield Nobody(LoopbackChannel())
    elif channel is AlertChannel.EMAIL:
        async with mailed() as side:
            yield side
    elif channel is AlertChannel.PARTNER:
        async with filing() as side:
            yield side
    elif channel is AlertChannel.WEBHOOK:
        async with gated(serving) as side:
            yield side
    else:
        async with phoned(channel) as side:
            yield side
