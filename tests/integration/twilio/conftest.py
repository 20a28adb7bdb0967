"""The adapter against the emulator, over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest_asyncio
from pydantic import SecretStr

from infra.emulators.twilio.exchange import Exchange, Pace, Setup
from infra.emulators.twilio.phones import Phones
from infra.emulators.twilio.records import Account
from infra.emulators.twilio.server import listen, running
from infra.settings import Env, Settings
from infra.twilio.client import TwilioClient

ACCOUNT = Account("AC" + "0" * 32, "a token that opens nothing")
OURS = "+861000000002"
LI = "+447700900101"


@dataclass
class Line:
    """Our side of the provider, and the phones on the other."""

    client: TwilioClient
    phones: Phones
    settings: Settings


@pytest_asyncio.fixture
async def line() -> AsyncIterator[Line]:
    async with AsyncExitStack() as stack:
        bound = listen("127.0.0.1", 0)
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        exchange = Exchange(Setup(ACCOUNT, url, pace=Pace(0.005)))
        await stack.enter_async_context(running(exchange, bound))
        exchange.own(OURS)
        phones = await stack.enter_async_context(Phones(url))
        settings = Settings(
            env=Env.TEST,
            twilio_account_sid=ACCOUNT.sid,
            twilio_auth_token=SecretStr(ACCOUNT.auth_token),
            twilio_api_url=url,
        )
        client = TwilioClient(settings, timeout=timedelta(seconds=0.5))
        stack.push_async_callback(client.close)
        yield Line(client, phones, settings)
