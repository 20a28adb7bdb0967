"""An alert made ready to go: its text in its reader's language, its number opened, its link drawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.ids import new_token
from infra.postgres import Transaction
from infra.vault import Subject
from notifier.channels import Outgoing
from notifier.domain.texts import phone_index
from notifier.handlers.wording import Phrases
from notifier.store.alerts import Letter
from notifier.store.answers import Link
from schemas.terms import AlertChannel

LINK_FOR = timedelta(hours=12)
TOKEN_LENGTH = 12


class UnreachableError(Exception):
    """A person has no number any more for the channel of an alert."""


@dataclass(frozen=True)
class Post:
    """An alert ready to go; `link` is to be kept with the intent to send it."""

    letter: Letter
    outgoing: Outgoing
    link: Link | None = None


@dataclass(frozen=True)
class Letters:
    """Writes alerts. `origin` is where the pages of links are."""

    phrases: Phrases
    origin: str

    async def write(self, tx: Transaction, letter: Letter, now: datetime) -> Post:
        """Write one alert; UnreachableError when its person has no number for it any more."""
        to = await self._number(tx, letter)
        body, link = "", None
        marks: tuple[str, ...] = (letter.alias,)
        if letter.kind == "taken":
            body = await self.phrases.taken(tx, letter)
        elif letter.kind == "link":
            token = new_token(TOKEN_LENGTH)
            url = f"{self.origin}/a/{token}"
            body, marks = self.phrases.link(letter, url), (f"{self.origin}/a/",)
            link = self._link(letter, token, now)
        elif letter.channel is AlertChannel.SMS:
            body = self.phrases.alert(letter, now)
            marks = (letter.alias, f"{letter.base}1") if letter.base else marks
        outgoing = Outgoing(letter.alert_id, to, body, marks, letter.valid_until - now, letter.ladder.ring_for)
        return Post(letter, outgoing, link)

    async def _number(self, tx: Transaction, letter: Letter) -> str:
        if letter.channel is AlertChannel.LOOPBACK:
            return ""
        if not letter.phones:
            raise UnreachableError(f"{letter.person_id} has no number for {letter.channel}")
        number = letter.phones[phone_index(letter.attempt, letter.failures, len(letter.phones))]
        return await self.phrases.vault.open_text(tx, Subject("person", letter.person_id), "phone", number)

    def _link(self, letter: Letter, token: str, now: datetime) -> Link:
        digest = self.phrases.vault.token("link", token)
        return Link(digest, letter.escalation_id, letter.person_id, now + LINK_FOR, 0, None)
