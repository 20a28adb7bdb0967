"""The page of one decision tree of a case: the way each of its reports took. Every look is on record."""

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from infra import audit
from infra.audit import AuditEntry
from infra.postgres import Transaction
from infra.vault import Subject
from triage.console.alarms import alarms_of
from triage.console.case_page import purpose_of
from triage.console.frame import Frame
from triage.console.presence import desk_state
from triage.console.sessions import Session
from triage.console.shown import ShownReport, read_reports
from triage.console.trees import ShownTree, grown
from triage.console.words import Words
from triage.domain.concern import Concern
from triage.store import answers, queue
from triage.store.queue import CasePage

SHOWN = ("case.urgency", "case.reasons")


async def tree_page(frame: Frame, request: Request, session: Session) -> Response:
    """The questions of one concern, with what each report of the case says to them."""
    case_id: UUID = request.path_params["case_id"]
    words = frame.words(request)
    async with frame.service.db.transaction() as tx:
        desk, alarms = await desk_state(tx, frame, words), await alarms_of(tx, frame, request)
        request.state.chrome = {"desk": desk, "alarms": alarms}
        stored = await queue.case_page(tx, case_id)
        if stored is None:
            raise HTTPException(404)
        concern = _concern(words, stored, request.path_params["concern"])
        told = await _told(tx, frame, words, stored, concern)
        await audit.record(tx, _look(frame, request, session, case_id))
    return frame.page(request, "tree.html", case=stored.case, concern=concern, told=told, purpose=purpose_of(request))


def _concern(words: Words, stored: CasePage, wanted: str) -> Concern:
    """The tree that was asked for, as the pack in force where the case is has it; 404 when it has none."""
    pack = words.packs.for_jurisdiction(stored.case["jurisdiction"], words.now.date())
    found = next((each for each in pack.concerns if each.id == wanted), None)
    if found is None:
        raise HTTPException(404)
    return found


async def _told(
    tx: Transaction, frame: Frame, words: Words, stored: CasePage, concern: Concern
) -> list[tuple[ShownReport, ShownTree]]:
    beside = await answers.told(tx, stored.case["case_id"])
    reports, _ = await read_reports(tx, frame.service.vault, words, stored)
    return [
        (each, grown(words, each, stored, beside).tree(concern.id, f"tree-{at}"))
        for at, each in enumerate(reports, 1)
    ]


def _look(frame: Frame, request: Request, session: Session, case_id: UUID) -> AuditEntry:
    return AuditEntry(
        at=frame.service.clock.now(),
        actor=str(session.person_id),
        purpose=purpose_of(request),
        action="tree_shown",
        subject=Subject("case", case_id),
        case_id=case_id,
        shown=SHOWN,
    )
