"""What is said to responders, in their language: texts of alerts, answers to answers, help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from infra.demonstration import prefix
from infra.postgres import Transaction
from infra.settings import Settings
from infra.vault import Subject, Vault
from notifier.domain.answers import Effect, Standing
from notifier.domain.holding import holder, is_kept_out
from notifier.domain.texts import Reader, Translate, Wording, alert_text, first_that_fits, said_time
from notifier.handlers.answering import Outcome
from notifier.store import people
from notifier.store.answers import Pair
from notifier.store.letters import Letter
from notifier.store.storms import Waiting
from schemas.terms import AlertChannel, Purpose

PAIRS_IN_HELP = 3
IN_DRILL = frozenset({Effect.TAKEN, Effect.ENDED, Effect.NEEDS_HELP})
"""What is answered in words of its own when it was an exercise."""


@dataclass(frozen=True)
class Phrases:
    """Every text the notifier sends or speaks."""

    settings: Settings
    locales: Mapping[str, Translate]
    vault: Vault

    def t(self, language: str) -> Translate:
        """The texts of a language."""
        return self.locales[language]

    def begun_with_notice(self, language: str, text: str) -> str:
        """A text behind the demonstration notice, which is outside every count of characters."""
        return prefix(self.settings, language) + text

    def marked(self, language: str, is_drill: bool, text: str) -> str:
        """A text that says first that it is an exercise, where it is one."""
        return self.t(language)("drill_mark") + text if is_drill else text

    def deadline(self, instant: datetime, language: str, time_zone: str, now: datetime) -> str:
        """An instant in the zone of the place it is about; with its offset where that is not the deployment's."""
        return said_time(instant, self._reader(language, time_zone), now)

    def alert(self, letter: Letter, now: datetime) -> str:
        """The text of an alert."""
        if letter.purpose is Purpose.CHECK_IN and letter.base is None and letter.channel is not AlertChannel.SMS:
            return self._of(letter, self._from_elsewhere("check_in", letter.language, alias=letter.alias))
        wording = Wording(letter.purpose, letter.urgency, letter.alias, letter.deadline_at, letter.base)
        text = alert_text(wording, self._reader(letter.language, letter.time_zone), now)
        return self._of(letter, text)

    def digest(self, letter: Letter, waiting: Sequence[Waiting], now: datetime, url: str | None = None) -> str:
        """The text that tells of many cases: how many, how to take the first due, and where the others are."""
        first = waiting[0]
        key = ("sms_digest" if first.base else "sms_digest_no_pair") + ("_link" if url else "")
        deadline = self.deadline(first.deadline_at, letter.language, first.time_zone, now)
        told = {"cases": len(waiting), "alias": first.alias, "base": first.base or "", "url": url or ""}
        return self._of(letter, self.t(letter.language)(key, deadline=deadline, **told))

    def subject(self, letter: Letter) -> str:
        """The subject of a mail: how soon, and the alias; of one that tries the address, who writes."""
        if letter.subject_kind == "trial":
            return self.t(letter.language)("trial_subject")
        subject = f"{self.t(letter.language)(f'short_{letter.urgency}')} {letter.alias}"
        return self.marked(letter.language, letter.is_drill, subject)

    def link(self, letter: Letter, url: str) -> str:
        """The second text, with the link."""
        return self._of(letter, self.t(letter.language)("sms_link", alias=letter.alias, url=url))

    async def taken(self, tx: Transaction, letter: Letter) -> str:
        """The text that tells who took it; of a drill, that it was one and is over."""
        if letter.is_drill:
            return self._of(letter, self.t(letter.language)("sms_drill_over", alias=letter.alias))
        name = await self.taker(tx, letter)
        return self._of(letter, self.t(letter.language)("sms_taken", alias=letter.alias, name=name))

    def _of(self, letter: Letter, text: str) -> str:
        return self.begun_with_notice(letter.language, self.marked(letter.language, letter.is_drill, text))

    async def taker(self, tx: Transaction, letter: Letter) -> str:
        """The name of who took the case of an alert."""
        return await self._name(tx, letter.acknowledged_by, letter.taker_name, letter.language)

    async def name(self, tx: Transaction, person_id: UUID | None, language: str) -> str:
        """A colleague's name; a neutral word when there is none."""
        person = await people.person(tx, person_id) if person_id else None
        return await self._name(tx, person_id, person.name if person else None, language)

    async def _name(self, tx: Transaction, person_id: UUID | None, sealed: bytes | None, language: str) -> str:
        if person_id is None or sealed is None:
            return self.t(language)("a_colleague")
        return await self.vault.open_text(tx, Subject("person", person_id), "name", sealed)

    async def reply(self, tx: Transaction, outcome: Outcome, language: str, form: str = "reply") -> str:
        """What is answered to an answer; `form` is reply (a text), gateway (a text through one) or voice."""
        key, is_spoken = _key(outcome, "reply" if form == "gateway" else form), form == "voice"
        emergency = outcome.escalation.ladder.emergency or self.t(language)("emergency_number")
        told = {"alias": outcome.subject.alias, "base": outcome.base or "", "name": "", "emergency": emergency}
        if outcome.effect is Effect.TAKEN_BY_OTHER and outcome.escalation.handed_back_at is not None:
            key = "voice_not_taken" if is_spoken else "who_nobody"
        elif outcome.effect is Effect.TAKEN_BY_OTHER:
            told["name"] = await self.name(tx, outcome.escalation.acknowledged_by, language)
        if form == "gateway" and key == "reply_taken":
            text = self._from_elsewhere("taken", language, **told)
        else:
            text = self.t(language)(key, **told)
        # In a call every sentence is marked by the one who speaks it.
        return self.marked(language, outcome.subject.is_drill and not is_spoken, text)

    def _from_elsewhere(self, key: str, language: str, **told: str) -> str:
        """A text that comes from a number that cannot be rung: it names ours, where that leaves it in one segment."""
        t, number = self.t(language), self.settings.alert_number
        named = [t(f"gateway_{key}", number=number, **told)] if number else []
        return first_that_fits(*named, t(f"gateway_{key}_short", **told))

    def help(self, pairs: Sequence[Pair], language: str) -> str:
        """What can be answered, for each case somebody is called for now."""
        t = self.t(language)
        told = [(_help_key(p), p) for p in pairs if p.is_active or p.is_held]
        told = told[:PAIRS_IN_HELP]
        lines = [self.marked(language, p.is_drill, t(key, alias=p.alias, base=p.base)) for key, p in told]
        said = " ".join([t("help"), *lines]) if lines else t("help_none")
        return self.marked(language, bool(told) and all(p.is_drill for _, p in told), said)

    async def who(self, tx: Transaction, pair: Pair, callings: Sequence[Standing], language: str) -> str:
        """Who has a case now."""
        name = await self.holder(tx, pair.person_id, (pair.purpose, callings), language)
        key = "who_nobody" if name is None else "who_taken"
        return self.marked(language, pair.is_drill, self.t(language)(key, alias=pair.alias, name=name or ""))

    async def holder(
        self, tx: Transaction, asking: UUID, of: tuple[Purpose, Sequence[Standing]], language: str
    ) -> str | None:
        """The name of who has it now, as it is told to one person; None while nobody has it.

        Whoever is kept out of a case is not told who works on it.
        """
        taker = holder(*of)
        if taker is None:
            return None
        return await self.name(tx, None if is_kept_out(asking, of[1]) else taker, language)

    def _reader(self, language: str, time_zone: str) -> Reader:
        is_elsewhere = time_zone != self.settings.timezone
        return Reader(self.t(language), ZoneInfo(time_zone), shows_offset=is_elsewhere)


def _key(outcome: Outcome, form: str) -> str:
    """Which sentence answers an answer: taking for another purpose than to respond has one of its own."""
    purpose, effect = outcome.escalation.purpose, outcome.effect
    if outcome.subject.is_drill and effect in IN_DRILL:
        return f"drill_{effect}"
    key = f"{form}_{effect}"
    if purpose is Purpose.CHECK_IN and effect is Effect.NOT_TAKEN:
        return f"{key}_check_in"
    if form != "reply":
        return key
    if outcome.base is None and effect in {Effect.TAKEN, Effect.SUPERSEDED, Effect.NOT_TAKEN}:
        return f"{key}_no_pair"
    if purpose is not Purpose.RESPOND and effect in {Effect.TAKEN, Effect.ALREADY_YOURS}:
        return f"{key}_desk"
    return key


def _help_key(pair: Pair) -> str:
    if pair.is_active:
        return "help_check_in" if pair.purpose is Purpose.CHECK_IN else "help_pair"
    return "help_held" if pair.purpose is Purpose.RESPOND else "help_held_desk"
