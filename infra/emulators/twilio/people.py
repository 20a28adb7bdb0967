"""What people do with their phones, and what can be seen on them."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from infra.emulators.twilio.calls import hang_up, hear
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.line import Key, PickUp, Silence, Speech
from infra.emulators.twilio.records import Call, Message, Said

KEYS = frozenset("0123456789*#")
RECENT = 400
NAMELESS_SHOWN = 12
ITEMS_SHOWN = 30


class CannotDo(Exception):
    """A person cannot do this with their phone now; the message says why."""


def pick_up(call: Call) -> None:
    """Answer a ringing phone."""
    if call.direction == "inbound" or call.status != "ringing":
        raise CannotDo("the phone is not ringing")
    call.line.put(PickUp())


async def listened_to(exchange: Exchange, call: Call, within: float) -> None:
    """Wait until the call listens to the person, as people wait for the end of a question."""

    def look() -> bool | None:
        return True if call.line.listening or call.is_over else None

    await exchange.bells[call.phone].until(look, within)
    if call.line.listening is None:
        raise CannotDo("the call does not listen")


def press(exchange: Exchange, call: Call, keys: str) -> None:
    """Press keys on a call that listens."""
    if not keys or not set(keys) <= KEYS:
        raise CannotDo("a telephone has the keys 0 to 9, * and #")
    hear(exchange, call, Said("phone", keys, kind="keys"))
    for key in keys:
        call.line.put(Key(key))


def speak(exchange: Exchange, call: Call, said: str) -> None:
    """Say something on a call that listens or records, or that is joined to another phone."""
    hear(exchange, call, Said("phone", said))
    call.line.put(Speech(said))


def stay_silent(exchange: Exchange, call: Call) -> None:
    """Say and press nothing for as long as is being waited for; nobody need sit through it."""
    hear(exchange, call, Said("phone", "", kind="pause"))
    call.line.put(Silence())


def put_down(exchange: Exchange, call: Call) -> None:
    """Hang up; on a phone that rings, turn the caller away."""
    is_ringing = call.status == "ringing" and call.direction != "inbound"
    hang_up(exchange, call, "busy" if is_ringing else "completed")


def texts_to(exchange: Exchange, phone: str) -> list[Message]:
    """The texts that have reached a phone, oldest first."""
    return [
        message for message in exchange.messages.values() if message.to == phone and message.status == "delivered"
    ]


def ringing(exchange: Exchange, phone: str) -> list[Call]:
    """The calls a phone is ringing with."""
    return [
        call
        for call in exchange.calls.values()
        if call.to == phone and call.status == "ringing" and call.direction != "inbound"
    ]


def show_message(message: Message) -> dict[str, Any]:
    """A text as seen on a phone."""
    return {
        "kind": "message",
        "sid": message.sid,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "is_mine": message.direction == "inbound",
        "status": message.status,
        "at": message.created_at.isoformat(),
    }


def show_call(call: Call) -> dict[str, Any]:
    """A call as seen and heard on a phone."""
    return {
        "kind": "call",
        "sid": call.sid,
        "from": call.from_,
        "to": call.to,
        "is_mine": call.direction == "inbound",
        "status": call.status,
        "is_over": call.is_over,
        "listening": call.line.listening,
        "said": [vars(said) for said in call.said],
        "at": call.created_at.isoformat(),
    }


def show_phone(exchange: Exchange, phone: str) -> dict[str, Any]:
    """One phone with everything that reached it or left it, oldest first."""
    messages = [show_message(one) for one in exchange.messages.values() if one.phone == phone and one.is_shown]
    calls = [show_call(one) for one in exchange.calls.values() if one.phone == phone]
    items = sorted([*messages, *calls], key=lambda item: item["at"])
    return {"number": phone, "name": exchange.names.get(phone, ""), "items": items}


def show_phones(exchange: Exchange) -> list[dict[str, Any]]:
    """The phones for the page: all that have a name, and the latest of the others, with their latest items."""
    named = [phone for phone, name in exchange.names.items() if name]
    recent: dict[str, list[dict[str, Any]]] = {}
    for message in _latest(exchange.messages.values(), len(exchange.messages)):
        if message.is_shown:
            recent.setdefault(message.phone, []).append(show_message(message))
    for call in _latest(exchange.calls.values(), len(exchange.calls)):
        recent.setdefault(call.phone, []).append(show_call(call))
    nameless = [phone for phone, name in exchange.names.items() if not name][-NAMELESS_SHOWN:]
    return [
        {
            "number": phone,
            "name": exchange.names[phone],
            "items": sorted(recent.get(phone, []), key=lambda item: item["at"])[-ITEMS_SHOWN:],
        }
        for phone in [*named, *nameless]
    ]


def _latest(items: Iterable[Any], length: int) -> Iterable[Any]:
    return islice(items, max(0, length - RECENT), None)
