"""Our side of the provider and the emulator on the other, over HTTP: one set-up for all that speak to it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from infra.emulators.twilio.exchange import Exchange, Pace, Setup
from infra.emulators.twilio.phones import Phones
from infra.emulators.twilio.records import Account
from infra.emulators.twilio.server import listen, running
from infra.settings import Env, Settings
from infra.twilio.client import TwilioClient

ACCOUNT = Account("AC" + "0" * 32, "a token that opens nothing")
OURS, LI = "+861000000002", "+447700900101"
TIMEOUT = timedelta(seconds=0.5)


@dataclass
class Line:
    """Our side of the provider, and the phones on the other."""

    client: TwilioClient
    phones: Phones
    settings: Settings


@asynccontextmanager
async def open_line() -> AsyncIterator[Line]:
    """The emulator, running, with one number of ours."""
    async with AsyncExitStack() as stack:
        bound = listen("127.0.0.1", 0)
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        exchange = Exchange(Setup(ACCOUNT, url, pace=Pace(0.005)))
        await stack.enter_async_context(running(exchange, bound))
        exchange.own(OURS)
        phones = await stack.enter_async_context(Phones(url))
        token = SecretStr(ACCOUNT.auth_token)
        settings = Settings(env=Env.TEST, twilio_account_sid=ACCOUNT.sid, twilio_auth_token=token, twilio_api_url=url)
        client = TwilioClient(settings, timeout=TIMEOUT)
        stack.push_async_callback(client.close)
        yield Line(client, phones, settings)
