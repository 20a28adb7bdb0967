"""Phones: one's own page, and for a supervisor everybody's. What is seen and what is pressed is on record."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra.postgres import Transaction
from schemas.terms import AlertChannel, Role, Urgency
from schemas.ways import Preferences
from schemas.zones import zones
from triage.console.desk_pages import chrome
from triage.console.frame import Frame
from triage.console.guard import trouble
from triage.console.opened import open_name
from triage.console.sessions import Session
from triage.console.ways_view import RANKS, ways_view
from triage.domain.case import Refusal
from triage.domain.roster.author import Author
from triage.handlers import Means, Turn, covering, leaving, phones, trials
from triage.handlers.covering import RosterRefused
from triage.store import people


@dataclass(frozen=True)
class Pressed:
    """One press on the page of a person."""

    turn: Turn
    person: UUID
    by: Author
    form: FormData

    def text(self, name: str) -> str:
        """A field as it was written; nothing where it is missing."""
        return str(self.form.get(name, "")).strip()[:300]

    @property
    def place(self) -> int:
        """The place that was pressed at."""
        written = self.text("place")
        if not written.isdecimal() or len(written) > 3:
            raise Refusal("refusal_no_way")
        return int(written)

    @property
    def channel(self) -> AlertChannel:
        """The channel that was chosen for a code."""
        written = self.text("channel")
        if written not in ("sms", "voice", "email"):
            raise Refusal("refusal_no_way")
        return AlertChannel(written)


class WaysPages:
    """The pages about phones, with what handlers are wired with."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def own(self, _frame: Frame, _request: Request, session: Session) -> Response:
        """To one's own page."""
        return RedirectResponse(f"/phones/{session.person_id}", 303)

    async def show(self, frame: Frame, request: Request, session: Session) -> Response:
        """The phones of a person; those of others a supervisor alone sees."""
        return await self._page(frame, request, session)

    async def act(self, frame: Frame, request: Request, session: Session) -> Response:
        """Do what was pressed; refused, show the page again with the reason and what was typed."""
        person, name = request.path_params["person_id"], request.path_params["act"]
        act = ACTS.get(name)
        if act is None:
            return trouble(frame, request, "desk_trouble_not_found", 404)
        t = frame.translate(request)
        try:
            async with frame.service.db.transaction() as tx:
                turn = Turn(tx, self._means, frame.service.clock.now())
                pressed = Pressed(turn, person, Author.of(session.actor), await request.form())
                is_done = await act(pressed)
        except RosterRefused as refused:
            gaps = covering.sentences(refused, t, frame.words(request).language)
            return await self._page(frame, request, session, gaps)
        except Refusal as refusal:
            return await self._page(frame, request, session, [t(refusal.key, **refusal.values)])
        if name == "deactivate":
            return RedirectResponse(f"/phones/{session.person_id}?done=way_deactivate", 303)
        if is_done is False:
            return await self._page(frame, request, session, [t("desk_code_wrong")])
        return RedirectResponse(f"/phones/{person}?done=way_{name}", 303)

    async def _page(
        self, frame: Frame, request: Request, session: Session, refused: list[str] | None = None
    ) -> Response:
        person_id, words = request.path_params["person_id"], frame.words(request)
        is_own, is_over_others = person_id == session.person_id, session.role is not Role.DUTY_OFFICER
        if not is_own and not is_over_others:
            return trouble(frame, request, "desk_trouble_phones", 403)
        request.state.home = f"/phones/{person_id}"
        async with frame.service.db.transaction() as tx:
            everybody = await people.people(tx)
            person = next((row for row in everybody if row["person_id"] == person_id), None)
            if person is None or not person["is_active"]:
                return trouble(frame, request, "desk_trouble_not_found", 404)
            request.state.chrome = await chrome(tx, frame, request)
            view = await ways_view(tx, frame, words, person)
            others = await _others(tx, frame, request, everybody) if is_over_others else []
            gone = [row for row in others if not row["is_active"]]
            await trials.record(Turn(tx, self._means, words.now), session.person_id, "ways_shown", person_id)
        return frame.page(
            request,
            "phones.html",
            409 if refused else 200,
            view=view,
            is_own=is_own,
            may_override=is_over_others and not is_own,
            others=[row for row in others if row["is_active"]],
            gone=gone,
            refused=refused or [],
            kept=getattr(request.state, "kept", {}) if refused else {},
            urgencies=list(Urgency),
        )


async def _others(tx: Transaction, frame: Frame, request: Request, rows: list[Any]) -> list[dict[str, Any]]:
    """Everybody by name, gone or not, with whether a phone of theirs is proven."""
    words, vault = frame.words(request), frame.service.vault
    named = [{**row, "name": await open_name(tx, vault, words, row)} for row in rows if not row["is_loopback"]]
    return sorted(named, key=lambda row: (row["is_reachable"], row["name"]))


async def _add(pressed: Pressed) -> None:
    await phones.add_phone(pressed.turn, pressed.person, pressed.text("number"), pressed.channel, pressed.by)


async def _email(pressed: Pressed) -> None:
    await phones.save_email(pressed.turn, pressed.person, pressed.text("address"), pressed.by)


async def _code(pressed: Pressed) -> None:
    await trials.ask_code(pressed.turn, pressed.person, pressed.place, pressed.channel, pressed.by)


async def _prove(pressed: Pressed) -> bool:
    return await trials.give_code(pressed.turn, pressed.person, pressed.place, pressed.text("code"), pressed.by)


async def _remove(pressed: Pressed) -> None:
    if pressed.place == 0:
        await phones.remove_email(pressed.turn, pressed.person, pressed.by)
    else:
        reason = pressed.text("reason") or None
        await phones.remove_phone(pressed.turn, pressed.person, pressed.place, pressed.by, reason)


async def _deactivate(pressed: Pressed) -> None:
    await leaving.deactivate(pressed.turn, pressed.person, pressed.by, pressed.text("reason") or None)


async def _bring_back(pressed: Pressed) -> None:
    await leaving.bring_back(pressed.turn, pressed.person, pressed.by)


async def _preferences(pressed: Pressed) -> None:
    """What is wrong with the hours is said; an order that names a way twice keeps the first."""
    begins, ends, zone = (pressed.text(name) for name in ("begins", "ends", "time_zone"))
    if bool(begins) is not bool(ends):
        raise Refusal("refusal_quiet_half")
    if zone not in zones():
        raise Refusal("refusal_time_zone")
    orders = {each: [pressed.text(f"{each}_{rank}") for rank in range(RANKS)] for each in Urgency}
    kept = {each: list(dict.fromkeys(way for way in ways if way)) for each, ways in orders.items() if any(ways)}
    quiet = {"begins": begins, "ends": ends} if begins else None
    try:
        wanted = Preferences.model_validate({"time_zone": zone, "quiet": quiet, "orders": kept})
    except ValidationError:
        raise Refusal("refusal_quiet") from None
    await phones.save_preferences(pressed.turn, pressed.person, wanted, pressed.by)


ACTS: dict[str, Callable[[Pressed], Awaitable[bool | None]]] = {
    "add": _add,
    "email": _email,
    "code": _code,
    "prove": _prove,
    "remove": _remove,
    "deactivate": _deactivate,
    "bring_back": _bring_back,
    "preferences": _preferences,
}
"""What can be pressed."""
