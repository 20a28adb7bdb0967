"""The queue: what is live, the soonest first, in five views."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
from triage.console.presence import desk_state
from triage.console.rows import Known, Row, make_row
from triage.console.sessions import Session
from triage.store import queue

_sql = queries(__file__)

SHOWN = (
    "case.urgency", "case.reasons", "case.area", "case.clocks", "case.responder", "child.age", "child.safe_until",
    "person_of_concern.access",
)  # fmt: skip

VIEWS: dict[str, Callable[[Row, UUID], bool]] = {
    "all": lambda _row, _me: True,
    "unread": lambda row, _me: row.unread_since is not None,
    "unowned": lambda row, _me: row.taken_by is None and row.holder_kind not in ("rests", "stopping"),
    "breached": lambda row, _me: row.is_breached,
    "mine": lambda row, me: row.taken_by == me,
}


@dataclass(frozen=True)
class Queue:
    """The lines of a view, and how many every view has."""

    rows: list[Row]
    counts: dict[str, int]
    view: str
    chosen: Callable[[str], str]


async def queue_page(frame: Frame, request: Request, session: Session) -> Response:
    """The whole page; that it was looked at is on record."""
    async with frame.service.db.transaction() as tx:
        desk = await desk_state(tx, frame)
        alarms = await alarms_of(tx, frame, request)
        found = await read_queue(tx, frame, request, session)
        request.state.chrome = {"desk": desk, "alarms": alarms}
        look = AuditEntry(
            frame.service.clock.now(), str(session.person_id), "duty", "queue_shown",
            Subject("organisation", desk.desk_id), shown=SHOWN,
        )  # fmt: skip
        await audit.record(tx, look)
    return frame.page(request, "queue.html", queue=found)


async def queue_part(frame: Frame, request: Request, session: Session) -> Response:
    """The list alone, for a page that is open already."""
    async with frame.service.db.transaction() as tx:
        found = await read_queue(tx, frame, request, session)
    return frame.page(request, "_queue.html", queue=found)


async def read_queue(tx: Transaction, frame: Frame, request: Request, session: Session) -> Queue:
    """The queue in a person's language and view."""
    view = request.query_params.get("view", "all")
    view = view if view in VIEWS else "all"
    stored = await queue.rows(tx)
    called = await called_of(tx, [row["case_id"] for row in stored], "respond")
    ids = {each["person_id"] for group in called.values() for each in group}
    ids |= {row[name] for row in stored for name in ("taken_by", "calling_taken_by") if row[name]}
    names = await open_names(tx, frame.service.vault, ids)
    known = Known(called, names, await areas_of(tx, [row["case_id"] for row in stored]))
    words = frame.words(request)
    rows = [make_row(words, row, known) for row in stored]
    counts = {name: sum(is_in(row, session.person_id) for row in rows) for name, is_in in VIEWS.items()}
    return Queue(
        [row for row in rows if VIEWS[view](row, session.person_id)],
        counts,
        view,
        lambda name: "/" if name == "all" else f"/?view={name}",
    )


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


async def open_names(tx: Transaction, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of people who work for the hotline, by id."""
    stored = await queue.names(tx, ids)
    return {
        person_id: await vault.open_text(tx, Subject("person", person_id), "name", row["name"])
        for person_id, row in stored.items()
    }
