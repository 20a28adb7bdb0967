"""The door of the HTTP API: sign-in, the log of requests, and the faults of creating something."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.emulators.twilio import instants
from infra.emulators.twilio.errors import ApiError
from infra.emulators.twilio.exchange import ApiRequest, Exchange
from infra.emulators.twilio.faults import Channel, Fault, Kind

ERROR_OF_STATUS = {429: 20429, 503: 20503}
# The status that nginx logs for it; nobody is there to read it.
CLIENT_LEFT = 499
Form = Mapping[str, Any]
Endpoint = Callable[[Exchange, Request, Form], Awaitable[Response]]


def exchange_of(request: Request) -> Exchange:
    """The exchange this application was built around."""
    exchange: Exchange = request.app.state.exchange
    return exchange


def admit(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint behind sign-in, whose requests are logged and whose refusals have Twilio's form."""

    async def admitted(request: Request) -> Response:
        exchange = exchange_of(request)
        async with request.form() as form:
            entry = _log(exchange, request, form)
            try:
                _sign_in(exchange, request)
                response = await endpoint(exchange, request, form)
            except ApiError as refusal:
                response = refusal.response()
        entry.status, entry.answered_ns = response.status_code, instants.monotonic_ns()
        entry.sid = response.headers.get("Twilio-Sid")
        return response

    return admitted


def _log(exchange: Exchange, request: Request, form: Form) -> ApiRequest:
    params = {str(name): str(value) for name, value in [*request.query_params.items(), *form.items()]}
    at, ns = instants.now().isoformat(), instants.monotonic_ns()
    entry = ApiRequest(request.method, request.url.path, params, at, ns)
    exchange.requests.append(entry)
    exchange.news.ring()
    return entry


def _sign_in(exchange: Exchange, request: Request) -> None:
    account = exchange.setup.account
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, token = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ApiError(20003) from error
    matches = hmac.compare_digest(f"{name}:{token}".encode(), f"{account.sid}:{account.auth_token}".encode())
    if scheme.lower() != "basic" or not matches:
        raise ApiError(20003)
    if request.path_params["account"] != account.sid:
        raise ApiError(20404, request.url.path)


def seconds_of(form: Form, name: str, default: float) -> float:
    """A parameter in seconds, or its default. Raises 20001 for what is no number."""
    try:
        return float(form.get(name, default))
    except ValueError as error:
        raise ApiError(20001, name) from error


async def admit_creation(request: Request, phone: str, channel: Channel) -> None:
    """Let something be created, unless a fault refuses it, or its client leaves, before it is accepted."""
    exchange = exchange_of(request)
    if slow := exchange.faults.take(Kind.SLOW_ACCEPT, phone, channel):
        await exchange.hurry.rung(slow.seconds)
        if await request.is_disconnected():
            raise ApiError(20500, status=CLIENT_LEFT)
    if broken := exchange.faults.take(Kind.ERROR_BEFORE, phone, channel):
        raise _failure(broken)
    if refused := exchange.faults.take(Kind.REFUSE, phone, channel):
        raise ApiError(refused.code, phone)


async def answer_creation(exchange: Exchange, phone: str, channel: Channel, created: dict[str, Any]) -> JSONResponse:
    """Answer that something was created: late, or with an error all the same, where a fault says so."""
    broken = exchange.faults.take(Kind.ERROR_AFTER, phone, channel)
    if slow := exchange.faults.take(Kind.SLOW_ANSWER, phone, channel):
        await exchange.hurry.rung(slow.seconds)
    if broken:
        raise _failure(broken)
    return JSONResponse(created, 201, {"Twilio-Sid": created["sid"]})


def _failure(fault: Fault) -> ApiError:
    return ApiError(ERROR_OF_STATUS.get(fault.status, 20500), status=fault.status)
