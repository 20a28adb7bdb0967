"""The page of one case. Every look at it is on record, in the transaction of the look."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.audit import AuditEntry
from infra.postgres import queries
from infra.vault import Subject
from schemas.terms import Role, Urgency
from triage.console.alarms import alarms_of
from triage.console.case_view import SHOWN, CaseView, read_case
from triage.console.frame import Frame
from triage.console.presence import desk_state
from triage.console.same_child import SHOWN as SAME_SHOWN
from triage.console.same_child import on_record, read_same_child
from triage.console.sessions import Session
from triage.domain import there
from triage.domain.asking import POSSIBLE, QUESTIONS, STEP_ANSWERS, AskedOf
from triage.handlers import Means, Turn

_sql = queries(__file__)

PURPOSES = ("duty", "handover", "review", "reporter_asks")
PLACES = ("now", "home", "registration", "incident", "carers")


async def case_page(frame: Frame, request: Request, session: Session) -> Response:
    """The page as it is opened."""
    return await show_case(frame, request, session)


async def case_version(frame: Frame, request: Request, _session: Session) -> Response:
    """The version the case now has, for a page that is open; shows nothing of the case."""
    async with frame.service.db.transaction() as tx:
        version = await _sql.find_case_version(tx, case_id=request.path_params["case_id"])
    return JSONResponse({"version": version})


async def show_case(
    frame: Frame, request: Request, session: Session, message: str = "", kept: Mapping[str, str] | None = None
) -> Response:
    """The page of the case as it now is; with a message (409) when a press was refused, and what was typed."""
    case_id: UUID = request.path_params["case_id"]
    words = frame.words(request)
    request.state.home = f"/cases/{case_id}"
    async with frame.service.db.transaction() as tx:
        desk, alarms = await desk_state(tx, frame, words), await alarms_of(tx, frame, request)
        request.state.chrome = {"desk": desk, "alarms": alarms}
        view = await read_case(tx, frame.service.vault, words, case_id)
        if view is None:
            raise HTTPException(404)
        turn = Turn(tx, _means(frame), frame.service.clock.now())
        same = await read_same_child(turn, words, view)
        await on_record(turn, _look(frame, request, session, case_id), same)
    return frame.page(
        request,
        "case.html",
        409 if message else 200,
        view=view,
        case=view.case,
        same=same,
        message=message,
        kept=kept or {},
        purpose=purpose_of(request),
        questions=QUESTIONS,
        possible=POSSIBLE,
        step_answers=STEP_ANSWERS,
        askable=list(AskedOf),
        places=PLACES,
        answers_of=there.QUESTIONS,
        urgent_questions=there.URGENT_QUESTIONS,
        may_decide=_may_decide(view.stored.urgency_request, session),
        may_decide_closing=_may_decide(view.closing.asked, session),
        higher=[each for each in Urgency if each.rank < Urgency(view.case["urgency"]).rank],
        lower=[each for each in Urgency if each.rank > Urgency(view.case["urgency"]).rank],
        numbers=words.emergency_numbers(view.case["jurisdiction"]),
        services=_services(frame, view),
    )


def purpose_of(request: Request) -> str:
    """What the case is looked at for: chosen on the finding page, else duty."""
    purpose = request.query_params.get("purpose", PURPOSES[0])
    return purpose if purpose in PURPOSES else PURPOSES[0]


def _means(frame: Frame) -> Means:
    return Means(frame.packs, frame.service.vault, frame.service.settings.jurisdiction)


def _look(frame: Frame, request: Request, session: Session, case_id: UUID) -> AuditEntry:
    return AuditEntry(
        at=frame.service.clock.now(),
        actor=str(session.person_id),
        purpose=purpose_of(request),
        action="case_shown",
        subject=Subject("case", case_id),
        case_id=case_id,
        shown=(*SHOWN, *SAME_SHOWN),
    )


def _may_decide(request: Any, session: Session) -> bool:
    """Whether this person can be the second one for an open request, if any; the handler decides again."""
    return request is not None and request["asked_by"] != session.person_id and session.role is not Role.DUTY_OFFICER


def _services(frame: Frame, view: CaseView) -> list[tuple[str, str]]:
    now = frame.service.clock.now()
    pack = frame.packs.for_jurisdiction(view.case["jurisdiction"], now.date())
    return [(each.service, each.number) for each in pack.emergency_numbers]
