"""The page behind a digest's link: after the PIN, the cases that wait for its reader, each taken by a press."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from infra import audit
from infra.audit import AuditEntry
from infra.postgres import Transaction
from infra.vault import Subject
from notifier.domain.replies import Act
from notifier.handlers.answering import Answer, answer
from notifier.handlers.facts import Asking, Facts
from notifier.store import storms
from notifier.store.answers import Link
from notifier.store.storms import Waiting
from notifier.web.front import Front, text
from notifier.web.rendering import page
from schemas.terms import AcknowledgedVia

SHOWN_FOR = timedelta(minutes=10)
"""How long the list can be used before the PIN is asked again."""
SHOWN = ("alias", "urgency", "deadline")


class DigestPage:
    """The list for one person; what is on it is read anew at each press."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._phrases = front.phrases
        self._facts = Facts(front.phrases.vault)

    def show(self, language: str) -> Response:
        """The question for the PIN; nothing else."""
        return self._page(language)

    async def act(self, tx: Transaction, link: Link, form: FormData, language: str) -> Response:
        """The PIN, or the case that is taken."""
        now = self._front.clock.now()
        if case := text(form, "case"):
            if not self._is_shown(link, text(form, "shown"), now):
                return self._page(language, 403, said="page_waiting_again")
            return await self._take(tx, link, case, language)
        asking = Asking(link.person_id, link.escalation_id, AcknowledgedVia.PAGE)
        refused = await self._facts.refusal(tx, asking, text(form, "pin"), now)
        if refused is not None:
            return self._page(language, 403, said=refused.note, left=refused.left)
        return await self._list(tx, link, language)

    async def _take(self, tx: Transaction, link: Link, case: str, language: str) -> Response:
        """Take a case of the list; one that somebody else has taken meanwhile is on it no more."""
        waiting = {str(each.escalation_id): each for each in await storms.waiting(tx, link.person_id)}
        if case not in waiting:
            return await self._list(tx, link, language, status=409, said="page_waiting_gone")
        given = Answer(link.person_id, UUID(case), Act.TAKE, AcknowledgedVia.PAGE)
        outcome = await answer(tx, given, self._front.clock.now(), self._front.wake)
        said = await self._phrases.reply(tx, outcome, language, "voice")
        return await self._list(tx, link, language, text_said=said)

    async def _list(self, tx: Transaction, link: Link, language: str, status: int = 200, **shown: Any) -> Response:
        now = self._front.clock.now()
        waiting = await storms.waiting(tx, link.person_id)
        await _put_on_record(tx, link, waiting, now)
        told = [(each, self._phrases.deadline(each.deadline_at, language, each.time_zone, now)) for each in waiting]
        return self._page(language, status, cases=told, shown=self._pass(link, now + SHOWN_FOR), **shown)

    def _page(self, language: str, status: int = 200, **shown: Any) -> Response:
        nothing: dict[str, Any] = {"cases": None, "shown": "", "left": 0}
        return page(self._phrases, language, nothing | shown, status, "digest.html")

    def _pass(self, link: Link, until: datetime) -> str:
        """What shows that the PIN was given for this page, until an instant."""
        seconds = int(until.timestamp())
        return f"{seconds}.{self._phrases.vault.token('digest page', _said(link, seconds)).hex()}"

    def _is_shown(self, link: Link, shown: str, now: datetime) -> bool:
        seconds, _, token = shown.partition(".")
        if not (seconds.isascii() and seconds.isdigit()) or int(seconds) <= now.timestamp():
            return False
        known = self._phrases.vault.tokens("digest page", _said(link, int(seconds)))
        return any(compare_digest(each.hex(), token) for each in known)


def _said(link: Link, seconds: int) -> str:
    return f"{link.token_hmac.hex()} {seconds}"


async def _put_on_record(tx: Transaction, link: Link, waiting: Sequence[Waiting], now: datetime) -> None:
    """One look for each case, however often it waits; then those at reports without one, by their ids."""
    looks = {each.subject_id: _look(link, each, now) for each in waiting}
    await audit.record_each(tx, [look for look in looks.values() if look.case_id is not None])
    for subject_id in sorted(looks):
        if looks[subject_id].case_id is None:
            await audit.record(tx, looks[subject_id])


def _look(link: Link, case: Waiting, now: datetime) -> AuditEntry:
    is_case = case.subject_kind == "case"
    return AuditEntry(
        at=now,
        actor=str(link.person_id),
        purpose="respond",
        action="digest_shown",
        subject=Subject("case" if is_case else "report", case.subject_id),
        case_id=case.subject_id if is_case else None,
        shown=SHOWN,
    )
