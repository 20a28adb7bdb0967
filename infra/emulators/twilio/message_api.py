"""The Messages resource (https://www.twilio.com/docs/messaging/api/message-resource)."""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.emulators.twilio import messaging
from infra.emulators.twilio.admission import Form, admit_creation, answer_creation, seconds_of
from infra.emulators.twilio.errors import DELIVERY, ApiError
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.instants import rfc2822
from infra.emulators.twilio.listing import in_time, page, visible
from infra.emulators.twilio.records import Hook, Media, Message
from infra.emulators.twilio.segments import segments

LONGEST_BODY = 1600


async def create_message(exchange: Exchange, request: Request, form: Form) -> Response:
    """Accept a message for a phone, or refuse it with the documented code."""
    to, from_ = str(form.get("To", "")), _sender(exchange, form)
    body = str(form.get("Body", ""))
    _check(exchange, from_, to, body)
    await admit_creation(request, to, "sms")
    if (from_, to) in exchange.opted_out:
        raise ApiError(21610)
    message = messaging.write_message(exchange, from_, to, body)
    message.callback = callback_of(form)
    message.service_sid = str(form.get("MessagingServiceSid", "")) or None
    message.status = "accepted" if message.service_sid else "queued"
    message.validity = seconds_of(form, "ValidityPeriod", message.validity)
    messaging.send(exchange, message)
    return await answer_creation(exchange, to, "sms", show(exchange, message))


def _sender(exchange: Exchange, form: Form) -> str:
    """The number it is sent from; a messaging service sends from the account's first number."""
    from_ = str(form.get("From", ""))
    if not from_ and form.get("MessagingServiceSid"):
        return next(iter(exchange.numbers), "")
    return from_


def _check(exchange: Exchange, from_: str, to: str, body: str) -> None:
    if not to:
        raise ApiError(21604)
    if not from_:
        raise ApiError(21603)
    if not body:
        raise ApiError(21602)
    if not messaging.PHONE_NUMBER.fullmatch(to):
        raise ApiError(21211, to)
    if from_ not in exchange.numbers:
        raise ApiError(21606, from_)
    if len(body) > LONGEST_BODY:
        raise ApiError(21617)


def callback_of(form: Form) -> Hook | None:
    """Where statuses are to be told, or None. Raises 21609 for what is no address."""
    url = str(form.get("StatusCallback", ""))
    if not url:
        return None
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise ApiError(21609, url)
    return Hook(url, str(form.get("StatusCallbackMethod", "POST")).upper())


def found(exchange: Exchange, request: Request) -> Message:
    """The message an address names, or 20404."""
    message = exchange.messages.get(request.path_params["sid"])
    if message is None:
        raise ApiError(20404, request.url.path)
    return message


async def fetch_message(exchange: Exchange, request: Request, form: Form) -> Response:
    """One message."""
    return JSONResponse(show(exchange, found(exchange, request)))


async def update_message(exchange: Exchange, request: Request, form: Form) -> Response:
    """Take back a queued message, or redact one (an empty Body)."""
    message = found(exchange, request)
    if form.get("Status") == "canceled":
        if not messaging.cancel(exchange, message):
            raise ApiError(30409)
    elif form.get("Body") == "":
        message.body = ""
    else:
        raise ApiError(30400)
    return JSONResponse(show(exchange, message))


async def list_messages(exchange: Exchange, request: Request, form: Form) -> Response:
    """Messages by To, From and DateSent, newest first."""
    query = request.query_params
    items = [
        message
        for message in visible(exchange, exchange.messages.values(), query.get("To"), "sms")
        if query.get("To", message.to) == message.to
        and query.get("From", message.from_) == message.from_
        and in_time(request, "DateSent", message.sent_at or message.created_at)
    ]
    return JSONResponse(page(request, "messages", items, lambda message: show(exchange, message)))


def show(exchange: Exchange, message: Message) -> dict[str, Any]:
    """A message as the API shows it."""
    account = exchange.setup.account.sid
    uri = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    error = message.error_code if message.status in {"failed", "undelivered"} else None
    return {
        "account_sid": account,
        "api_version": messaging.API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": error,
        "error_message": DELIVERY.get(error, "Unknown error") if error else None,
        "from": message.from_,
        "messaging_service_sid": message.service_sid,
        "num_media": str(len(message.media)),
        "num_segments": str(segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


async def list_media(exchange: Exchange, request: Request, form: Form) -> Response:
    """The pictures sent with a message."""
    message = found(exchange, request)
    items = list(message.media)
    return JSONResponse(page(request, "media_list", items, lambda media: _show_media(exchange, message, media)))


def _show_media(exchange: Exchange, message: Message, media: Media) -> dict[str, Any]:
    account, at = exchange.setup.account.sid, rfc2822(message.created_at)
    return {
        "account_sid": account,
        "content_type": media.content_type,
        "date_created": at,
        "date_updated": at,
        "parent_sid": message.sid,
        "sid": media.sid,
        "uri": f"/2010-04-01/Accounts/{account}/Messages/{message.sid}/Media/{media.sid}.json",
    }
