"""The provider's webhooks: signed, idempotent, answered with TwiML."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from infra.clock import Clock
from infra.settings import required
from infra.twilio import signature
from ingest.domain import calls as dialogue
from ingest.handlers import calls, texts
from ingest.handlers.calls import Call, Heard, Spoken
from ingest.handlers.intake import Intake
from ingest.handlers.texts import InboundText
from ingest.web import bodies, twiml

PROVIDER = "twilio"
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Forged(Exception):
    """A webhook without a valid signature."""


class Webhooks:
    """The provider's side of ingest."""

    def __init__(self, intake: Intake, clock: Clock) -> None:
        self._intake = intake
        self._clock = clock
        self._tokens = intake.settings.auth_tokens
        self._origin = required(intake.settings.ingest_url, "ingest_url")

    def routes(self) -> list[Route]:
        """Every webhook, all POST."""
        posts: dict[str, Any] = {
            "/twilio/sms": self.sms,
            "/twilio/voice": self.voice,
            "/twilio/voice/status": self.voice_status,
            "/twilio/voice/{step}": self.voice,
            "/twilio/recording": self.recording,
        }
        return [Route(path, endpoint, methods=["POST"]) for path, endpoint in posts.items()]

    async def sms(self, request: Request) -> Response:
        """A text of a reporter."""
        params, now = await self._signed(request), self._clock.now()
        text = InboundText(
            PROVIDER,
            params["MessageSid"],
            params.get("From", ""),
            params.get("Body", ""),
            now,
            media=_media(params),
        )
        async with self._intake.db.transaction() as tx:
            taken = await texts.take_text(tx, self._intake, text, now)
        answer = twiml.document()
        if taken.reply is not None:
            twiml.message(answer, taken.reply)
        return _xml(answer)

    async def voice(self, request: Request) -> Response:
        """One step of a call."""
        params, now = await self._signed(request), self._clock.now()
        step = request.path_params.get("step", dialogue.GREETING)
        if step not in dialogue.STEPS:
            return PlainTextResponse("no such step", 404)
        is_told = step == dialogue.TOLD
        heard = Heard(
            step,
            key="" if is_told else params.get("Digits", ""),
            recording_sid=params.get("RecordingSid") if is_told else None,
            words=params.get("SpeechResult", ""),
            seconds=_seconds(params),
        )
        async with self._intake.db.transaction() as tx:
            spoken = await calls.take_step(tx, self._intake, _call(params, now), heard, now)
        return _xml(self._document(step, spoken))

    async def voice_status(self, request: Request) -> Response:
        """What became of a call."""
        params, now = await self._signed(request), self._clock.now()
        if params.get("CallStatus") in ENDED:
            async with self._intake.db.transaction() as tx:
                await calls.end_call(tx, self._intake, _call(params, now), now)
        return Response(status_code=204)

    async def recording(self, request: Request) -> Response:
        """A recording is ready, or words were understood in one."""
        params, now = await self._signed(request), self._clock.now()
        heard = Heard(
            dialogue.TOLD,
            recording_sid=params["RecordingSid"],
            words=params.get("TranscriptionText", ""),
            seconds=_seconds(params),
        )
        async with self._intake.db.transaction() as tx:
            await calls.take_recording(tx, self._intake, _call(params, now), heard, now)
        return Response(status_code=204)

    async def _signed(self, request: Request) -> Mapping[str, str]:
        """The parameters of a webhook; Forged unless the provider signed them."""
        pairs = bodies.form_pairs(await bodies.read(request))
        url = signature.signed_url(self._origin, request.scope)
        if not signature.is_signed(self._tokens, url, pairs, request.headers.get(signature.HEADER)):
            raise Forged
        return dict(reversed(pairs))

    def _document(self, step: str, spoken: Spoken) -> Element:
        root = twiml.document()
        action = f"/twilio/voice/{spoken.goes_to}"
        parent = twiml.gather(root, action) if spoken.listen == "key" else root
        if step == dialogue.GREETING:
            self._greet(parent, spoken)
        for key in spoken.say:
            self._say(parent, spoken, key)
        if spoken.listen == "nothing":
            twiml.hang_up(root)
            return root
        if spoken.listen == "tone":
            twiml.record(root, action, "/twilio/recording")
        twiml.redirect(root, action)
        return root

    def _greet(self, parent: Element, spoken: Spoken) -> None:
        """Before a language is chosen, each speaks for itself; the usual one first."""
        intake = self._intake
        numbers = intake.emergency(spoken.jurisdiction)
        for language in intake.jurisdictions[spoken.jurisdiction].languages:
            text = intake.text(language, "voice.greeting", numbers=numbers)
            twiml.say(parent, intake.prefix(language) + text, language)

    def _say(self, parent: Element, spoken: Spoken, key: str) -> None:
        numbers = self._intake.emergency(spoken.jurisdiction)
        code = ", ".join(" ".join(group) for group in (spoken.code or "").split())
        twiml.say(parent, self._intake.text(spoken.language, key, numbers=numbers, code=code), spoken.language)


def _call(params: Mapping[str, str], now: datetime) -> Call:
    return Call(PROVIDER, params["CallSid"], params.get("From", params.get("Caller", "")), now)


def _seconds(params: Mapping[str, str]) -> int | None:
    """How long a recording is, where the provider says it in whole seconds."""
    written = params.get("RecordingDuration", "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 7 else None


def _media(params: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of pictures sent with a text: the last part of each address."""
    count = params.get("NumMedia", "0")
    names = [f"MediaUrl{number}" for number in range(int(count) if count.isdecimal() else 0)]
    return tuple(params[name].rstrip("/").rsplit("/", 1)[-1] for name in names if name in params)


def _xml(root: Element) -> Response:
    return Response(twiml.written(root), media_type="text/xml")
