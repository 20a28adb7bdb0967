"""Telling others: the version of a case or desk rises, and its whole public state goes into the outbox."""

from dataclasses import replace
from uuid import UUID

from infra import outbox
from infra.ids import new_id
from infra.outbox import Trace
from schemas.area import UNKNOWN
from schemas.events import CaseChanged, CaseOpened, DeskChanged
from schemas.terms import DESK_CHANNEL
from triage.domain.calling import Assignment
from triage.domain.case import Case
from triage.handlers.turn import NotReady, Turn
from triage.store import assignments, cases, desks, people
from triage.store.desks import KnownDesk

CLOCKS_CHANNEL = "hotline_clocks"
"""Announced after every commit that may have started or ended a clock; sleeping timers look again."""


async def publish(turn: Turn, case: Case) -> Case:
    """Save a case under its next version and tell of it; returns it as saved."""
    case = replace(case, version=case.version + 1)
    report_ids = await cases.save(turn.tx, case, turn.now)
    newest = await assignments.newest(turn.tx, case.case_id)
    await _tell(turn, case, CaseChanged, (tuple(newest.values()), report_ids))
    return case


async def publish_new(turn: Turn, case: Case, made: Assignment | None, report_id: UUID) -> Case:
    """Tell of a case that was opened in this transaction with one report, and of whom it calls, if anybody."""
    await _tell(turn, case, CaseOpened, ((made,) if made else (), (report_id,)))
    return case


async def _tell(
    turn: Turn,
    case: Case,
    kind: type[CaseOpened | CaseChanged],
    rest: tuple[tuple[Assignment, ...], tuple[UUID, ...]],
) -> None:
    called, report_ids = rest
    event = kind(
        version=case.version,
        subject_id=case.case_id,
        alias=case.alias,
        jurisdiction=case.jurisdiction,
        area=case.area,
        time_zone=case.time_zone,
        assignments=tuple(each.state() for each in called),
        is_canary=case.is_canary,
        urgency=case.urgency,
        opened_at=case.opened_at,
        report_ids=report_ids,
    )
    trace = Trace(case.correlation_id, turn.cause or case.correlation_id, case.traceparent)
    await outbox.append(turn.tx, event, trace, turn.now)
    announce(turn)


async def publish_desk(turn: Turn, desk: KnownDesk) -> None:
    """Save the desk under its next version and tell of it."""
    desk = replace(desk, version=desk.version + 1)
    await desks.save(turn.tx, desk)
    team = await people.team(turn.tx, desk.desk_id)
    if team is None:
        raise NotReady("the desk has no team")
    event = DeskChanged(
        version=desk.version,
        subject_id=desk.desk_id,
        alias=desk.alias,
        jurisdiction=team["jurisdiction"],
        area=UNKNOWN,
        time_zone=team["time_zone"],
        assignments=tuple([each.state() for each in (await assignments.newest(turn.tx, desk.desk_id)).values()]),
    )
    await outbox.append(turn.tx, event, Trace.begin().caused_by(turn.cause or new_id()), turn.now)
    announce(turn)


def announce(turn: Turn) -> None:
    """Wake the desk's pages and the timers once the commit has succeeded."""
    turn.tx.announce(DESK_CHANNEL)
    turn.tx.announce(CLOCKS_CHANNEL)
