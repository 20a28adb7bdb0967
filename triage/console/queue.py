"""The queue: what is live, the soonest first, in five views."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from infra import audit
from infra.audit import AuditEntry
from infra.postgres import Transaction, queries
from infra.vault import Subject, Vault
from triage.console.alarms import alarms_of
from triage.console.frame import Frame
from triage.console.opened import open_name
from triage.console.presence import desk_state
from triage.console.rows import Known, Row, holder_kind, is_breached, make_row
from triage.console.sessions import Session
from triage.console.words import Words
from triage.store import queue

_sql = queries(__file__)

SHOWN = (
    "case.urgency", "case.reasons", "case.area", "case.clocks", "case.responder", "child.age", "child.safe_until",
    "person_of_concern.access",
)  # fmt: skip

PAGE = 100


@dataclass(frozen=True)
class Line:
    """What decides in which views a case is."""

    case_id: UUID
    unread_since: datetime | None
    taken_by: UUID | None
    holder_kind: str
    is_breached: bool


VIEWS: dict[str, Callable[[Line, UUID], bool]] = {
    "all": lambda _line, _me: True,
    "unread": lambda line, _me: line.unread_since is not None,
    "unowned": lambda line, _me: line.taken_by is None and line.holder_kind not in ("rests", "stopping"),
    "breached": lambda line, _me: line.is_breached,
    "mine": lambda line, me: line.taken_by == me,
}


@dataclass(frozen=True)
class Queue:
    """One page of a view, and how many every view has. `page` counts from 1; `before` and `after` are not on it."""

    rows: list[Row]
    counts: dict[str, int]
    view: str
    page: int
    before: int
    after: int

    def chosen(self, view: str) -> str:
        """Where a view begins."""
        return "/" if view == "all" else f"/?view={view}"

    def turned(self, pages: int) -> str:
        """Where another page of this view is."""
        return f"/?view={self.view}&page={self.page + pages}"


async def queue_page(frame: Frame, request: Request, session: Session) -> Response:
    """The whole page; that it was looked at is on record."""
    async with frame.service.db.transaction() as tx:
        desk = await desk_state(tx, frame, frame.words(request))
        alarms = await alarms_of(tx, frame, request)
        found = await read_queue(tx, frame, request, session)
        request.state.chrome = {"desk": desk, "alarms": alarms}
        await audit.record(tx, _look(frame, session, desk.desk_id))
    frame.seen.add(session.digest, _ids(found))
    return frame.page(request, "queue.html", queue=found)


async def queue_part(frame: Frame, request: Request, session: Session) -> Response:
    """The list alone, for a page that is open already; on record when it shows a case for the first time."""
    async with frame.service.db.transaction() as tx:
        found = await read_queue(tx, frame, request, session)
        if not frame.seen.holds(session.digest, _ids(found)):
            desk = await desk_state(tx, frame, frame.words(request))
            await audit.record(tx, _look(frame, session, desk.desk_id))
    frame.seen.add(session.digest, _ids(found))
    return frame.page(request, "_queue.html", queue=found)


def _ids(found: Queue) -> set[UUID]:
    return {row.case_id for row in found.rows}


def _look(frame: Frame, session: Session, desk_id: UUID) -> AuditEntry:
    now, subject = frame.service.clock.now(), Subject("organisation", desk_id)
    return AuditEntry(now, str(session.person_id), "duty", "queue_shown", subject, shown=SHOWN)


async def read_queue(tx: Transaction, frame: Frame, request: Request, session: Session) -> Queue:
    """A page of the queue in a person's language and view; the counts are over all live cases."""
    view = request.query_params.get("view", "all")
    view = view if view in VIEWS else "all"
    lines = [_line(row) async for row in _sql.find_lines(tx)]
    counts = {name: sum(is_in(line, session.person_id) for line in lines) for name, is_in in VIEWS.items()}
    ids = [line.case_id for line in lines if VIEWS[view](line, session.person_id)]
    page = _page(request, len(ids))
    before = (page - 1) * PAGE
    here = ids[before : before + PAGE]
    rows = await _rows(tx, frame, request, here)
    return Queue(rows, counts, view, page, before, len(ids) - before - len(here))


def _line(row: Any) -> Line:
    return Line(row["case_id"], row["unread_since"], row["taken_by"], holder_kind(row), is_breached(row["clocks"]))


def _page(request: Request, count: int) -> int:
    """The page that was asked for, or the last one when the view has become shorter."""
    wanted = request.query_params.get("page", "1")
    number = int(wanted) if re.fullmatch(r"[0-9]{1,6}", wanted) else 1
    return max(1, min(number, -(-count // PAGE)))


async def _rows(tx: Transaction, frame: Frame, request: Request, ids: list[UUID]) -> list[Row]:
    stored = await queue.rows(tx, ids, len(ids))
    called = await called_of(tx, ids, "respond")
    people = {each["person_id"] for group in called.values() for each in group}
    people |= {row[name] for row in stored for name in ("taken_by", "calling_taken_by") if row[name]}
    words = frame.words(request)
    names = await open_names(tx, frame.service.vault, words, people)
    known = Known(called, names, await areas_of(tx, ids))
    return [make_row(words, row, known) for row in stored]


async def called_of(tx: Transaction, ids: Iterable[UUID], purpose: str) -> dict[UUID, list[Any]]:
    """By subject: whom its newest calling for a purpose has called."""
    found: dict[UUID, list[Any]] = {}
    async for row in _sql.find_called(tx, ids=list(ids)):
        if row["purpose"] == purpose:
            found.setdefault(row["subject_id"], []).append(row)
    return found


async def areas_of(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Any]:
    """By case: the closest area that has a name."""
    return {row["case_id"]: row async for row in _sql.find_area_names(tx, ids=list(ids))}


async def open_names(tx: Transaction, vault: Vault, words: Words, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of people who work for the hotline, by id."""
    stored = await queue.names(tx, ids)
    return {person_id: await open_name(tx, vault, words, row) for person_id, row in stored.items()}
