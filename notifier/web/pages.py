"""The page behind a link: what is asked, the buttons, and after the PIN the facts. Works without script.

Opening it takes nothing: link previews and the curious open links too.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import Response

from infra.postgres import Transaction
from notifier.domain.answers import Effect, Standing, offered
from notifier.domain.holding import holder, is_untaken, may_open_facts
from notifier.domain.replies import LAST_DIGITS, Act
from notifier.handlers.answering import Answer, answer
from notifier.handlers.facts import Asking, Facts
from notifier.store import answers, escalations, people
from notifier.store.answers import Link
from notifier.web.digest_page import DigestPage
from notifier.web.front import Front, bounded_form, text
from notifier.web.rendering import ask_language, page
from schemas.terms import AcknowledgedVia, Purpose

BUTTONS = {act.value: act for act in LAST_DIGITS.values()}

_log = structlog.get_logger()


class Pages:
    """Pages for one person and one escalation each."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._phrases = front.phrases
        self._facts_of = Facts(front.phrases.vault)
        self._digests = DigestPage(front)

    async def show(self, request: Request) -> Response:
        """The alias, the deadline and the buttons that make sense now."""
        async with self._front.db.transaction() as tx:
            link = await self._link(tx, request)
            refusal = await self._refusal(tx, link, request)
            if refusal is None and link is not None and link.digest_id is not None:
                return self._digests.show(await self._language(tx, link.person_id))
            return refusal or await self._page(tx, link)

    async def act(self, request: Request) -> Response:
        """A button, or the PIN."""
        form = await bounded_form(request)
        button = text(form, "act")
        async with self._front.db.transaction() as tx:
            link = await self._link(tx, request)
            refusal = await self._refusal(tx, link, request)
            if refusal is not None or link is None:
                return refusal or Response(status_code=404)
            if link.digest_id is not None:
                return await self._digests.act(tx, link, form, await self._language(tx, link.person_id))
            if button == "pin":
                return await self._facts(tx, link, text(form, "pin"))
            if button not in BUTTONS:
                return await self._page(tx, link, said="page_button_unknown", status=400)
            return await self._answer(tx, link, BUTTONS[button])

    async def _answer(self, tx: Transaction, link: Link, act: Act) -> Response:
        given = Answer(link.person_id, link.escalation_id, act, AcknowledgedVia.PAGE)
        outcome = await answer(tx, given, self._front.clock.now(), self._front.wake)
        language = await self._language(tx, link.person_id)
        said = await self._phrases.reply(tx, outcome, language, "voice")
        is_done = outcome.effect not in {Effect.SUPERSEDED, Effect.ENDED, Effect.TAKEN_BY_OTHER, Effect.NOT_TAKEN}
        return await self._page(tx, link, text_said=said, status=200 if is_done else 409)

    async def _facts(self, tx: Transaction, link: Link, pin: str) -> Response:
        asking = Asking(link.person_id, link.escalation_id, AcknowledgedVia.PAGE)
        opened = await self._facts_of.open(tx, asking, pin, self._front.clock.now())
        if opened.is_closed:
            _log.warning("link_closed", escalation_id=str(link.escalation_id), person_id=str(link.person_id))
            return await self._plain(tx, link, "page_closed", 403)
        return await self._page(tx, link, opened=opened, status=200 if opened.sheet else 403)

    async def _link(self, tx: Transaction, request: Request) -> Link | None:
        token = str(request.path_params["token"])
        return await answers.find_link(tx, self._phrases.vault.tokens("link", token))

    async def _refusal(self, tx: Transaction, link: Link | None, request: Request) -> Response | None:
        if link is None:
            language = ask_language(request, self._front.settings)
            return page(self._phrases, language, {"note": "page_unknown"}, 404)
        if link.closed_at is not None:
            return await self._plain(tx, link, "page_closed", 403)
        if link.expires_at <= self._front.clock.now():
            return await self._plain(tx, link, "page_expired", 410)
        return None

    async def _plain(self, tx: Transaction, link: Link, note: str, status: int) -> Response:
        return page(self._phrases, await self._language(tx, link.person_id), {"note": note}, status)

    async def _page(self, tx: Transaction, link: Link | None, status: int = 200, **shown: Any) -> Response:
        if link is None:
            return Response(status_code=404)
        row = await escalations.escalation(tx, link.escalation_id)
        subject = await escalations.find_subject(tx, link.escalation_id)
        language = await self._language(tx, link.person_id)
        if row is None or subject is None:
            return await self._plain(tx, link, "page_unknown", 404)
        deadline = self._phrases.deadline(row.deadline_at, language, subject.time_zone, self._front.clock.now())
        callings = await escalations.callings(tx, subject.subject_id, row.purpose)
        is_there = row.acknowledged_by == link.person_id and row.standing.is_there
        shown["buttons"] = _buttons(row, link.person_id) if row.is_active or not subject.is_drill else []
        shown["is_mine"] = is_there or holder(row.purpose, callings) == link.person_id
        shown["who"] = _who(row, link.person_id, callings)
        shown["name"] = await self._phrases.holder(tx, link.person_id, (row.purpose, callings), language)
        may_open = may_open_facts(link.person_id, row.standing, callings)
        shown["can_open"] = subject.subject_kind == "case" and may_open
        return page(self._phrases, language, {"row": row, "subject": subject, "deadline": deadline, **shown}, status)

    async def _language(self, tx: Transaction, person_id: UUID) -> str:
        person = await people.person(tx, person_id)
        return person.language if person else "zh"


def _buttons(row: escalations.EscalationRow, person_id: UUID) -> list[tuple[str, str]]:
    """The buttons that make sense now, each with its label; *I am there* said again is *I am safe*."""
    is_asked = row.standing.is_there or row.purpose is Purpose.CHECK_IN
    return [
        (act.value, "page_safe" if act is Act.THERE and is_asked else f"page_{act}")
        for act in offered(person_id, row.standing)
    ]


def _who(row: escalations.EscalationRow, person_id: UUID, callings: Sequence[Standing]) -> str | None:
    """The sentence that says who has it; none for whoever has it, while they are asked, and once it is over."""
    taker = holder(row.purpose, callings)
    if row.is_active or taker == person_id:
        return None
    if taker is None:
        return "who_nobody" if is_untaken(row.purpose, callings) else None
    # Whoever may be at the door is not told that they need not do anything.
    return "who_taken" if offered(person_id, row.standing) else "reply_taken_by_other"
