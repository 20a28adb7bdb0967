"""The life of a call: it rings, is answered or not, follows the application's documents, and ends."""

import asyncio
from contextlib import suppress

from infra.emulators.twilio import dialogue, instants
from infra.emulators.twilio.callbacks import Callbacks
from infra.emulators.twilio.calls import call_params, enter, hang_up
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.faults import Kind
from infra.emulators.twilio.line import End, HungUp, PickUp
from infra.emulators.twilio.records import Call, Hook, draw_sid

EVENT_OF_STATUS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


def dial(exchange: Exchange, call: Call) -> None:
    """Begin to call a phone."""
    exchange.calls[call.sid] = call
    exchange.changed(call.phone)
    exchange.spawn(_Progress(exchange, call).call_out())


def call_in(exchange: Exchange, phone: str, to: str) -> Call:
    """A person calls one of the account's numbers."""
    at = instants.now()
    call = Call(draw_sid("CA"), phone, to, "inbound", "ringing", at, at, start_at=at)
    number = exchange.numbers.get(to)
    if number is not None:
        call.answer, call.fallback, call.callback = number.voice, number.voice_fallback, number.status_callback
    exchange.calls[call.sid] = call
    exchange.changed(phone)
    exchange.spawn(_Progress(exchange, call).take_in())
    return call


class _Progress:
    """One call going through its statuses, with the callbacks that tell of them."""

    def __init__(self, exchange: Exchange, call: Call) -> None:
        self.exchange = exchange
        self.call = call
        self.callbacks = Callbacks(exchange, call.phone, "voice")
        self.told = 0

    async def call_out(self) -> None:
        """Ring the phone; when it is answered, run the application's document."""
        call, step = self.call, self.exchange.setup.pace.step
        self._tell("initiated")
        await asyncio.sleep(step)
        if not call.is_over:
            outcome = await self._ring()
            if outcome is not None:
                hang_up(self.exchange, call, outcome)
        if not call.is_over:
            self._enter("in-progress")
            await self._talk()
        self._tell(call.status, is_last=True)

    async def take_in(self) -> None:
        """Ask the application what to do with a person's call, and do it."""
        call = self.call
        if self.exchange.faults.take(Kind.INBOUND_LOST, call.phone, "voice"):
            self.exchange.webhooks.complain(Hook(call.to), "the call was not told", {"CallSid": call.sid})
            hang_up(self.exchange, call, "failed")
            return
        await self._talk()
        self._tell(call.status, is_last=True)

    async def _ring(self) -> str | None:
        """Ring until somebody picks up (None) or the call has come to another end (its status)."""
        call, take = self.call, self.exchange.faults.take
        if take(Kind.FAILED, call.phone, "voice"):
            return "failed"
        if take(Kind.BUSY, call.phone, "voice"):
            return "busy"
        self._enter("ringing")
        if deaf := take(Kind.NO_ANSWER, call.phone, "voice"):
            await call.line.until((End,), deaf.seconds or call.timeout)
            return "no-answer"
        if machine := take(Kind.ANSWERING_MACHINE, call.phone, "voice"):
            call.answered_by = "machine_start"
            self.exchange.spawn(self._hang_up_after(machine.seconds))
            return None
        signal = await call.line.until((PickUp, End), call.timeout)
        call.answered_by = "human" if isinstance(signal, PickUp) else None
        return None if signal is not None else "no-answer"

    async def _hang_up_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        hang_up(self.exchange, self.call, "completed")

    async def _talk(self) -> None:
        with suppress(HungUp):
            await dialogue.converse(self.exchange, self.call)
        hang_up(self.exchange, self.call, "completed")

    def _enter(self, status: str) -> None:
        enter(self.exchange, self.call, status)
        self._tell(status)

    def _tell(self, status: str, is_last: bool = False) -> None:
        """Tell the application of a status, if it asked to be told of its event."""
        call = self.call
        is_wanted = EVENT_OF_STATUS.get(status, "completed") in call.callback_events
        self.callbacks.push(call.callback if is_wanted else None, self._params(status), is_last)

    def _params(self, status: str) -> dict[str, str]:
        call = self.call
        params = call_params(self.exchange, call) | {
            "CallStatus": status,
            "Timestamp": instants.rfc2822(instants.now()) or "",
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self.told),
        }
        self.told += 1
        if call.is_over:
            params["CallDuration"] = str(call.seconds or 0)
            params["Duration"] = str(-(-(call.seconds or 0) // 60))
        return params
