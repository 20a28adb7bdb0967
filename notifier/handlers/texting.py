"""Texts to the alert number: an answer of a responder, or a contact that goes to the intake."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction
from infra.vault import Subject
from notifier.domain.replies import Act, Reply, cries_for_help, read_reply, says_more, says_one, takes_texts
from notifier.handlers.answering import Answer, answer
from notifier.handlers.waking import Wake
from notifier.handlers.wording import Phrases
from notifier.store import answers, escalations, people, trials
from notifier.store.answers import NewAnswer, Pair
from schemas.terms import AcknowledgedVia, Purpose


@dataclass(frozen=True)
class Text:
    """A text that reached the alert number, or the number of a gateway, which cannot be rung."""

    sid: str
    from_: str
    body: str
    is_through_gateway: bool = False


@dataclass(frozen=True)
class Texting:
    """Reads texts. `wake` makes the timer look once an answer is committed."""

    phrases: Phrases
    wake: Wake

    async def on_text(self, tx: Transaction, text: Text, now: datetime) -> str | None:
        """What is answered to a responder; None for a phone we do not know, which acknowledges nothing.

        Nothing, "", to one that refuses our texts: the provider would take none.
        """
        known = await people.by_phone(tx, self.phrases.vault.tokens("phone", text.from_))
        await answers.add_inbound(tx, text.sid, bool(known), now)
        if not known:
            return None
        held = await answers.pairs(tx, known)
        reply = read_reply(text.body, {pair.base for pair in held})
        pair = next((pair for pair in held if pair.base == reply.base), None)
        if pair is None and cries_for_help(text.body):
            pair, reply = _cried_about(held), Reply(Act.NEED_HELP)
        if pair is not None:
            return await self._answer(tx, text, reply, pair, known[pair.person_id], now)
        if says_one(text.body) and not any(pair.is_active or pair.is_held for pair in held):
            tested = await trials.answer_test(tx, known, now)
            if tested is not None:
                kept = NewAnswer(new_id(), tested, AcknowledgedVia.SMS, reply.act, "test_answered")
                await self._keep(tx, text, kept, now)
                return self.phrases.begun_with_notice(known[tested], self.phrases.t(known[tested])("trial_answered"))
        person_id, language = next(iter(known.items()))
        about = tuple(pair.escalation_id for pair in held if (pair.is_active or pair.is_held) and not pair.is_drill)
        effect = "who" if reply.act is Act.WHO else "asked_back"
        kept = NewAnswer(new_id(), person_id, AcknowledgedVia.SMS, reply.act, effect, about=about)
        await self._keep(tx, text, kept, now)
        if (takes := takes_texts(text.body)) is not None:
            await self._mind(tx, known, takes, now)
        if takes is False:
            return ""
        return await self._explain(tx, reply, held, language)

    async def _mind(self, tx: Transaction, known: Iterable[UUID], takes: bool, now: datetime) -> None:
        """STOP: the desk is told, the phone rings, and nobody waits for it any more. START ends that."""
        if takes:
            await people.allow_texts(tx, known)
        else:
            await people.refuse_texts(tx, known, now)
            tx.after_commit(self.wake.steps.set)

    async def _answer(
        self, tx: Transaction, text: Text, reply: Reply, pair: Pair, language: str, now: datetime
    ) -> str:
        given = Answer(
            person_id=pair.person_id,
            escalation_id=pair.escalation_id,
            act=reply.act,
            via=AcknowledgedVia.SMS,
            provider_sid=text.sid,
            words=await self._sealed(tx, pair.person_id, text.body),
            says_more=says_more(text.body, reply.act),
        )
        outcome = await answer(tx, given, now, self.wake)
        form = "gateway" if text.is_through_gateway else "reply"
        return self.phrases.begun_with_notice(language, await self.phrases.reply(tx, outcome, language, form))

    async def _keep(self, tx: Transaction, text: Text, kept: NewAnswer, now: datetime) -> None:
        words = await self._sealed(tx, kept.person_id, text.body)
        kept = replace(kept, provider_sid=text.sid, words=words, says_more=says_more(text.body, kept.act))
        await answers.add(tx, kept, now)

    async def _explain(self, tx: Transaction, reply: Reply, held: list[Pair], language: str) -> str:
        row = await escalations.escalation(tx, held[0].escalation_id) if held else None
        if reply.act is Act.WHO and row is not None:
            callings = await escalations.callings(tx, row.subject_id, row.purpose)
            said = await self.phrases.who(tx, held[0], callings, language)
        else:
            said = self.phrases.help(held, language)
        return self.phrases.begun_with_notice(language, said)

    async def _sealed(self, tx: Transaction, person_id: UUID, body: str) -> bytes:
        return await self.phrases.vault.seal(tx, Subject("person", person_id), "answer", body)


def _cried_about(held: Iterable[Pair]) -> Pair | None:
    """The pair that a cry for help is about: of the case its writer has, else took last, else is called for."""
    real = [pair for pair in held if pair.is_held or (pair.purpose is Purpose.RESPOND and not pair.is_drill)]
    return min(real, key=lambda pair: (not pair.is_taken, not pair.is_held), default=None)
