"""The address of a calendar of one's own shifts: made and revoked at the desk, shown once."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra import audit
from infra.postgres import Transaction
from infra.settings import required
from triage.console.actions import text_of
from triage.console.desk_pages import chrome
from triage.console.frame import Frame
from triage.console.opened import open_name
from triage.console.rosters import look
from triage.console.sessions import Session
from triage.console.words import Words
from triage.domain.case import Refusal
from triage.domain.roster.author import Author
from triage.handlers import Means, Turn
from triage.handlers import feeds as handlers
from triage.store import feeds, people

HOME = "/rosters/calendar"


class CalendarFeeds:
    """The page and presses of people's own calendars."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def show(self, frame: Frame, request: Request, session: Session) -> Response:
        """Whether one's address runs; supervisors see everybody's."""
        return await _page(frame, request, session)

    async def make(self, frame: Frame, request: Request, session: Session) -> Response:
        """Make an address, and show it: it cannot be shown again."""

        async def act(turn: Turn, person_id: UUID) -> str:
            return await handlers.make_feed(turn, person_id, Author.of(session.actor))

        done = await self._press(frame, request, act)
        if isinstance(done, Refusal):
            return await _page(frame, request, session, message=frame.translate(request)(done.key, **done.values))
        origin = required(frame.service.settings.notifier_url, "notifier_url").rstrip("/")
        return await _page(frame, request, session, address=f"{origin}/c/{done}.ics")

    async def end(self, frame: Frame, request: Request, session: Session) -> Response:
        """Revoke an address."""

        async def act(turn: Turn, person_id: UUID) -> str:
            await handlers.end_feed(turn, person_id, Author.of(session.actor))
            return ""

        done = await self._press(frame, request, act)
        if isinstance(done, Refusal):
            return await _page(frame, request, session, message=frame.translate(request)(done.key, **done.values))
        return RedirectResponse(f"{HOME}?done=end_feed", 303)

    async def _press(
        self, frame: Frame, request: Request, act: Callable[[Turn, UUID], Awaitable[str]]
    ) -> str | Refusal:
        form = await request.form()
        try:
            async with frame.service.db.transaction() as tx:
                return await act(Turn(tx, self._means, frame.service.clock.now()), _person(form))
        except Refusal as refusal:
            return refusal


async def _page(frame: Frame, request: Request, session: Session, message: str = "", address: str = "") -> Response:
    request.state.home = HOME
    by = Author.of(session.actor)
    async with frame.service.db.transaction() as tx:
        request.state.chrome = await chrome(tx, frame, request)
        running = await feeds.running(tx)
        names = await _names(tx, frame, frame.words(request), by)
        await audit.record(tx, look(frame, session, "calendar_feeds_shown", ("person.name",)))
    shown = {"names": names, "running": running, "by": by, "message": message, "address": address, "place": HOME}
    return frame.page(request, "calendar_feeds.html", 409 if message else 200, **shown)


async def _names(tx: Transaction, frame: Frame, words: Words, by: Author) -> dict[UUID, str]:
    """Those for whom this person can make an address, themselves first."""
    rows = [
        row
        for row in await people.people(tx)
        if row["is_active"] and (by.may_grant or row["person_id"] == by.person_id)
    ]
    named = {row["person_id"]: await open_name(tx, frame.service.vault, words, row) for row in rows}
    return dict(sorted(named.items(), key=lambda each: (each[0] != by.person_id, each[1])))


def _person(form: FormData) -> UUID:
    try:
        return UUID(text_of(form, "person"))
    except ValueError:
        raise Refusal("refusal_no_person") from None
