"""An alert made ready to go: its text in its reader's language, its number opened, its link drawn."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from infra.ids import new_token
from infra.partners import Partner
from infra.postgres import Transaction
from infra.vault import Subject
from notifier.channels import Outgoing
from notifier.domain.ladder import TEXTS
from notifier.domain.notice import is_still_safe
from notifier.domain.texts import phone_index, phones_in_order
from notifier.handlers.notices import channel_to, way_back
from notifier.handlers.partners import Partners
from notifier.handlers.trials import TRIALS, written
from notifier.handlers.wording import Phrases
from notifier.store import notices, storms
from notifier.store.alerts import NOTHING_TO_KEEP, Intent
from notifier.store.answers import Link
from notifier.store.letters import Letter
from schemas.terms import AlertChannel, Answer, Purpose

LINK_FOR = timedelta(hours=12)
TOKEN_LENGTH = 12


class UnreachableError(Exception):
    """A person has no number any more for the channel of an alert."""


@dataclass(frozen=True)
class Post:
    """An alert ready to go, and what is kept with the intent to send it."""

    letter: Letter
    outgoing: Outgoing
    intent: Intent = NOTHING_TO_KEEP


@dataclass(frozen=True)
class Letters:
    """Writes alerts. `origin` is where the pages of links are; `known` are the bodies whose systems file reports."""

    phrases: Phrases
    origin: str
    known: tuple[Partner, ...] = ()

    async def write(self, tx: Transaction, letter: Letter, now: datetime) -> Post:
        """Write one alert; UnreachableError when its person has nothing any more that it could go to."""
        if letter.kind == "notice":
            return await self._notice(tx, letter, now)
        to, position = await self._address(tx, letter)
        body, link = "", None
        marks: tuple[str, ...] = (letter.alias,)
        code: tuple[UUID, bytes] | None = None
        if letter.kind in TRIALS:
            # Whatever was sent to that phone since is taken for it: its words differ from one writing to the next.
            (body, digest), marks = written(self.phrases, letter), ()
            code = (letter.subject_id, digest) if digest else None
        elif letter.kind == "taken":
            body = await self.phrases.taken(tx, letter)
        elif letter.kind == "digest":
            body, marks, link = await self._digest(tx, letter, now)
        elif letter.kind == "link":
            body, marks, link = self._with_link(letter, now)
        elif letter.channel is AlertChannel.EMAIL:
            body, link = self._mail(letter, now)
        elif letter.channel in TEXTS:
            body = self.phrases.alert(letter, now)
            digit = "5" if letter.purpose is Purpose.CHECK_IN else "1"
            marks = (letter.alias, f"{letter.base}{digit}") if letter.base else marks
        outgoing = Outgoing(
            letter.alert_id,
            to,
            body,
            marks,
            letter.valid_until - now,
            letter.ladder.ring_for,
            subject=self.phrases.subject(letter),
            is_bulk=letter.kind == "taken",
            is_other_sender=letter.is_other_sender,
        )
        return Post(letter, outgoing, Intent(position, link, code))

    async def _notice(self, tx: Transaction, letter: Letter, now: datetime) -> Post:
        """A text to a reporter, by their newest word on where and when it is safe; UnreachableError if not now."""
        if letter.channel is AlertChannel.PARTNER:
            return await self._partner_notice(tx, letter, now)
        way = await way_back(tx, self.phrases.vault, letter.person_id)
        found = is_still_safe(way, now)
        if way is None or found is None:
            raise UnreachableError(f"the reporter of {letter.person_id} is not to be told now")
        language = way.language if way.language in self.phrases.locales else "zh"
        body = self.phrases.begun_with_notice(language, self.phrases.t(language)("sms_notice"))
        valid_for = min(letter.valid_until, found.until) - now
        outgoing = Outgoing(
            letter.alert_id, found.to, body, (body,), valid_for, letter.ladder.ring_for, is_notice=True
        )
        channel = await channel_to(tx, found.to)
        if channel is not letter.channel:
            await notices.change_channel(tx, letter.alert_id, channel)
        return Post(replace(letter, channel=channel), outgoing)

    async def _partner_notice(self, tx: Transaction, letter: Letter, now: datetime) -> Post:
        """What goes to the body whose system filed a report; UnreachableError when it is not to be told any more."""
        way = await way_back(tx, self.phrases.vault, letter.person_id)
        outgoing = await Partners(self.phrases.vault, self.known).outgoing(tx, letter, now)
        if outgoing is None or (way is not None and way.contact.wants_news is Answer.NO):
            raise UnreachableError(f"who filed {letter.person_id} is not to be told now")
        return Post(letter, outgoing)

    async def _address(self, tx: Transaction, letter: Letter) -> tuple[str, int | None]:
        """Where an alert goes, and which of the person's phones that is."""
        if letter.channel is AlertChannel.LOOPBACK:
            return "", None
        if letter.channel is AlertChannel.EMAIL:
            return await self._opened(tx, letter, "email", letter.email), None
        if not letter.phones:
            raise UnreachableError(f"{letter.person_id} has no number for {letter.channel}")
        phones = list(zip(letter.positions, letter.marks, strict=True))
        in_order = phones_in_order(phones, letter.preferences.order(letter.urgency), letter.channel)
        index = in_order[phone_index(letter.attempt, letter.failures, len(phones))]
        return await self._opened(tx, letter, "phone", letter.phones[index]), letter.positions[index]

    async def _opened(self, tx: Transaction, letter: Letter, field: str, sealed: bytes | None) -> str:
        if sealed is None:
            raise UnreachableError(f"{letter.person_id} has no {field} any more")
        return await self.phrases.vault.open_text(tx, Subject("person", letter.person_id), field, sealed)

    def _mail(self, letter: Letter, now: datetime) -> tuple[str, Link | None]:
        """The text of an alert; its pair belongs to phones. With the link, where the ladder allows one."""
        text = self.phrases.alert(replace(letter, base=None), now)
        if not letter.ladder.links:
            return text, None
        linked, _, link = self._with_link(letter, now)
        return f"{text}\n\n{linked}", link

    def _with_link(self, letter: Letter, now: datetime) -> tuple[str, tuple[str, ...], Link]:
        token = new_token(TOKEN_LENGTH)
        url = f"{self.origin}/a/{token}"
        return self.phrases.link(letter, url), (letter.alias, f"{self.origin}/a/"), self._link(letter, token, now)

    async def _digest(
        self, tx: Transaction, letter: Letter, now: datetime
    ) -> tuple[str, tuple[str, ...], Link | None]:
        """The text of a digest; with the link to the list of its cases, where the ladder allows one."""
        waiting = await storms.waiting(tx, letter.person_id)
        if not waiting:
            return "", (letter.alias,), None
        first = waiting[0]
        if not letter.ladder.links:
            return self.phrases.digest(letter, waiting, now), (first.alias,), None
        token = new_token(TOKEN_LENGTH)
        body = self.phrases.digest(letter, waiting, now, f"{self.origin}/a/{token}")
        link = replace(self._link(letter, token, now), digest_id=letter.alert_id)
        return body, (first.alias, f"{self.origin}/a/"), link

    def _link(self, letter: Letter, token: str, now: datetime) -> Link:
        digest = self.phrases.vault.token("link", token)
        return Link(digest, letter.escalation_id, letter.person_id, now + LINK_FOR, 0, None)
