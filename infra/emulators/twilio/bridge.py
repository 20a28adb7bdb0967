"""Dial: two phones joined, so that each hears the other (https://www.twilio.com/docs/voice/twiml/dial)."""

from infra.emulators.twilio import instants
from infra.emulators.twilio.calls import enter, hang_up, hear
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.line import End, HungUp, Other, PickUp, Signal, Speech, Steer, Steered
from infra.emulators.twilio.records import Call, Said, draw_sid

LONGEST_TALK = 4 * 3600.0


async def join_phone(exchange: Exchange, call: Call, to: str, within: float) -> dict[str, str]:
    """Ring another phone and join it to the call until one side hangs up; the action's parameters."""
    at = instants.now()
    other = Call(draw_sid("CA"), call.to, to, "outbound-dial", "queued", at, at, parent_sid=call.sid)
    exchange.calls[other.sid] = other
    enter(exchange, other, "ringing")
    exchange.spawn(_relay(other, call))
    try:
        await _join(exchange, call, other, within)
    finally:
        call.line.listening = None
        hang_up(exchange, other, "completed" if other.answered_at else "no-answer")
    return {
        "DialCallSid": other.sid,
        "DialCallStatus": other.status,
        "DialCallDuration": str(other.seconds or 0),
        "DialBridged": "true" if other.answered_at else "false",
    }


async def _relay(other: Call, call: Call) -> None:
    """Hand everything from the other line to the one on which the document runs."""
    while (signal := await other.line.take(LONGEST_TALK)) is not None:
        call.line.put(Other(signal))
        if isinstance(signal, End):
            return


async def _join(exchange: Exchange, call: Call, other: Call, within: float) -> None:
    """Carry words both ways until the end. Raises HungUp and Steered for the call itself."""
    answer = await _signal(call, within)
    if not (isinstance(answer, Other) and isinstance(answer.signal, PickUp)):
        return
    call.line.listen("joined")
    other.line.listening = "joined"
    enter(exchange, other, "in-progress")
    while (signal := await _signal(call, LONGEST_TALK)) is not None:
        match signal:
            case Other(End()):
                return
            case Other(Speech(said)):
                hear(exchange, call, Said("hotline", said))
            case Speech(said):
                hear(exchange, other, Said("hotline", said))


async def _signal(call: Call, within: float) -> Signal | None:
    """The next signal of the call or, as Other, of the line it is joined to."""
    signal = await call.line.until((Other, Speech, End, Steer), within)
    match signal:
        case End():
            raise HungUp
        case Steer():
            raise Steered(signal)
    return signal
