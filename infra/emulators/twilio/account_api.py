"""Account, IncomingPhoneNumbers and Recordings (https://www.twilio.com/docs/usage/api)."""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.emulators.twilio import recording
from infra.emulators.twilio.admission import Form
from infra.emulators.twilio.errors import ApiError
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.instants import rfc2822
from infra.emulators.twilio.listing import in_time, page, visible
from infra.emulators.twilio.records import Hook, Number, Recording

# Twilio's parameter names for what a number calls on, and ours.
NUMBER_HOOKS = {
    "Sms": "sms",
    "SmsFallback": "sms_fallback",
    "Voice": "voice",
    "VoiceFallback": "voice_fallback",
    "StatusCallback": "status_callback",
}


async def fetch_account(exchange: Exchange, request: Request, form: Form) -> Response:
    """The account: what signing in is tried with."""
    sid = exchange.setup.account.sid
    return JSONResponse(
        {
            "sid": sid,
            "friendly_name": "Demonstration",
            "status": "active",
            "type": "Full",
            "owner_account_sid": sid,
            "date_created": None,
            "date_updated": None,
            "subresource_uris": {},
            "uri": f"/2010-04-01/Accounts/{sid}.json",
        }
    )


async def list_numbers(exchange: Exchange, request: Request, form: Form) -> Response:
    """The account's numbers, by PhoneNumber where given."""
    wanted = request.query_params.get("PhoneNumber", "")
    items = [number for number in exchange.numbers.values() if wanted in number.phone_number]
    return JSONResponse(page(request, "incoming_phone_numbers", items, lambda number: _show_number(exchange, number)))


async def fetch_number(exchange: Exchange, request: Request, form: Form) -> Response:
    """One number."""
    return JSONResponse(_show_number(exchange, _number(exchange, request)))


async def update_number(exchange: Exchange, request: Request, form: Form) -> Response:
    """Change whom a number tells of texts and calls; a blank address tells nobody."""
    number = _number(exchange, request)
    for name, attribute in NUMBER_HOOKS.items():
        stem = name if name == "StatusCallback" else f"{name}Url"
        url = form.get(stem)
        if url is None:
            continue
        if url and urlsplit(str(url)).scheme not in {"http", "https"}:
            raise ApiError(20001, stem)
        method = str(form.get(f"{name}Method", "POST")).upper()
        setattr(number, attribute, Hook(str(url), method) if url else None)
    return JSONResponse(_show_number(exchange, number))


def _number(exchange: Exchange, request: Request) -> Number:
    sid = request.path_params["sid"]
    for number in exchange.numbers.values():
        if number.sid == sid:
            return number
    raise ApiError(20404, request.url.path)


def _show_number(exchange: Exchange, number: Number) -> dict[str, Any]:
    account = exchange.setup.account.sid
    shown: dict[str, Any] = {
        "sid": number.sid,
        "account_sid": account,
        "phone_number": number.phone_number,
        "friendly_name": number.phone_number,
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "date_created": rfc2822(number.created_at),
        "date_updated": rfc2822(number.created_at),
        "status": "in-use",
        "uri": f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{number.sid}.json",
    }
    for attribute in NUMBER_HOOKS.values():
        hook: Hook | None = getattr(number, attribute)
        url_name = attribute if attribute == "status_callback" else f"{attribute}_url"
        shown[url_name] = hook.url if hook else ""
        shown[f"{attribute}_method"] = hook.method if hook else "POST"
    return shown


async def list_recordings(exchange: Exchange, request: Request, form: Form) -> Response:
    """Recordings, of one call or by CallSid and DateCreated."""
    call_sid = request.path_params.get("call") or request.query_params.get("CallSid")
    items = [
        kept
        for kept in visible(exchange, exchange.recordings.values(), None, "voice")
        if (call_sid is None or kept.call_sid == call_sid) and in_time(request, "DateCreated", kept.created_at)
    ]
    return JSONResponse(page(request, "recordings", items, lambda kept: _show_recording(exchange, kept)))


async def fetch_recording(exchange: Exchange, request: Request, form: Form) -> Response:
    """One recording as JSON."""
    return JSONResponse(_show_recording(exchange, _recording(exchange, request)))


async def fetch_sound(exchange: Exchange, request: Request, form: Form) -> Response:
    """The sound of one recording."""
    return Response(recording.sound(_recording(exchange, request)), media_type="audio/x-wav")


async def delete_recording(exchange: Exchange, request: Request, form: Form) -> Response:
    """Forget one recording."""
    del exchange.recordings[_recording(exchange, request).sid]
    return Response(status_code=204)


def _recording(exchange: Exchange, request: Request) -> Recording:
    kept = exchange.recordings.get(request.path_params["sid"])
    if kept is None:
        raise ApiError(20404, request.url.path)
    return kept


def _show_recording(exchange: Exchange, kept: Recording) -> dict[str, Any]:
    account = exchange.setup.account.sid
    return {
        "sid": kept.sid,
        "account_sid": account,
        "call_sid": kept.call_sid,
        "api_version": "2010-04-01",
        "channels": 1,
        "conference_sid": None,
        "date_created": rfc2822(kept.created_at),
        "date_updated": rfc2822(kept.created_at),
        "duration": str(kept.seconds),
        "encryption_details": None,
        "error_code": None,
        "media_url": recording.media_url(exchange, kept),
        "price": None,
        "price_unit": "USD",
        "source": "RecordVerb",
        "start_time": rfc2822(kept.created_at),
        "status": "completed",
        "subresource_uris": {},
        "track": None,
        "uri": f"/2010-04-01/Accounts/{account}/Recordings/{kept.sid}.json",
    }
