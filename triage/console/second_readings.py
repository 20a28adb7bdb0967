"""Second readings at the desk: what waits for a person, the words without any judgement, and then what was judged."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra import audit
from infra.audit import AuditEntry
from infra.postgres import Transaction
from infra.vault import Subject
from schemas.terms import Urgency
from triage.console.actions import typed
from triage.console.blind import SHOWN, blind_case
from triage.console.desk_pages import chrome
from triage.console.frame import Frame
from triage.console.recordings import sound_of
from triage.console.sessions import Session
from triage.domain.asking import QUESTIONS
from triage.domain.case import Press, Refusal, Status, is_raise
from triage.domain.second_reading import Certainty, Reading
from triage.domain.weeks import Week
from triage.handlers import Means, Turn
from triage.handlers import second_readings as handlers
from triage.store import second_readings as store

HOME = "/second-readings"
JUDGED = ("case.urgency", "case.status", "case.alias")


class SecondReadings:
    """The pages and presses of second readings."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def waiting(self, frame: Frame, request: Request, session: Session) -> Response:
        """What waits for this person, and what they have read lately."""
        async with frame.service.db.transaction() as tx:
            request.state.chrome = await chrome(tx, frame, request)
            waiting = await store.awaiting(tx, session.person_id)
            own = await store.own(tx, session.person_id)
        return frame.page(request, "second_readings.html", waiting=waiting, own=own, week=_week)

    async def show(self, frame: Frame, request: Request, session: Session) -> Response:
        """The words of a drawn case, or what came of it once this person has read it."""
        return await self._show(frame, request, session)

    async def give(self, frame: Frame, request: Request, session: Session) -> Response:
        """Keep what this person found."""
        form, entry_id = await request.form(), request.path_params["entry_id"]
        try:
            reading = _reading(str(form.get("urgency") or ""), str(form.get("certainty") or ""))
            async with frame.service.db.transaction() as tx:
                turn = Turn(tx, self._means, frame.service.clock.now())
                await handlers.give_reading(turn, session.actor, entry_id, reading)
        except Refusal as refusal:
            message = frame.translate(request)(refusal.key, **refusal.values)
            return await self._show(frame, request, session, message, typed(form))
        return RedirectResponse(f"{HOME}/{entry_id}?done=second_reading", 303)

    async def raise_case(self, frame: Frame, request: Request, session: Session) -> Response:
        """Raise the case to what this person found in it."""
        form, entry_id = await request.form(), request.path_params["entry_id"]
        now = frame.service.clock.now()
        try:
            async with frame.service.db.transaction() as tx:
                outcome = await store.outcome(tx, entry_id, session.person_id)
                if outcome is None:
                    raise HTTPException(404)
                press = Press(session.actor, outcome["case_id"], _version(str(form.get("version"))), now)
                case = await handlers.raise_as_read(Turn(tx, self._means, now), press, entry_id)
        except Refusal as refusal:
            message = frame.translate(request)(refusal.key, **refusal.values)
            return await self._show(frame, request, session, message)
        return RedirectResponse(f"/cases/{case.case_id}?done=raise", 303)

    async def play(self, frame: Frame, request: Request, session: Session) -> Response:
        """The sound of a recording of a drawn case that this person may read."""
        async with frame.service.db.transaction() as tx:
            entry = await _awaiting(tx, session, request.path_params["entry_id"])
            if entry is None:
                raise HTTPException(404)
            await audit.record(tx, _look(frame, session, entry["case_id"], ("report.recording",)))
            return await sound_of(tx, frame, request, entry["case_id"])

    async def _show(
        self,
        frame: Frame,
        request: Request,
        session: Session,
        message: str = "",
        kept: Mapping[str, str] | None = None,
    ) -> Response:
        entry_id: UUID = request.path_params["entry_id"]
        request.state.home = f"{HOME}/{entry_id}"
        async with frame.service.db.transaction() as tx:
            request.state.chrome = await chrome(tx, frame, request)
            outcome = await store.outcome(tx, entry_id, session.person_id)
            if outcome is not None:
                return await _outcome(tx, frame, request, session, (outcome, message))
            entry = await _awaiting(tx, session, entry_id)
            if entry is None:
                return frame.page(request, "second_reading_none.html", 409 if message else 404, message=message)
            view = await blind_case(tx, frame.service.vault, entry)
            await audit.record(tx, _look(frame, session, entry["case_id"], SHOWN))
        return frame.page(
            request,
            "second_reading.html",
            409 if message else 200,
            view=view,
            entry=entry,
            week=_week(entry),
            message=message,
            kept=kept or {},
            urgencies=list(Urgency),
            certainties=list(Certainty),
            questions=QUESTIONS,
        )


async def _awaiting(tx: Transaction, session: Session, entry_id: UUID) -> Any:
    return next(iter(await store.awaiting(tx, session.person_id, entry_id)), None)


async def _outcome(
    tx: Transaction, frame: Frame, request: Request, session: Session, told: tuple[Any, str]
) -> Response:
    """What engine and desk had said; with the press that raises the case where the reader found it graver."""
    outcome, message = told
    await audit.record(tx, _look(frame, session, outcome["case_id"], JUDGED, "second_reading_compared"))
    is_graver = is_raise(Urgency(outcome["urgency"]), Urgency(outcome["read_urgency"]))
    return frame.page(
        request,
        "second_reading_outcome.html",
        409 if message else 200,
        outcome=outcome,
        week=_week(outcome),
        message=message,
        is_graver=is_graver,
        is_closed=outcome["status"] == Status.CLOSED,
    )


def _look(
    frame: Frame, session: Session, case_id: UUID, shown: tuple[str, ...], action: str = "second_reading_shown"
) -> AuditEntry:
    return AuditEntry(
        at=frame.service.clock.now(),
        actor=str(session.person_id),
        purpose="second_reading",
        action=action,
        subject=Subject("case", case_id),
        case_id=case_id,
        shown=shown,
    )


def _reading(urgency: str, certainty: str) -> Reading:
    if urgency not in set(Urgency):
        raise Refusal("desk_refusal_no_urgency")
    if certainty not in set(Certainty):
        raise Refusal("desk_refusal_no_certainty")
    return Reading(Urgency(urgency), Certainty(certainty))


def _version(written: str) -> int:
    if not written.isdecimal():
        raise Refusal("refusal_changed")
    return int(written)


def _week(row: Any) -> str:
    return Week(row["week"], "UTC").name
