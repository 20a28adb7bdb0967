"""Drills at the desk: everybody sees them, supervisors and managers call them."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra import audit
from infra.audit import AuditEntry
from infra.postgres import Transaction
from infra.vault import Subject
from schemas.terms import Role, Urgency
from triage.console.actions import typed
from triage.console.desk_pages import chrome
from triage.console.frame import Frame
from triage.console.guard import trouble
from triage.console.opened import open_name
from triage.console.sessions import Session
from triage.domain.case import Refusal
from triage.domain.drill import outcome_of
from triage.handlers import Means, Turn, drills
from triage.handlers.drilled import COLUMNS, cells, clock
from triage.handlers.drills import Report, Wanted
from triage.handlers.seen_to import HOTLINE
from triage.store import drills as store
from triage.store import people

HOME = "/drills"
OFFERED = (Urgency.IMMEDIATE, Urgency.URGENT, Urgency.PRIORITY)


class Drills:
    """The list of drills with the button, and the report of each."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def show_all(self, frame: Frame, request: Request, session: Session) -> Response:
        """The newest drills, and for supervisors what calls another."""
        return await self._all(frame, request, session)

    async def call(self, frame: Frame, request: Request, session: Session) -> Response:
        """Call a drill."""
        if session.role is Role.DUTY_OFFICER:
            return trouble(frame, request, "desk_trouble_role", 403)
        kept = typed(await request.form())
        try:
            async with frame.service.db.transaction() as tx:
                turn = Turn(tx, self._means, frame.service.clock.now())
                drill_id = await drills.call(turn, _wanted(kept), str(session.person_id))
        except Refusal as refusal:
            message = frame.translate(request)(refusal.key, **refusal.values)
            return await self._all(frame, request, session, message, kept)
        return RedirectResponse(f"{HOME}/{drill_id}?done=drill", 303)

    async def show(self, frame: Frame, request: Request, session: Session) -> Response:
        """How a drill goes, or went, rung by rung; that it was looked at is on record, since it names people."""
        async with frame.service.db.transaction() as tx:
            now = frame.service.clock.now()
            report = await drills.report(Turn(tx, self._means, now), request.path_params["drill_id"])
            if report is None:
                raise HTTPException(404)
            request.state.chrome = await chrome(tx, frame, request)
            names = await _names(tx, frame, request, report)
            look = AuditEntry(
                now, str(session.person_id), "drill", "drill_shown", Subject("organisation", HOTLINE), None,
                ("person.name",),
            )  # fmt: skip
            await audit.record(tx, look)
        return frame.page(
            request, "drill.html", report=report, drill=report.drill, names=names, columns=COLUMNS, cells=cells,
            clock=clock,
        )  # fmt: skip

    async def _all(
        self, frame: Frame, request: Request, session: Session, message: str = "", kept: Any = None
    ) -> Response:
        now = frame.service.clock.now()
        async with frame.service.db.transaction() as tx:
            request.state.chrome = await chrome(tx, frame, request)
            found = await store.newest(tx)
            teams = await people.teams(tx)
        return frame.page(
            request,
            "drills.html",
            409 if message else 200,
            drills=[(each, outcome_of(each["called_at"], each, now)) for each in found],
            teams=teams,
            urgencies=OFFERED,
            may_call=session.role is not Role.DUTY_OFFICER,
            message=message,
            kept=kept or {},
        )


def _wanted(kept: Any) -> Wanted:
    urgency = kept.get("urgency", "")
    if urgency not in set(OFFERED):
        raise Refusal("refusal_drill_no_ladder")
    return Wanted(kept.get("team") or None, Urgency(urgency), kept.get("at_night") == "yes")


async def _names(tx: Transaction, frame: Frame, request: Request, report: Report) -> dict[UUID, str]:
    """The names of whoever was called, took it, or asked for help."""
    drill = report.drill
    called = {line.person_id for rung in report.rungs for line in rung.lines}
    called |= {drill["acknowledged_by"], drill["needs_help_by"]} - {None}
    found = await store.people(tx, called)
    words, vault = frame.words(request), frame.service.vault
    return {person: await open_name(tx, vault, words, row) for person, row in found.items()}
