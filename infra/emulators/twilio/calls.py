"""What every part that touches a call needs: writing one, its statuses, its end, its parameters."""

from infra.emulators.twilio import instants
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.line import End
from infra.emulators.twilio.records import Call, Said, draw_sid


def write_call(exchange: Exchange, from_: str, to: str) -> Call:
    """A new call from the application, not yet dialled."""
    at = instants.now()
    return Call(draw_sid("CA"), from_, to, "outbound-api", "queued", at, at)


def hang_up(exchange: Exchange, call: Call, status: str) -> None:
    """End a call at once, with the status it ends in; a call that is over stays as it is."""
    if call.is_over:
        return
    enter(exchange, call, status)
    call.line.put(End())


def enter(exchange: Exchange, call: Call, status: str) -> None:
    """Note a call's new status and the instant it begins."""
    at = instants.now()
    call.status, call.updated_at = status, at
    if status == "ringing":
        call.start_at = at
    elif status == "in-progress":
        call.answered_at = at
    elif call.is_over:
        call.ended_at = at
        call.line.listening = None
    exchange.changed(call.phone)


def hear(exchange: Exchange, call: Call, said: Said) -> None:
    """Note something that is heard in a call."""
    call.said.append(said)
    exchange.changed(call.phone)


def call_params(exchange: Exchange, call: Call) -> dict[str, str]:
    """The parameters that come with every webhook about a call."""
    params = {
        "CallSid": call.sid,
        "AccountSid": exchange.setup.account.sid,
        "From": call.from_,
        "Caller": call.from_,
        "To": call.to,
        "Called": call.to,
        "CallStatus": call.status,
        "Direction": call.direction,
        "ApiVersion": "2010-04-01",
    }
    if call.parent_sid is not None:
        params["ParentCallSid"] = call.parent_sid
    if call.detects_machines and call.answered_by is not None:
        params["AnsweredBy"] = call.answered_by
    return params
