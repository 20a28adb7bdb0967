import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from infra.emulators.twilio.exchange import Exchange, Pace, Setup
from infra.emulators.twilio.phones import Phones
from infra.emulators.twilio.records import Account, Hook
from infra.emulators.twilio.server import Server, listen, running

# The official library signs in with a class that aiohttp is about to retire.
LIBRARY_WARNS = pytest.mark.filterwarnings("ignore:.*encode_basic_auth.*:DeprecationWarning")
# One server for the tests of a file: stopping one takes uvicorn some tenths of a second.
TOGETHER = [LIBRARY_WARNS, pytest.mark.asyncio(loop_scope="module")]
ACCOUNT = Account("AC" + "0" * 32, "a token that opens nothing")
OURS = "+861000000001"
THEIRS = "+447700900101"
OTHER = "+447700900102"


@dataclass(frozen=True)
class Told:
    """A request the hotline got."""

    path: str
    params: dict[str, str]
    is_signed: bool


@dataclass
class Hotline:
    """A small application that keeps what it is told and answers what it was given for a path."""

    url: str = ""
    answers: dict[str, str | int] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changed = asyncio.Event()

    def says(self, path: str, verbs: str) -> str:
        """Answer a path with TwiML; its address."""
        self.answers[path] = f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'
        return self.url + path

    def _params(self, request: Request, form: FormData) -> dict[str, str]:
        return {name: str(value) for name, value in [*request.query_params.items(), *form.items()]}

    async def take(self, request: Request) -> Response:
        async with request.form() as form:
            url = self.url + request.url.path + (f"?{request.url.query}" if request.url.query else "")
            signature = request.headers.get("X-Twilio-Signature", "")
            is_signed = RequestValidator(ACCOUNT.auth_token).validate(url, form, signature)
            told = Told(request.url.path, self._params(request, form), is_signed)
        self.told.append(told)
        self.changed.set()
        answer = self.answers.get(request.url.path, "")
        if isinstance(answer, int):
            return Response(status_code=answer)
        return Response(answer, media_type="text/xml")

    def of(self, path: str) -> list[dict[str, str]]:
        """What came to a path, in the order in which it came."""
        return [told.params for told in self.told if told.path == path]

    async def hears(self, path: str, where: Callable[[dict[str, str]], bool] = bool) -> dict[str, str]:
        """The first request to a path of a certain kind, waited for."""
        async with asyncio.timeout(5):
            while True:
                self.changed.clear()
                for params in self.of(path):
                    if where(params):
                        return params
                await self.changed.wait()

    async def hears_statuses(self, *statuses: str) -> list[str]:
        """The statuses told to /status once there are as many as these."""
        async with asyncio.timeout(5):
            while len(self.of("/status")) < len(statuses):
                self.changed.clear()
                await self.changed.wait()
        return [told.get("MessageStatus") or told["CallStatus"] for told in self.of("/status")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def listening_hotline() -> AsyncIterator[Hotline]:
    kept = Hotline()
    app = Starlette(routes=[Route("/{path:path}", kept.take, methods=["GET", "POST"])])
    bound = listen("127.0.0.1", 0)
    kept.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    server = Server(uvicorn.Config(app, log_level="warning", access_log=False, ws="none"))
    serving = asyncio.ensure_future(server.serve([bound]))
    yield kept
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running_exchange() -> AsyncIterator[Exchange]:
    bound = listen("127.0.0.1", 0)
    setup = Setup(ACCOUNT, f"http://127.0.0.1:{bound.getsockname()[1]}", pace=Pace(0.01, webhook_timeout=1))
    async with running(Exchange(setup), bound) as exchange:
        yield exchange


@pytest_asyncio.fixture(loop_scope="module")
async def hotline(listening_hotline: Hotline) -> Hotline:
    listening_hotline.answers.clear()
    listening_hotline.told.clear()
    return listening_hotline


@pytest_asyncio.fixture(loop_scope="module")
async def exchange(running_exchange: Exchange, hotline: Hotline) -> Exchange:
    await running_exchange.reset()
    running_exchange.names.clear()
    number = running_exchange.own(OURS)
    number.sms, number.voice = Hook(f"{hotline.url}/sms"), Hook(f"{hotline.url}/voice")
    return running_exchange


@pytest_asyncio.fixture(loop_scope="module")
async def phones(exchange: Exchange) -> AsyncIterator[Phones]:
    async with Phones(exchange.setup.base_url) as opened:
        yield opened


def sign_in(client: Client, exchange: Exchange) -> Client:
    client.api.base_url = exchange.setup.base_url
    return client


@pytest_asyncio.fixture(loop_scope="module")
async def twilio(exchange: Exchange) -> AsyncIterator[Any]:
    """The official client, asynchronous."""
    async with AsyncTwilioHttpClient() as http:
        yield sign_in(Client(ACCOUNT.sid, ACCOUNT.auth_token, http_client=http), exchange)
