"""Calls: what is said, the keys that take a case, and responders who ring back.

The keys are drawn for each call and spoken, so whatever an answering machine plays back takes nothing.
"""

from collections.abc import Callable
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from notifier.domain.answers import Effect
from notifier.domain.replies import Act
from notifier.handlers.answering import Answer, answer
from notifier.store import alerts, answers, people
from notifier.store.alerts import Letter
from notifier.web.front import Front, redirect, text, twiml
from schemas.terms import AcknowledgedVia

TIMES_SAID = 3
SECONDS_FOR_A_KEY = 8
ACTS = (Act.TAKE, Act.DECLINE, Act.BEGUN)
HANGUP = "<Hangup/>"


class VoiceWebhooks:
    """The provider's requests about calls."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._phrases = front.phrases

    async def answer(self, request: Request) -> Response:
        """Say who calls and what for, and wait for a key; say who has it when it is taken."""
        await self._front.signed_form(request)
        letter = await self._letter(request.path_params["alert"])
        if not letter.is_calling:
            async with self._front.db.statements() as tx:
                name = await self._phrases.taker(tx, letter)
            key = "voice_taken_by_other" if letter.acknowledged_by else "voice_ended"
            said = self._t(letter)(key, alias=spelled(letter.alias), name=name)
            return twiml(self._say(letter, self._phrases.begun_with_notice(letter.language, said)), HANGUP)
        return twiml(self._question(letter), self._say(letter, self._t(letter)("voice_no_key")), HANGUP)

    async def keys(self, request: Request) -> Response:
        """Let a key take effect, in its own lane: one transaction, before anything else is said."""
        form = await self._front.signed_form(request)
        letter = await self._letter(request.path_params["alert"])
        digit = text(form, "Digits")
        position = (letter.keys or "").find(digit) if digit else -1
        if position < 0:
            wrong = self._say(letter, self._t(letter)("voice_wrong_key"))
            return twiml(wrong, redirect(self._front.answer_url(letter.alert_id)))
        given = Answer(
            person_id=letter.person_id,
            escalation_id=letter.escalation_id,
            act=ACTS[position],
            via=AcknowledgedVia.KEY,
            alert_id=letter.alert_id,
            provider_sid=f"{text(form, 'CallSid')}:{digit}",
        )
        async with self._front.db.transaction() as tx:
            outcome = await answer(tx, given, self._front.clock.now(), self._front.wake)
            said = await self._phrases.reply(tx, outcome, letter.language, "voice")
        return twiml(self._say(letter, said), *self._after(letter, outcome.effect))

    async def ring_back(self, request: Request) -> Response:
        """A responder who rings the alert number hears their open call; anybody else is a contact of the intake."""
        form = await self._front.signed_form(request)
        now = self._front.clock.now()
        async with self._front.db.transaction() as tx:
            tokens = self._phrases.vault.tokens("phone", text(form, "From"))
            known = await people.by_phone(tx, tokens)
            alert_id = await alerts.open_call_of(tx, known)
            await answers.add_inbound(tx, text(form, "CallSid"), alert_id is not None, now)
        if alert_id is None:
            return twiml(redirect(self._front.intake("/twilio/voice")))
        return twiml(redirect(self._front.answer_url(alert_id)))

    async def _letter(self, alert_id: UUID) -> Letter:
        found = await alerts.find_letter(self._front.db.pool, alert_id)
        if found is None:
            raise HTTPException(404)
        return found

    def _after(self, letter: Letter, effect: Effect) -> list[str]:
        """What follows an answer: the key that says *I have begun*, the question again, or the end."""
        if effect in {Effect.TAKEN, Effect.ALREADY_YOURS} and letter.keys:
            begun = self._t(letter)("voice_begun_key", begun=letter.keys[2])
            return [self._gather(letter, begun), HANGUP]
        if effect is Effect.NOT_TAKEN:
            return [redirect(self._front.answer_url(letter.alert_id))]
        return [HANGUP]

    def _question(self, letter: Letter) -> str:
        t, keys = self._t(letter), letter.keys or ""
        notice = self._phrases.begun_with_notice(letter.language, t("voice_greeting"))
        urgency = t(f"said_{letter.urgency}")
        what = t(f"voice_{letter.purpose}", urgency=urgency, alias=spelled(letter.alias))
        which = t("voice_keys", take=keys[:1], decline=keys[1:2])
        return self._gather(letter, notice, *[what, which] * TIMES_SAID)

    def _gather(self, letter: Letter, *sentences: str) -> str:
        action = self._front.keys_url(letter.alert_id)
        said = self._say(letter, *sentences)
        return (
            f'<Gather input="dtmf" numDigits="1" timeout="{SECONDS_FOR_A_KEY}" method="POST" action="{action}">'
            f'{said}<Pause length="1"/></Gather>'
        )

    def _say(self, letter: Letter, *sentences: str) -> str:
        return self._front.say(letter.language, *sentences)

    def _t(self, letter: Letter) -> Callable[..., str]:
        return self._phrases.t(letter.language)


def spelled(alias: str) -> str:
    """An alias letter by letter, as it is said over a bad line."""
    return " ".join(alias)
