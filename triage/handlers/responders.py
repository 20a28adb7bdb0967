"""Calling responders, officers and the supervisor: which ladder, who first, from when."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.ladder import Ladder
from schemas.terms import AssignmentStatus, Level, Purpose
from triage.domain import calling, clocks
from triage.domain.calling import Assignment
from triage.domain.case import Case, Cause, working_deadline
from triage.handlers.choice import first_responder
from triage.handlers.turn import NotReady, Turn
from triage.store import assignments, cases, desks, people, timeline
from triage.store import clocks as clock_store


async def begin(turn: Turn, case: Case, because: Cause) -> Case:
    """Call responders now, or when the pack says that calling begins; a desk-only case calls nobody."""
    plan = turn.means.packs.for_jurisdiction(case.jurisdiction, turn.now.date()).plan_for(case.urgency)
    at = calling.begins_at(plan, turn.now, case.time_zone, case.child_safe_until)
    await clock_store.end(turn.tx, case.case_id, clocks.BEGIN_CALLING, turn.now)
    if at is None:
        return case
    if at > turn.now:
        await clock_store.start(turn.tx, case.case_id, [clocks.begin_calling(turn.now, at)])
        await timeline.add(turn.tx, case.case_id, "calling_waits", turn.now, detail={"until": at.isoformat()})
        return case
    return await call(turn, case, because)


async def call(turn: Turn, case: Case, because: Cause, avoid: UUID | None = None) -> Case:
    """Make a new `respond` assignment from the top of the ladder; nobody has the case until somebody takes it."""
    team = await people.team(turn.tx, case.team_id)
    ladder = _ladder(turn, case, team)
    if ladder is None:
        return case
    excluded = await cases.exclusions(turn.tx, case.case_id)
    first, chosen = await _first(turn, case, ladder.rungs[0].level, (excluded, avoid))
    deadline = await _deadline(turn, case)
    made = await assignments.make(
        turn.tx,
        Assignment(
            subject_id=case.case_id,
            subject_kind="case",
            purpose=Purpose.RESPOND,
            urgency=case.urgency,
            team_id=case.team_id,
            ladder=ladder,
            because=because,
            made_at=turn.now,
            deadline_at=deadline,
            first_responder_id=first,
            excluded_responders=excluded,
            reasons=(chosen,),
        ),
    )
    await clock_store.end(turn.tx, case.case_id, clocks.BEGIN_CALLING, turn.now)
    await clock_store.end(turn.tx, case.case_id, clocks.FIRST_ACTION, turn.now)
    detail = {"number": made.number, "because": because, "first": str(first) if first else None}
    await timeline.add(turn.tx, case.case_id, "assigned", turn.now, detail=detail)
    return replace(case, taken_by=None, taken_at=None, taken_via=None)


async def _first(
    turn: Turn, case: Case, level: Level, kept_off: tuple[tuple[UUID, ...], UUID | None]
) -> tuple[UUID | None, dict[str, object]]:
    """Who is called first; whoever handed the case back only when nobody else is there. None is alarmed."""
    excluded, avoid = kept_off
    first, chosen = await first_responder(turn, case, level, (*excluded, avoid) if avoid else excluded)
    if first is None and avoid is not None:
        first, chosen = await first_responder(turn, case, level, excluded)
    if first is None:
        await desks.alarm(turn.tx, "nobody_on_call", case.case_id, {"level": level}, turn.now)
    return first, chosen


async def call_desk(turn: Turn, case: Case, purpose: Purpose, because: Cause, within: timedelta) -> None:
    """Call the desk's officers to read, or its supervisor about the emergency service, unless called already."""
    newest = (await assignments.newest(turn.tx, case.case_id)).get(purpose)
    if newest is not None and newest.status is AssignmentStatus.CALLING and newest.taken_by is None:
        return
    desk = await desk_team(turn)
    ladder = Ladder.model_validate(desk["ladder"])
    if purpose is Purpose.EMERGENCY_SERVICE:
        ladder = calling.from_level(ladder, Level.LEAD)
    await assignments.make(
        turn.tx,
        Assignment(
            subject_id=case.case_id,
            subject_kind="case",
            purpose=purpose,
            urgency=case.urgency,
            team_id=desk["team_id"],
            ladder=calling.stamped(ladder, turn.means.scale),
            because=because,
            made_at=turn.now,
            deadline_at=turn.now + within,
        ),
    )
    await timeline.add(turn.tx, case.case_id, "desk_called", turn.now, detail={"purpose": purpose})


async def desk_team(turn: Turn) -> Any:
    """The desk's team; NotReady when there is none."""
    for team in await people.teams(turn.tx):
        if team["is_desk"]:
            return team
    raise NotReady("there is no desk team")


async def last_resort(turn: Turn) -> Any:
    """The team that owns what nobody covers; NotReady when there is none."""
    for team in await people.teams(turn.tx):
        if team["is_last_resort"]:
            return team
    raise NotReady("there is no last-resort team")


def _ladder(turn: Turn, case: Case, team: Any) -> Ladder | None:
    """The team's own ladder where it has one (last resort), else the pack's for this urgency; None is desk only."""
    if case.is_unread_report or (case.is_canary and team["ladder"] is not None):
        return calling.stamped(Ladder.model_validate(team["ladder"]), turn.means.scale)
    plan = turn.means.packs.for_jurisdiction(case.jurisdiction, turn.now.date()).plan_for(case.urgency)
    if plan.ladder is None:
        return None
    ladder = Ladder.model_validate(team["ladder"]) if team["ladder"] is not None else plan.ladder
    if plan.start == "next_working_day" and plan.working_from and plan.working_until:
        hours = (plan.working_from, plan.working_until)
        ladder = calling.in_working_hours(plan.ladder, turn.now, case.time_zone, hours)
    return calling.stamped(ladder, turn.means.scale)


async def _deadline(turn: Turn, case: Case) -> datetime:
    running = await clock_store.running(turn.tx, case.case_id)
    response = running.get(clocks.RESPONSE)
    return working_deadline(response["due_at"] if response else None, case.child_safe_until, turn.now)
