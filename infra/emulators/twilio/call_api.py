"""The Calls resource (https://www.twilio.com/docs/voice/api/call-resource)."""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.emulators.twilio import voice
from infra.emulators.twilio.admission import Form, admit_creation, answer_creation, seconds_of
from infra.emulators.twilio.calls import hang_up, write_call
from infra.emulators.twilio.errors import ApiError
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.instants import rfc2822
from infra.emulators.twilio.line import Steer
from infra.emulators.twilio.listing import in_time, page, visible
from infra.emulators.twilio.message_api import callback_of
from infra.emulators.twilio.messaging import PHONE_NUMBER
from infra.emulators.twilio.records import Call, Hook


async def create_call(exchange: Exchange, request: Request, form: Form) -> Response:
    """Call a phone, or refuse to with the documented code."""
    to, from_ = str(form.get("To", "")), str(form.get("From", ""))
    _check(exchange, from_, to)
    answer, twiml = _source(form)
    callback = callback_of(form)
    await admit_creation(request, to, "voice")
    call = write_call(exchange, from_, to)
    call.answer, call.twiml, call.callback = answer, twiml, callback
    if form.get("FallbackUrl"):
        call.fallback = Hook(str(form["FallbackUrl"]), str(form.get("FallbackMethod", "POST")).upper())
    call.callback_events = _events(form)
    call.timeout = seconds_of(form, "Timeout", call.timeout)
    call.detects_machines = bool(form.get("MachineDetection"))
    voice.dial(exchange, call)
    return await answer_creation(exchange, to, "voice", show(exchange, call))


def _check(exchange: Exchange, from_: str, to: str) -> None:
    if not to:
        raise ApiError(21201)
    if not from_:
        raise ApiError(21213)
    if not PHONE_NUMBER.fullmatch(to):
        raise ApiError(21211, to)
    if from_ not in exchange.numbers:
        raise ApiError(21210, from_)


def _source(form: Form) -> tuple[Hook | None, str | None]:
    """The address or the document that says what is to be done on the call."""
    twiml, url = str(form.get("Twiml", "")), str(form.get("Url", ""))
    if twiml:
        return None, twiml
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise ApiError(21205, url)
    return Hook(url, str(form.get("Method", "POST")).upper()), None


def _events(form: Form) -> frozenset[str]:
    """The events asked for; FormData keeps repeated ones, and a blank separates those in one value."""
    given = form.getlist("StatusCallbackEvent") if hasattr(form, "getlist") else []
    return frozenset(word for value in given for word in str(value).split()) or frozenset({"completed"})


def found(exchange: Exchange, request: Request) -> Call:
    """The call an address names, or 20404."""
    call = exchange.calls.get(request.path_params["sid"])
    if call is None:
        raise ApiError(20404, request.url.path)
    return call


async def fetch_call(exchange: Exchange, request: Request, form: Form) -> Response:
    """One call."""
    return JSONResponse(show(exchange, found(exchange, request)))


async def update_call(exchange: Exchange, request: Request, form: Form) -> Response:
    """End a call (Status) or send it to another document (Url, Twiml)."""
    call = found(exchange, request)
    status = form.get("Status")
    if call.is_over:
        raise ApiError(21220)
    if status not in {None, "completed", "canceled"}:
        raise ApiError(20001, "Status")
    if status is not None:
        if call.answered_at is None:
            hang_up(exchange, call, "canceled")
        elif status == "completed":
            hang_up(exchange, call, "completed")
    else:
        _steer(call, form)
    return JSONResponse(show(exchange, call))


def _steer(call: Call, form: Form) -> None:
    hook, twiml = _source(form)
    if call.answered_at is None:
        raise ApiError(21220)
    call.line.put(Steer(hook.url if hook else None, hook.method if hook else "POST", twiml))


async def list_calls(exchange: Exchange, request: Request, form: Form) -> Response:
    """Calls by To, From, Status and StartTime, newest first."""
    query = request.query_params
    items = [
        call
        for call in visible(exchange, exchange.calls.values(), query.get("To"), "voice")
        if query.get("To", call.to) == call.to
        and query.get("From", call.from_) == call.from_
        and query.get("Status", call.status) == call.status
        and query.get("ParentCallSid", call.parent_sid) == call.parent_sid
        and in_time(request, "StartTime", call.start_at or call.created_at)
    ]
    return JSONResponse(page(request, "calls", items, lambda call: show(exchange, call)))


def show(exchange: Exchange, call: Call) -> dict[str, Any]:
    """A call as the API shows it."""
    account = exchange.setup.account.sid
    uri = f"/2010-04-01/Accounts/{account}/Calls/{call.sid}"
    number = exchange.numbers.get(call.to if call.direction == "inbound" else call.from_)
    return {
        "account_sid": account,
        "answered_by": ("human" if call.answered_by == "human" else "machine")
        if call.detects_machines and call.answered_by
        else None,
        "api_version": "2010-04-01",
        "caller_name": "",
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.updated_at),
        "direction": call.direction,
        "duration": None if call.seconds is None else str(call.seconds),
        "end_time": rfc2822(call.ended_at),
        "forwarded_from": None,
        "from": call.from_,
        "from_formatted": call.from_,
        "group_sid": None,
        "parent_call_sid": call.parent_sid,
        "phone_number_sid": number.sid if number else None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": rfc2822(call.start_at),
        "status": call.status,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }
