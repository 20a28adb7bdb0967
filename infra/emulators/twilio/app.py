"""The emulator as one web application: Twilio's HTTP API, the control API and the page of phones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.emulators.twilio import account_api, call_api, control, message_api, page
from infra.emulators.twilio.admission import Endpoint, admit
from infra.emulators.twilio.errors import ApiError
from infra.emulators.twilio.exchange import Exchange

API = "/2010-04-01/Accounts/{account}"
RESOURCES: list[tuple[str, str, Endpoint]] = [
    ("GET", ".json", account_api.fetch_account),
    ("GET", "/Messages.json", message_api.list_messages),
    ("POST", "/Messages.json", message_api.create_message),
    ("GET", "/Messages/{sid}.json", message_api.fetch_message),
    ("POST", "/Messages/{sid}.json", message_api.update_message),
    ("GET", "/Messages/{sid}/Media.json", message_api.list_media),
    ("GET", "/Calls.json", call_api.list_calls),
    ("POST", "/Calls.json", call_api.create_call),
    ("GET", "/Calls/{call}/Recordings.json", account_api.list_recordings),
    ("GET", "/Calls/{sid}.json", call_api.fetch_call),
    ("POST", "/Calls/{sid}.json", call_api.update_call),
    ("GET", "/Recordings.json", account_api.list_recordings),
    ("GET", "/Recordings/{sid}.json", account_api.fetch_recording),
    ("DELETE", "/Recordings/{sid}.json", account_api.delete_recording),
    ("GET", "/Recordings/{sid}.wav", account_api.fetch_sound),
    ("GET", "/Recordings/{sid}", account_api.fetch_sound),
    ("GET", "/IncomingPhoneNumbers.json", account_api.list_numbers),
    ("GET", "/IncomingPhoneNumbers/{sid}.json", account_api.fetch_number),
    ("POST", "/IncomingPhoneNumbers/{sid}.json", account_api.update_number),
]


async def _healthz(request: Request) -> Response:
    return Response("ok\n", media_type="text/plain")


async def _not_found(request: Request, error: Exception) -> Response:
    return ApiError(20404, request.url.path).response()


async def _wrong_method(request: Request, error: Exception) -> Response:
    return ApiError(20004).response()


def build_app(exchange: Exchange) -> Starlette:
    """The application around one exchange, which it opens and closes."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await exchange.webhooks.open()
        try:
            yield
        finally:
            await exchange.close()

    resources = [Route(API + path, admit(endpoint), methods=[method]) for method, path, endpoint in RESOURCES]
    app = Starlette(
        routes=[Route("/healthz", _healthz), *resources, *control.routes, *page.routes],
        exception_handlers={404: _not_found, 405: _wrong_method},
        lifespan=lifespan,
    )
    app.state.exchange = exchange
    return app
