"""Runs the application's voice documents on a call: it says, listens, records, and goes where it is sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import ClassVar
from xml.etree.ElementTree import Element

from infra.emulators.twilio.bridge import join_phone
from infra.emulators.twilio.calls import call_params, enter, hang_up, hear
from infra.emulators.twilio.documents import BadDocument, Document, read_document, words
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.gathering import gather
from infra.emulators.twilio.line import HungUp, Steer, Steered
from infra.emulators.twilio.recording import record
from infra.emulators.twilio.records import Call, Hook, Said

APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
NO_SOURCE = Hook("")


@dataclass(frozen=True)
class Next:
    """Where a call goes on: an address with the parameters it is asked with, or a document in hand."""

    hook: Hook
    params: dict[str, str] = field(default_factory=dict)
    twiml: str | None = None
    purpose: str = "call"


async def converse(exchange: Exchange, call: Call) -> None:
    """Run documents from the call's answer address to the end. Raises HungUp when the call ends first.

    An attribute that makes no sense ends the call, and is logged.
    """
    following: Next | None = Next(call.answer or NO_SOURCE, twiml=call.twiml, purpose="answered call")
    while following is not None:
        source = following.hook
        try:
            document = await _fetch(exchange, call, following)
            following = await Scene(exchange, call, document).play()
        except Steered as steered:
            following = _steered(steered.to)
        except ValueError as error:
            exchange.webhooks.complain(source, f"12200 {error}", call_params(exchange, call))
            return


def _steered(to: Steer) -> Next:
    return Next(Hook(to.url or "", to.method), twiml=to.twiml, purpose="redirected call")


async def _fetch(exchange: Exchange, call: Call, following: Next) -> Document:
    """The document to run next; where there is none to be had, Twilio's own apology."""
    text = following.twiml
    params = call_params(exchange, call) | following.params
    if text is None and following.hook.url:
        text = await exchange.webhooks.ask(following.hook, call.fallback, params, following.purpose)
    try:
        if text is None:
            raise BadDocument("11200 no document")
        document = read_document(text, following.hook)
    except BadDocument as error:
        exchange.webhooks.complain(following.hook, str(error), params)
        document = read_document(f"<Response><Say>{APPLICATION_ERROR}</Say></Response>", following.hook)
    if call.is_over:
        raise HungUp
    return document


@dataclass
class Scene:
    """One document being run on one call."""

    exchange: Exchange
    call: Call
    document: Document

    async def play(self) -> Next | None:
        """Run the verbs in order; where one of them leads, or None at the end of the document."""
        verbs = self.document.verbs
        if self.call.status == "ringing" and not (verbs and verbs[0].tag == "Reject"):
            enter(self.exchange, self.call, "in-progress")
        for verb in verbs:
            run = self._VERBS.get(verb.tag)
            if run is None:
                self.exchange.webhooks.complain(
                    self.document.source, f"12200 {verb.tag} is not emulated", {"CallSid": self.call.sid}
                )
                continue
            following = await run(self, verb)
            if following is not None:
                return following
        return None

    def _next(self, hook: Hook | None, params: dict[str, str], purpose: str) -> Next:
        """An action address, which is the document's own where the verb names none."""
        return Next(hook or self.document.source, params, purpose=purpose)

    async def say(self, verb: Element) -> None:
        """Say: heard at once, then time passes as for reading it aloud."""
        text = words(verb)
        for _ in range(max(1, int(verb.get("loop", "1")))):
            hear(self.exchange, self.call, Said("hotline", text, verb.get("language", "")))
            await self.call.line.rest(len(text) * self.exchange.setup.pace.speech)

    async def pause(self, verb: Element) -> None:
        """Pause: silence, `length` seconds."""
        await self.call.line.rest(float(verb.get("length", "1")) * self.exchange.setup.pace.silence)

    async def gather(self, verb: Element) -> Next | None:
        """Gather: keys or words, given to the action; without any the next verb follows."""
        params = await gather(self.exchange, self.call, verb)
        if params is None:
            return None
        return self._next(self.document.hook(verb), params, "gathered")

    async def record(self, verb: Element) -> Next | None:
        """Record: words after a tone, given to the action, also when the caller hangs up in them."""
        callback = self.document.hook(verb, "recordingStatusCallback")
        params = await record(self.exchange, self.call, verb, callback)
        if params is None:
            return None
        following = self._next(self.document.hook(verb), params, "recorded")
        if not self.call.is_over:
            return following
        told = call_params(self.exchange, self.call) | params
        await self.exchange.webhooks.tell(following.hook, told, "recorded")
        raise HungUp

    async def redirect(self, verb: Element) -> Next | None:
        """Redirect: go on with another document."""
        verb.set("action", words(verb))
        return self._next(self.document.hook(verb), {}, "redirected call")

    async def dial(self, verb: Element) -> Next | None:
        """Dial: join the call to another phone."""
        number = verb.find("Number")
        to = words(number if number is not None else verb)
        params = await join_phone(self.exchange, self.call, to, float(verb.get("timeout", "30")))
        action = self.document.hook(verb)
        return None if action is None else Next(action, params, purpose="dialled")

    async def hang_up(self, verb: Element) -> None:
        """Hangup: the end."""
        hang_up(self.exchange, self.call, "completed")
        raise HungUp

    async def reject(self, verb: Element) -> None:
        """Reject: end a call that was not taken."""
        is_busy = verb.get("reason", "rejected") == "busy"
        hang_up(self.exchange, self.call, "busy" if is_busy else "no-answer")
        raise HungUp

    _VERBS: ClassVar[dict[str, Callable[["Scene", Element], Awaitable[Next | None]]]] = {
        "Say": say,
        "Pause": pause,
        "Gather": gather,
        "Record": record,
        "Redirect": redirect,
        "Dial": dial,
        "Hangup": hang_up,
        "Reject": reject,
    }
