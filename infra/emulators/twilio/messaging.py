"""Texts: from the application to phones, from phones to the application, and the words that opt out."""

import asyncio
import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from infra.emulators.twilio import instants
from infra.emulators.twilio.callbacks import Callbacks
from infra.emulators.twilio.documents import BadDocument, Document, read_document, words
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.faults import Kind
from infra.emulators.twilio.records import STILL_QUEUED, Hook, Media, Message, draw_sid
from infra.emulators.twilio.segments import segments

API_VERSION = "2010-04-01"
# https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out: the default words of a long code.
STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
HELP_WORDS = frozenset({"HELP", "INFO"})
STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. "
    "Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELP = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
LONGEST_REDIRECT_CHAIN = 10
PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


def write_message(exchange: Exchange, from_: str, to: str, body: str) -> Message:
    """A new message from the application, not yet on its way."""
    at = instants.now()
    return Message(draw_sid("SM"), from_, to, body, "outbound-api", "queued", at, at)


def send(exchange: Exchange, message: Message) -> None:
    """Put a message on its way to a phone."""
    exchange.messages[message.sid] = message
    exchange.changed(message.phone)
    exchange.spawn(_deliver(exchange, message))


def cancel(exchange: Exchange, message: Message) -> bool:
    """Take a message back; False if it is no longer with the provider."""
    if message.status not in STILL_QUEUED:
        return False
    _enter(exchange, message, "canceled")
    return True


async def _deliver(exchange: Exchange, message: Message) -> None:
    """Walk a message through its statuses, telling the application of each but the first."""
    callbacks = Callbacks(exchange, message.to, "sms")
    step = exchange.setup.pace.step
    if not await _leaves_the_queue(exchange, message):
        callbacks.push(message.callback, _status_params(exchange, message), is_last=True)
        return
    for status in _walk(exchange, message):
        _enter(exchange, message, status)
        is_last = status in {"delivered", "undelivered", "failed"}
        callbacks.push(message.callback, _status_params(exchange, message), is_last)
        await asyncio.sleep(step)


async def _leaves_the_queue(exchange: Exchange, message: Message) -> bool:
    """Wait for the queue; False if the message was taken back or became too old in it."""
    held = exchange.faults.take(Kind.HELD, message.to, "sms")
    wait = exchange.setup.pace.step + (held.seconds if held else 0.0)
    bell = exchange.bells[message.phone]
    is_canceled = await bell.until(lambda: message.status == "canceled" or None, min(wait, message.validity))
    if is_canceled:
        return False
    if wait > message.validity:
        message.error_code = 30036
        _enter(exchange, message, "failed")
        return False
    return True


def _walk(exchange: Exchange, message: Message) -> list[str]:
    first = ["queued"] if message.status == "accepted" else []
    if failed := exchange.faults.take(Kind.FAILED, message.to, "sms"):
        message.error_code = failed.code
        return [*first, "failed"]
    if undelivered := exchange.faults.take(Kind.UNDELIVERED, message.to, "sms"):
        message.error_code = undelivered.code
        return [*first, "sending", "sent", "undelivered"]
    return [*first, "sending", "sent", "delivered"]


def _enter(exchange: Exchange, message: Message, status: str) -> None:
    message.status = status
    message.updated_at = instants.now()
    if status == "sent":
        message.sent_at = message.updated_at
    exchange.changed(message.phone)


def _status_params(exchange: Exchange, message: Message) -> dict[str, str]:
    params = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "AccountSid": exchange.setup.account.sid,
        "From": message.from_,
        "To": message.to,
        "ApiVersion": API_VERSION,
    }
    if message.error_code is not None and message.status in {"failed", "undelivered"}:
        params["ErrorCode"] = str(message.error_code)
    if message.service_sid:
        params["MessagingServiceSid"] = message.service_sid
    return params


def text_in(exchange: Exchange, phone: str, to: str, body: str, pictures: Sequence[str] = ()) -> Message:
    """A person sends a text to one of the account's numbers, with a picture of each content type given."""
    at = instants.now()
    sid = draw_sid("MM" if pictures else "SM")
    message = Message(sid, phone, to, body, "inbound", "received", at, at, at)
    message.media = tuple(Media(draw_sid("ME"), content_type) for content_type in pictures)
    exchange.messages[message.sid] = message
    exchange.changed(phone)
    exchange.spawn(_receive(exchange, message))
    return message


async def _receive(exchange: Exchange, message: Message) -> None:
    answer = _keyword_answer(exchange, message)
    number = exchange.numbers.get(message.to)
    is_lost = exchange.faults.take(Kind.INBOUND_LOST, message.from_, "sms")
    if number is not None and number.sms is not None and not is_lost:
        times = 2 if exchange.faults.take(Kind.INBOUND_TWICE, message.from_, "sms") else 1
        for _ in range(times):
            await _run(exchange, message, number.sms, number.sms_fallback)
    if answer:
        reply = write_message(exchange, message.to, message.from_, answer)
        reply.direction = "outbound-reply"
        send(exchange, reply)


def _keyword_answer(exchange: Exchange, message: Message) -> str | None:
    """Apply the words that opt out and in; what the provider itself answers to them."""
    word, pair = message.body.strip().upper(), (message.to, message.from_)
    if word in STOP_WORDS:
        exchange.opted_out.add(pair)
        return STOPPED
    if word in START_WORDS and pair in exchange.opted_out:
        exchange.opted_out.remove(pair)
        return STARTED
    return HELP if word in HELP_WORDS else None


async def _run(exchange: Exchange, message: Message, hook: Hook, fallback: Hook | None) -> None:
    """Tell the application of a text and do what its answers say."""
    purpose: str = "incoming text"
    source: Hook | None = hook
    for _ in range(LONGEST_REDIRECT_CHAIN):
        if source is None:
            return
        params = _inbound_params(exchange, message)
        text = await exchange.webhooks.ask(source, fallback, params, purpose)
        try:
            document = read_document(text or "", source)
        except BadDocument as error:
            exchange.webhooks.complain(source, str(error), params)
            return
        source, purpose = _obey(exchange, message, document), "redirected text"


def _obey(exchange: Exchange, message: Message, document: Document) -> Hook | None:
    """Do what the verbs say; where to go on, if anywhere."""
    for verb in document.verbs:
        if verb.tag == "Message":
            _reply(exchange, message, document, verb)
        elif verb.tag == "Redirect":
            verb.set("action", words(verb))
            return document.hook(verb)
        else:
            exchange.webhooks.complain(document.source, f"12200 {verb.tag} does not belong here", {})
    return None


def _reply(exchange: Exchange, message: Message, document: Document, verb: Element) -> None:
    body = verb.find("Body")
    to = verb.get("to", message.from_)
    reply = write_message(exchange, verb.get("from", message.to), to, words(body if body is not None else verb))
    reply.direction = "outbound-reply"
    reply.callback = document.hook(verb, "statusCallback") or document.hook(verb)
    if (reply.from_, to) in exchange.opted_out:
        exchange.webhooks.complain(document.source, "21610 the phone has opted out", {"MessageSid": message.sid})
        return
    send(exchange, reply)


def media_url(exchange: Exchange, message: Message, media: Media) -> str:
    """Where a picture is to be had; the emulator has none to give."""
    setup = exchange.setup
    return f"{setup.base_url}/{API_VERSION}/Accounts/{setup.account.sid}/Messages/{message.sid}/Media/{media.sid}"


def _media_params(exchange: Exchange, message: Message) -> dict[str, str]:
    params = {"NumMedia": str(len(message.media))}
    for number, media in enumerate(message.media):
        params[f"MediaUrl{number}"] = media_url(exchange, message, media)
        params[f"MediaContentType{number}"] = media.content_type
    return params


def _inbound_params(exchange: Exchange, message: Message) -> dict[str, str]:
    return _media_params(exchange, message) | {
        "ToCountry": "",
        "SmsMessageSid": message.sid,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "AccountSid": exchange.setup.account.sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumSegments": str(segments(message.body)),
        "ApiVersion": API_VERSION,
    }
