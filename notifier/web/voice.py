"""Calls: what is said, the keys that take a case, the facts after the PIN, and responders who ring back.

The keys that take are drawn for each call and spoken, so whatever an answering machine plays back takes nothing, and
nothing listens for a machine before it speaks. To who has the case the keys are the last digits of the texts.
"""

from collections.abc import Callable
from html import escape

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from notifier.domain.answers import Effect, effect_of
from notifier.domain.replies import Act
from notifier.handlers.answering import Answer, answer
from notifier.handlers.facts import Asking, Facts, Opened
from notifier.handlers.trials import TRIALS, said
from notifier.store import alerts, answers, escalations, people
from notifier.store.letters import Letter, find_letter
from notifier.web import spoken
from notifier.web.front import SECOND, Front, redirect, text, twiml
from notifier.web.spoken import Call
from schemas.terms import AcknowledgedVia, Purpose

SECONDS_FOR_A_KEY = 8
SECONDS_FOR_A_PIN = 15
SECONDS_TO_JOIN = 25
HANGUP = "<Hangup/>"
NOTES = {
    "page_pin_wrong": "voice_pin_wrong",
    "page_closed": "voice_pin_closed",
    "page_no_pin": "voice_no_pin",
    "page_no_facts": "voice_no_facts",
    "page_facts_elsewhere": "voice_facts_elsewhere",
}
"""How a call says why there are no facts."""


class VoiceWebhooks:
    """The provider's requests about calls."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._phrases = front.phrases
        self._facts = Facts(front.phrases.vault)

    async def answer(self, request: Request) -> Response:
        """Say who calls and what for, and wait for a key; say who has it when it is taken."""
        call = await self._call(request, await self._front.signed_form(request))
        letter, t = call.letter, self._t(call.letter)
        if letter.kind in TRIALS:
            return await self._try(letter)
        greeting = self._phrases.begun_with_notice(letter.language, t("voice_greeting"))
        if call.row.is_active:
            asked = spoken.question(call, t, self._is_joined)
            return twiml(self._gather(call, greeting, *asked), self._say(letter, t("voice_no_key")), HANGUP)
        async with self._front.db.statements() as tx:
            name = await self._phrases.holder(tx, letter.person_id, (letter.purpose, call.callings), letter.language)
        said = t(spoken.who(call), alias=spoken.spelled(letter.alias), name=name or "")
        if call.acts():
            return twiml(self._gather(call, greeting, said, *spoken.menu(call, t, self._is_joined)), HANGUP)
        return twiml(self._say(letter, self._phrases.begun_with_notice(letter.language, said)), HANGUP)

    async def keys(self, request: Request) -> Response:
        """Let a key take effect, in its own lane: one transaction, before anything else is said."""
        form = await self._front.signed_form(request)
        call, digit = await self._call(request, form), text(form, "Digits")
        if digit == spoken.FACTS and call.has_facts:
            return await self._tell_facts(call, "")
        if digit == spoken.DESK and self._is_joined:
            return twiml(self._say(call.letter, self._t(call.letter)("voice_desk_rings")), self._dial(call))
        again = redirect(self._front.answer_url(call.letter.alert_id))
        if digit == spoken.REPEAT:
            return twiml(again)
        return await self._act(call, digit) or twiml(self._wrong(call), again)

    async def facts(self, request: Request) -> Response:
        """The PIN, and after it the facts, read aloud; again in the same call without it."""
        form = await self._front.signed_form(request)
        return await self._tell_facts(await self._call(request, form), text(form, "Digits"))

    async def desk(self, request: Request) -> Response:
        """After a talk with the desk, or none: back to where the call was."""
        form = await self._front.signed_form(request)
        call = await self._call(request, form)
        is_answered = text(form, "DialCallStatus") in ("completed", "answered")
        silent = self._say(call.letter, self._t(call.letter)("voice_desk_silent"))
        return twiml("" if is_answered else silent, redirect(self._front.answer_url(call.letter.alert_id)))

    async def ring_back(self, request: Request) -> Response:
        """A responder who rings the alert number hears what they are called for or have; others go to the intake."""
        form = await self._front.signed_form(request)
        now = self._front.clock.now()
        async with self._front.db.transaction() as tx:
            tokens = self._phrases.vault.tokens("phone", text(form, "From"))
            known = await people.by_phone(tx, tokens)
            alert_id = await alerts.open_call_of(tx, known, now)
            await answers.add_inbound(tx, text(form, "CallSid"), alert_id is not None, now)
        if alert_id is None:
            return twiml(redirect(self._front.intake("/twilio/voice")))
        return twiml(redirect(self._front.answer_url(alert_id)))

    async def _call(self, request: Request, form: FormData) -> Call:
        letter = await find_letter(self._front.db.pool, request.path_params["alert"])
        row = await escalations.escalation(self._front.db.pool, letter.escalation_id) if letter else None
        if letter is None or row is None:
            raise HTTPException(404)
        callings = await escalations.callings(self._front.db.pool, row.subject_id, row.purpose)
        sid = text(form, "CallSid")
        return Call(sid, letter, row, callings, is_ours=sid in letter.sids)

    @property
    def _is_joined(self) -> bool:
        return self._front.settings.desk_number is not None

    # Acting

    async def _act(self, call: Call, digit: str) -> Response | None:
        """What a key did, and what can be pressed next; None for a key that means nothing here."""
        act, letter = call.act_of(digit), call.letter
        if act is None:
            return None
        given = Answer(
            person_id=letter.person_id,
            escalation_id=letter.escalation_id,
            act=act,
            via=AcknowledgedVia.KEY,
            alert_id=letter.alert_id,
            provider_sid=_press(call, digit, act),
        )
        async with self._front.db.transaction() as tx:
            outcome = await answer(tx, given, self._front.clock.now(), self._front.wake)
            said = [await self._phrases.reply(tx, outcome, letter.language, "voice")]
            callings = await escalations.callings(tx, outcome.escalation.subject_id, outcome.escalation.purpose)
        if outcome.effect is Effect.TAKEN and not letter.is_drill and spoken.is_alone_unsafe(outcome.escalation):
            said.append(self._t(letter)("voice_alone"))
        now = Call(call.sid, letter, outcome.escalation, callings, call.is_ours or call.row.is_active)
        return twiml(self._say(letter, *said), *self._after(now, outcome.effect))

    def _after(self, call: Call, effect: Effect) -> list[str]:
        """What follows an answer: what can be pressed next, the question again, or the end."""
        if effect is Effect.NOT_TAKEN and call.row.is_active:
            return [redirect(self._front.answer_url(call.letter.alert_id))]
        if call.row.is_active or not call.acts() or call.row.purpose is Purpose.CHECK_IN:
            return [HANGUP]
        return [self._gather(call, *spoken.menu(call, self._t(call.letter), self._is_joined)), HANGUP]

    def _wrong(self, call: Call) -> str:
        return self._say(call.letter, self._t(call.letter)("voice_wrong_key"))

    # The facts

    async def _tell_facts(self, call: Call, pin: str) -> Response:
        letter, now = call.letter, self._front.clock.now()
        asking = Asking(letter.person_id, letter.escalation_id, AcknowledgedVia.KEY, f"{call.sid}:facts")
        async with self._front.db.transaction() as tx:
            opened = await self._facts.again(tx, asking, now)
            if opened is None and pin:
                opened = await self._facts.open(tx, asking, pin, now)
        if opened is None:
            return twiml(self._ask_pin(call), redirect(self._front.answer_url(letter.alert_id)))
        return self._told(call, opened)

    def _told(self, call: Call, opened: Opened) -> Response:
        t, again = self._t(call.letter), redirect(self._front.answer_url(call.letter.alert_id))
        if opened.sheet is not None:
            told = self._front.say_slowly(
                call.letter.language, *spoken.facts_aloud(opened.sheet, t, call.letter.language)
            )
            return twiml(self._listen(call, told), again)
        note = self._say(call.letter, t(NOTES[opened.note or "page_no_facts"], left=opened.left))
        is_asked_again = opened.note == "page_pin_wrong"
        return twiml(note, self._ask_pin(call) if is_asked_again else "", again)

    def _ask_pin(self, call: Call) -> str:
        said = self._say(call.letter, self._t(call.letter)("voice_pin"))
        action = self._front.voice_url("facts", call.letter.alert_id)
        return (
            f'<Gather input="dtmf" finishOnKey="#" timeout="{SECONDS_FOR_A_PIN}" method="POST" action="{action}">'
            f"{said}</Gather>"
        )

    # Speaking

    async def _try(self, letter: Letter) -> Response:
        async with self._front.db.transaction() as tx:
            sentences = await said(tx, self._phrases, letter, self._front.clock.now())
        return twiml(self._front.say_slowly(letter.language, *sentences), HANGUP)

    def _gather(self, call: Call, *sentences: str) -> str:
        return self._listen(call, self._say(call.letter, *sentences))

    def _listen(self, call: Call, said: str) -> str:
        action = self._front.keys_url(call.letter.alert_id)
        return (
            f'<Gather input="dtmf" numDigits="1" timeout="{SECONDS_FOR_A_KEY}" method="POST" action="{action}">'
            f"{said}{SECOND}</Gather>"
        )

    def _dial(self, call: Call) -> str:
        action = self._front.voice_url("desk", call.letter.alert_id)
        from_, to = escape(self._front.settings.alert_number or ""), escape(self._front.settings.desk_number or "")
        return (
            f'<Dial timeout="{SECONDS_TO_JOIN}" callerId="{from_}" method="POST" action="{action}">'
            f"<Number>{to}</Number></Dial>"
        )

    def _say(self, letter: Letter, *sentences: str) -> str:
        """Sentences; of a drill that it is one comes before them, each time."""
        mark = [self._t(letter)("voice_drill")] if letter.is_drill else []
        return self._front.say(letter.language, *mark, *sentences)

    def _t(self, letter: Letter) -> Callable[..., str]:
        return self._phrases.t(letter.language)


def _press(call: Call, digit: str, act: Act) -> str:
    """What a key is kept under, so that it does one thing in a call, however often it is pressed or told.

    One that comes too early does nothing, and has a name of its own: it may be pressed again when its time has come.
    """
    is_early = effect_of(act, call.letter.person_id, call.row.standing) is Effect.NOT_TAKEN
    return f"{call.sid}:{digit}:early" if is_early else f"{call.sid}:{digit}"
