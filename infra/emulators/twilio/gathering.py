"""Gather: what a person presses or says in answer to a prompt (https://www.twilio.com/docs/voice/twiml/gather)."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from infra.emulators.twilio.calls import hear
from infra.emulators.twilio.documents import words
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.line import Input, Key, Listening, Silence, Speech
from infra.emulators.twilio.records import Call, Said

CONFIDENCE = "0.92"


@dataclass
class _Ear:
    """What a Gather takes, and what it has got so far."""

    takes_keys: bool
    takes_speech: bool
    finish_on: str
    wanted: int | None
    digits: str = ""
    finished_on: str = ""
    spoken: str = ""
    is_done: bool = field(default=False)

    def take(self, given: Input | None) -> None:
        """Take one input; it may be the last that is needed."""
        match given:
            case None | Silence():
                self.is_done = True
            case Key(key) if self.takes_keys and key == self.finish_on:
                self.is_done, self.finished_on = True, key
            case Key(key) if self.takes_keys:
                self.digits += key
                self.is_done = len(self.digits) == self.wanted
            case Speech(spoken) if self.takes_speech and not self.digits:
                self.spoken, self.is_done = spoken, True

    def params(self, language: str) -> dict[str, str] | None:
        """The parameters of the action, or None if there was no answer."""
        if self.spoken:
            return {"SpeechResult": self.spoken, "Confidence": CONFIDENCE, "Language": language}
        if self.digits:
            return {"Digits": self.digits, "FinishedOnKey": self.finished_on}
        return None

    @property
    def listening(self) -> Listening:
        """What the person is told the line listens for."""
        if self.takes_keys and self.takes_speech:
            return "both"
        return "speech" if self.takes_speech else "keys"


async def gather(exchange: Exchange, call: Call, verb: Element) -> dict[str, str] | None:
    """The parameters of the action; None where the next verb follows instead."""
    inputs = verb.get("input", "dtmf").split()
    wanted = verb.get("numDigits")
    ear = _Ear("dtmf" in inputs, "speech" in inputs, verb.get("finishOnKey", "#"), int(wanted) if wanted else None)
    timeout = verb.get("timeout", "5")
    call.line.listen(ear.listening)
    try:
        await _prompt(exchange, call, verb, ear)
        exchange.changed(call.phone)
        while not ear.is_done:
            ear.take(await call.line.hear(5.0 if timeout == "auto" else float(timeout)))
    finally:
        call.line.listening = None
    params = ear.params(verb.get("language", "en-US"))
    if params is None and verb.get("actionOnEmptyResult") == "true":
        return {"Digits": ""}
    return params


async def _prompt(exchange: Exchange, call: Call, verb: Element, ear: _Ear) -> None:
    """Play what is nested in the Gather until the person answers into it. Who stays silent hears it to the end."""
    for nested in verb:
        length = float(nested.get("length", "1")) * exchange.setup.pace.silence
        if nested.tag == "Say":
            text = words(nested)
            hear(exchange, call, Said("hotline", text, nested.get("language", "")))
            length = len(text) * exchange.setup.pace.speech
        given = await call.line.hear(length) if length > 0 and not ear.is_done else None
        if given is not None:
            ear.take(given)
        if isinstance(given, Key | Speech):
            return
