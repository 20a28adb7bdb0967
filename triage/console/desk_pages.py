"""What the desk has beside cases: alarms, presence, events that need a person, and finding a case."""

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra.postgres import Transaction, queries
from triage.console.alarms import alarms_of, silence
from triage.console.case_page import PURPOSES, purpose_of
from triage.console.frame import Frame
from triage.console.guard import trouble
from triage.console.presence import desk_state
from triage.console.sessions import Session
from triage.console.sign_in import OWN_PAGE
from triage.domain.case import Refusal
from triage.handlers import Means, Turn, presence, seen_to
from triage.store import desks

_sql = queries(__file__)


class DeskPresses:
    """Presses that belong to the desk and to no case."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def confirm_presence(self, frame: Frame, request: Request, session: Session) -> Response:
        """I am here."""
        async with frame.service.db.transaction() as tx:
            await presence.confirm(Turn(tx, self._means, frame.service.clock.now()), session.person_id)
        return await back(request, "presence")

    async def leave(self, frame: Frame, request: Request, session: Session) -> Response:
        """I leave the desk."""
        async with frame.service.db.transaction() as tx:
            await presence.leave(Turn(tx, self._means, frame.service.clock.now()), session.person_id)
        return await back(request, "left")

    async def settle_alarm(self, frame: Frame, request: Request, session: Session) -> Response:
        """I have seen to this alarm."""
        try:
            async with frame.service.db.transaction() as tx:
                turn = Turn(tx, self._means, frame.service.clock.now())
                await seen_to.settle_alarm(turn, session.actor, request.path_params["id"])
        except Refusal as refusal:
            key = "desk_trouble_settled" if refusal.key == "refusal_settled" else "desk_trouble_by_answer"
            return trouble(frame, request, key, 409)
        return await back(request, "settled")

    async def settle_dead_letter(self, frame: Frame, request: Request, session: Session) -> Response:
        """I have seen to this event."""
        try:
            async with frame.service.db.transaction() as tx:
                turn = Turn(tx, self._means, frame.service.clock.now())
                await seen_to.settle_dead_letter(turn, session.actor, request.path_params["id"])
        except Refusal:
            return trouble(frame, request, "desk_trouble_settled", 409)
        return await back(request, "settled")


async def silence_alarms(frame: Frame, request: Request, session: Session) -> Response:
    """Silence what sounds now for a minute, by name."""
    async with frame.service.db.transaction() as tx:
        await silence(tx, frame, session, await request.form())
    return await back(request, "silenced")


async def alarms_part(frame: Frame, request: Request, _session: Session) -> Response:
    """The alarms and presence alone, for a page that is open already."""
    async with frame.service.db.transaction() as tx:
        request.state.chrome = await chrome(tx, frame, request)
    return frame.page(request, "_alarms.html")


async def dead_letters(frame: Frame, request: Request, _session: Session) -> Response:
    """Events that could not be processed and need a person."""
    async with frame.service.db.transaction() as tx:
        request.state.chrome = await chrome(tx, frame, request)
        letters = await desks.dead_letters(tx)
    return frame.page(request, "dead_letters.html", letters=letters)


async def find(frame: Frame, request: Request, _session: Session) -> Response:
    """Find a case by its alias; the purpose of looking goes with it."""
    wanted = re.sub(r"[\s-]", "", request.query_params.get("find", "")).upper()
    async with frame.service.db.transaction() as tx:
        found = await _sql.find_alias(tx, alias=wanted) if wanted else None
        request.state.chrome = await chrome(tx, frame, request)
    if found is not None:
        return RedirectResponse(f"/cases/{found}?purpose={purpose_of(request)}", 303)
    return frame.page(request, "find.html", wanted=wanted, purposes=PURPOSES, purpose=purpose_of(request))


async def chrome(tx: Transaction, frame: Frame, request: Request) -> dict[str, object]:
    """What stands above every page of the desk: alarms and presence."""
    desk = await desk_state(tx, frame, frame.words(request))
    return {"desk": desk, "alarms": await alarms_of(tx, frame, request)}


async def back(request: Request, done: str) -> Response:
    """Go to the page the press was made on."""
    wanted = str((await request.form()).get("back", "/"))
    page = wanted if OWN_PAGE.fullmatch(wanted) else "/"
    return RedirectResponse(f"{page}{'&' if '?' in page else '?'}done={done}", 303)
