"""The control API, `/emulator/…` in JSON: tests and the page act as people, set faults and read the logs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from infra.emulators.twilio import messaging, people, voice
from infra.emulators.twilio.admission import exchange_of
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.faults import Fault, Kind
from infra.emulators.twilio.records import Call

LONGEST_WAIT = 120.0
KEEP_ALIVE = 15.0
Acting = Callable[[Exchange, Request, dict[str, Any]], Awaitable[Response]]


def act(acting: Acting) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that takes a JSON object; what cannot be done is 409, what makes no sense is 400."""

    async def acted(request: Request) -> Response:
        # Only JSON is taken, so that a page of another origin cannot post here without being asked first.
        if not request.headers.get("Content-Type", "").startswith("application/json"):
            return JSONResponse({"error": "send a JSON object"}, 415)
        try:
            asked = await request.json()
            return await acting(exchange_of(request), request, asked)
        except people.CannotDo as reason:
            return JSONResponse({"error": str(reason)}, 409)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return JSONResponse({"error": f"not understood: {error}"}, 400)

    return acted


def _within(asked: dict[str, Any]) -> float:
    return min(LONGEST_WAIT, float(asked.get("within", 5.0)))


def _own_number(exchange: Exchange, asked: dict[str, Any]) -> str:
    number = str(asked["to"])
    if number not in exchange.numbers:
        raise people.CannotDo(f"{number} is not one of the provider's numbers")
    return number


async def _name(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    number = str(asked["number"]).strip()
    if not messaging.PHONE_NUMBER.fullmatch(number):
        raise people.CannotDo("a number begins with + and the country code")
    exchange.names[number] = str(asked.get("name") or number)[:60]
    exchange.changed(number)
    return JSONResponse(people.show_phone(exchange, number), 201)


async def _text(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    phone, to = request.path_params["phone"], _own_number(exchange, asked)
    pictures = [str(content_type) for content_type in asked.get("pictures", [])]
    message = messaging.text_in(exchange, phone, to, str(asked["body"]), pictures)
    return JSONResponse(people.show_message(message), 201)


async def _call(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    phone, to = request.path_params["phone"], _own_number(exchange, asked)
    return JSONResponse(people.show_call(voice.call_in(exchange, phone, to)), 201)


async def _await_message(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    """The first text on a phone that contains `containing` and is not among `skip`; 204 if none came."""
    phone, skip = request.path_params["phone"], set(asked.get("skip", []))
    containing = str(asked.get("containing", ""))

    def look() -> dict[str, Any] | None:
        for message in people.texts_to(exchange, phone):
            if message.sid not in skip and containing in message.body:
                return people.show_message(message)
        return None

    return await _found(exchange, phone, look, asked)


async def _await_ringing(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    """The call a phone rings with that is not among `skip`; 204 if it did not ring."""
    phone, skip = request.path_params["phone"], set(asked.get("skip", []))

    def look() -> dict[str, Any] | None:
        calls = (call for call in people.ringing(exchange, phone) if call.sid not in skip)
        return next((people.show_call(call) for call in calls), None)

    return await _found(exchange, phone, look, asked)


async def _await_call(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    """The call, once the hotline has said `containing` and it has one of the `statuses`; 204 if it has not."""
    call = _the_call(exchange, request)
    containing, statuses = str(asked.get("containing", "")), asked.get("statuses")

    def look() -> dict[str, Any] | None:
        heard = "\n".join(said.text for said in call.said if said.by == "hotline")
        reached = statuses is None or call.status in statuses
        return people.show_call(call) if containing in heard and reached else None

    return await _found(exchange, call.phone, look, asked)


async def _found(
    exchange: Exchange, phone: str, look: Callable[[], dict[str, Any] | None], asked: dict[str, Any]
) -> Response:
    found = await exchange.bells[phone].until(look, _within(asked))
    return Response(status_code=204) if found is None else JSONResponse(found)


def _the_call(exchange: Exchange, request: Request) -> Call:
    call = exchange.calls.get(request.path_params["sid"])
    if call is None:
        raise people.CannotDo("there is no such call")
    return call


async def _act_on_call(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    call, deed = _the_call(exchange, request), request.path_params["deed"]
    if deed in {"press", "speak", "silence"}:
        await people.listened_to(exchange, call, _within(asked))
    match deed:
        case "pick-up":
            people.pick_up(call)
        case "press":
            people.press(exchange, call, str(asked["keys"]))
        case "speak":
            people.speak(exchange, call, str(asked["words"]))
        case "silence":
            people.stay_silent(exchange, call)
        case "hang-up":
            people.put_down(exchange, call)
        case _:
            raise people.CannotDo(f"nobody can {deed}")
    return JSONResponse(people.show_call(call))


async def _add_fault(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    exchange.faults.standing.append(Fault(**{**asked, "kind": Kind(asked["kind"])}))
    return JSONResponse(exchange.faults.shown(), 201)


async def _clear_faults(request: Request) -> Response:
    exchange_of(request).faults.standing.clear()
    return JSONResponse([])


async def _reset(exchange: Exchange, request: Request, asked: dict[str, Any]) -> Response:
    await exchange.reset()
    return JSONResponse({})


async def _state(request: Request) -> Response:
    exchange = exchange_of(request)
    return JSONResponse(
        {
            "version": exchange.version,
            "numbers": list(exchange.numbers),
            "phones": people.show_phones(exchange),
            "failed_webhooks": [one.shown() for one in exchange.webhooks.log if one.error][-5:],
        }
    )


async def _phone(request: Request) -> Response:
    return JSONResponse(people.show_phone(exchange_of(request), request.path_params["phone"]))


async def _faults(request: Request) -> Response:
    return JSONResponse(exchange_of(request).faults.shown())


async def _requests(request: Request) -> Response:
    """The requests made to the HTTP API; `method` and `containing` (in the path) choose."""
    query = request.query_params
    chosen = [
        asdict(one)
        for one in exchange_of(request).requests
        if query.get("method", one.method) == one.method and query.get("containing", "") in one.path
    ]
    return JSONResponse(chosen)


async def _webhooks(request: Request) -> Response:
    return JSONResponse([one.shown() for one in exchange_of(request).webhooks.log])


async def _stream(request: Request) -> Response:
    """Server-sent events: the version of what is to be seen, whenever it changes."""
    exchange = exchange_of(request)

    async def changes() -> AsyncIterator[str]:
        seen = -1
        while not exchange.news.is_closed:
            if exchange.version == seen:
                await exchange.news.rung(KEEP_ALIVE)
            seen = exchange.version
            yield f"event: change\ndata: {seen}\n\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(changes(), media_type="text/event-stream", headers=headers)


routes = [
    Route("/emulator/state", _state),
    Route("/emulator/stream", _stream),
    Route("/emulator/phones", act(_name), methods=["POST"]),
    Route("/emulator/phones/{phone}", _phone),
    Route("/emulator/phones/{phone}/texts", act(_text), methods=["POST"]),
    Route("/emulator/phones/{phone}/calls", act(_call), methods=["POST"]),
    Route("/emulator/phones/{phone}/await-message", act(_await_message), methods=["POST"]),
    Route("/emulator/phones/{phone}/await-ringing", act(_await_ringing), methods=["POST"]),
    Route("/emulator/calls/{sid}/await", act(_await_call), methods=["POST"]),
    Route("/emulator/calls/{sid}/{deed}", act(_act_on_call), methods=["POST"]),
    Route("/emulator/faults", act(_add_fault), methods=["POST"]),
    Route("/emulator/faults", _faults, methods=["GET"]),
    Route("/emulator/faults", _clear_faults, methods=["DELETE"]),
    Route("/emulator/requests", _requests),
    Route("/emulator/webhooks", _webhooks),
    Route("/emulator/reset", act(_reset), methods=["POST"]),
]
