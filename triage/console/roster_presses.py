"""What is pressed about leave and swaps: forms in, handlers called, and a clear answer when it is not granted."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.terms import Level
from triage.console.actions import text_of, typed
from triage.console.frame import Frame
from triage.console.guard import Page
from triage.console.roster_changes import HOME, changes_page
from triage.console.sessions import Session
from triage.domain.case import Refusal
from triage.domain.roster import instant
from triage.domain.roster.author import Author
from triage.handlers import Means, Turn, covering, leave, swaps
from triage.handlers.covering import RosterRefused
from triage.handlers.importing import team_of
from triage.handlers.swaps import Asked, Half

Act = Callable[[Turn, Author, FormData, Request], Awaitable[None]]


class RosterPresses:
    """The presses of leave and swaps, with what handlers are wired with."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def pressing(self, name: str) -> Page:
        """The press of an act: does it, or shows the page as it now is with why not and everything that was typed."""
        act = ACTS[name]

        async def press(frame: Frame, request: Request, session: Session) -> Response:
            form, words = await request.form(), frame.words(request)
            try:
                async with frame.service.db.transaction() as tx:
                    turn = Turn(tx, self._means, frame.service.clock.now())
                    await act(turn, Author.of(session.actor), form, request)
            except RosterRefused as refusal:
                messages = covering.sentences(refusal, words.t, words.language)
            except Refusal as refusal:
                messages = [words.t(refusal.key, **refusal.values)]
            else:
                return RedirectResponse(f"{HOME}?done={name}", 303)
            return await changes_page(frame, request, session, messages, typed(form))

        return press


async def ask_leave(turn: Turn, by: Author, form: FormData, _request: Request) -> None:
    """Take leave, for oneself or as a supervisor."""
    during = (_instant(form, "begins"), _instant(form, "ends"))
    await leave.take_leave(turn, _id(text_of(form, "person")), during, by, _override(form))


async def withdraw(turn: Turn, by: Author, form: FormData, request: Request) -> None:
    """Take leave back."""
    await leave.withdraw_leave(turn, request.path_params["id"], _version(form), by)


async def ask_swap(turn: Turn, by: Author, form: FormData, _request: Request) -> None:
    """Ask for a swap."""
    team = (await team_of(turn, text_of(form, "team"))).row
    giver, there = _half(form, "there")
    taker, back = _id(text_of(form, "taker")), None
    if text_of(form, "back"):
        whose, back = _half(form, "back")
        if whose != taker:
            raise Refusal("desk_refusal_swap_back")
    await swaps.ask_swap(turn, Asked(team["team_id"], giver, taker, there, back), by)


async def grant(turn: Turn, by: Author, form: FormData, request: Request) -> None:
    """Grant a swap."""
    await swaps.grant_swap(turn, request.path_params["id"], _version(form), by, _override(form))


async def refuse(turn: Turn, by: Author, form: FormData, request: Request) -> None:
    """Refuse a swap."""
    await swaps.refuse_swap(turn, request.path_params["id"], _version(form), by)


ACTS: dict[str, Act] = {
    "ask_leave": ask_leave,
    "withdraw": withdraw,
    "ask_swap": ask_swap,
    "grant": grant,
    "refuse": refuse,
}


def _half(form: FormData, name: str) -> tuple[UUID, Half]:
    """A chosen shift, or the part of it that was written beside it; whose it is."""
    try:
        level, person, begins, ends = text_of(form, name).split(" ")
        half = Half(Level(level), datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        whose = UUID(person)
    except ValueError:
        raise Refusal("desk_refusal_no_shift") from None
    begins_at, ends_at = half.stretch
    if text_of(form, f"{name}_begins"):
        begins_at = _instant(form, f"{name}_begins")
    if text_of(form, f"{name}_ends"):
        ends_at = _instant(form, f"{name}_ends")
    return whose, Half(half.level, begins_at, ends_at)


def _instant(form: FormData, name: str) -> datetime:
    """A time that was typed, on the wall of the zone that was chosen."""
    try:
        return instant(
            datetime.fromisoformat(text_of(form, name)).replace(tzinfo=None), ZoneInfo(text_of(form, "zone"))
        )
    except (ValueError, OSError, KeyError, OverflowError):
        raise Refusal("refusal_no_instant") from None


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise Refusal("refusal_no_person") from None


def _override(form: FormData) -> str | None:
    return text_of(form, "override") or None


def _version(form: FormData) -> int:
    try:
        return int(text_of(form, "version"))
    except ValueError:
        raise Refusal("refusal_roster_changed") from None
