"""Calling responders, officers and the supervisor: which ladder, who first, from when."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from schemas.ladder import Ladder
from schemas.terms import AssignmentStatus, Level, Purpose, Urgency
from triage.domain import calling, clocks, there
from triage.domain.assignment import Needs, ResponderChoice
from triage.domain.calling import Assignment
from triage.domain.case import Case, Cause, is_raise, working_deadline
from triage.domain.pack import LadderPlan
from triage.handlers.choice import first_responder
from triage.handlers.turn import NotReady, Turn
from triage.store import assignments, desks, people, timeline
from triage.store import clocks as clock_store
from triage.store import there as there_store
from triage.store.assignments import Ground


async def begin(turn: Turn, case: Case, because: Cause) -> Assignment | None:
    """Call responders now, or when the pack says that calling begins; a desk-only case calls nobody."""
    plan = plan_of(turn, case)
    at = calling.begins_at(plan, turn.now, case.time_zone, case.child_safe_until)
    if at is not None and at <= turn.now:
        made = await assign(turn, case, because)
        if made is not None:
            return made
    if at is None or at <= turn.now:
        await clock_store.end(turn.tx, case.case_id, clocks.BEGIN_CALLING, turn.now)
    else:
        await clock_store.restart(turn.tx, case.case_id, [clocks.begin_calling(turn.now, at)])
        await timeline.add(turn.tx, case.case_id, "calling_waits", turn.now, detail={"until": at.isoformat()})
    return None


async def begin_sooner(turn: Turn, case: Case) -> Case:
    """Begin a calling that waits for its hour, where the child's safety now ends before it."""
    waiting = (await clock_store.running(turn.tx, case.case_id)).get(clocks.BEGIN_CALLING)
    plan = plan_of(turn, case)
    at = calling.begins_at(plan, turn.now, case.time_zone, case.child_safe_until)
    if waiting is None or at is None or at >= waiting["due_at"]:
        return case
    made = await begin(turn, case, Cause.BEGAN)
    return case if made is None else untaken(case)


async def call(turn: Turn, case: Case, because: Cause, avoid: UUID | None = None) -> Case:
    """Call responders from the top of the ladder; the case as it then stands."""
    made = await assign(turn, case, because, avoid)
    return case if made is None else untaken(case)


async def call_again(turn: Turn, case: Case, because: Cause, avoid: UUID | None = None) -> Case:
    """Call anew from the top for a case that nobody acts on; the desk is alarmed where nobody is called for such."""
    made = await assign(turn, case, because, avoid)
    if made is None:
        await desks.alarm(turn.tx, f"left_to_desk/{because}", case.case_id, {"because": because}, turn.now)
        return case
    return untaken(case)


def untaken(case: Case) -> Case:
    """Nobody has a case whose responders are called until somebody takes it."""
    return replace(case, taken_by=None, taken_at=None, taken_via=None)


@dataclass(frozen=True, slots=True)
class _Called:
    """A team that can be called for a case: what that rests on, and its ladder."""

    team_id: UUID
    ground: Ground
    ladder: Ladder

    @property
    def has_somebody(self) -> bool:
        """Whether anybody whom the ladder names is on call now and free of a conflict."""
        levels, excluded = {rung.level for rung in self.ladder.rungs}, self.ground.excluded
        return any(row["level"] in levels and row["person_id"] not in excluded for row in self.ground.on_call)


async def assign(turn: Turn, case: Case, because: Cause, avoid: UUID | None = None) -> Assignment | None:
    """Make a new `respond` assignment from the top of the ladder; None when the case is left to the desk.

    Where nobody of the team is on call at any level, the last-resort team is called in its stead, at once.
    """
    called = await _called(turn, case, case.team_id)
    if called is None:
        return None
    chosen = await _first(turn, case, called, avoid)
    stand_in = None if called.has_somebody else await _stand_in(turn, case)
    if stand_in is not None:
        called, chosen = stand_in, await _first(turn, case, stand_in, avoid)
        chosen = replace(chosen, reasons=("last_resort_stands_in", *chosen.reasons))
    first = UUID(chosen.person_id) if chosen.person_id else None
    ground = called.ground
    made = await assignments.make(
        turn.tx,
        Assignment(
            subject_id=case.case_id,
            subject_kind="case",
            purpose=Purpose.RESPOND,
            urgency=case.urgency,
            team_id=called.team_id,
            ladder=called.ladder,
            because=because,
            made_at=turn.now,
            deadline_at=working_deadline(ground.response_due, case.child_safe_until, turn.now),
            first_responder_id=first,
            excluded_responders=ground.excluded,
            reasons=(asdict(chosen),),
        ),
    )
    over = {clocks.BEGIN_CALLING, clocks.FIRST_ACTION, *there.ENDED_BY_NEW_CALLING}
    # A missed arrival stands until somebody is there, or the desk says so.
    over -= {clocks.ARRIVAL} if because is Cause.ARRIVAL_MISSED else set()
    await _end(turn, case, ground.running & over)
    detail = {"number": made.number, "because": because, "first": str(first) if first else None}
    await timeline.add(turn.tx, case.case_id, "assigned", turn.now, detail=detail)
    return made


async def take_over(turn: Turn, case: Case, by: UUID) -> None:
    """The desk has a case that a responder took: an assignment that calls nobody says so to the notifier.

    What was asked of whoever had it ends; who is at the place goes on being asked after.
    """
    before = (await assignments.newest(turn.tx, case.case_id)).get(Purpose.RESPOND)
    if before is None:
        return
    made = replace(before, status=AssignmentStatus.CALLING, because=Cause.TAKEN_OVER, made_at=turn.now, reasons=())
    await assignments.make(turn.tx, made)
    await assignments.end(turn.tx, case.case_id, Purpose.RESPOND, turn.now, AssignmentStatus.TAKEN_AT_DESK, by)
    await _end(turn, case, there.ENDED_BY_NEW_CALLING, by)


async def _called(turn: Turn, case: Case, team_id: UUID) -> _Called | None:
    """A team as it can be called for a case, or None when the case is left to the desk."""
    ground = await assignments.ground(turn.tx, case.case_id, team_id, turn.now)
    if ground is None:
        raise NotReady(f"team {team_id} is gone")
    ladder = _ladder(turn, case, ground.ladder)
    return None if ladder is None else _Called(team_id, ground, ladder)


async def _stand_in(turn: Turn, case: Case) -> _Called | None:
    """The last-resort team, where it has somebody to call; a canary calls nobody but its own."""
    last = next((team["team_id"] for team in await people.teams(turn.tx) if team["is_last_resort"]), None)
    if last is None or last == case.team_id or case.is_canary:
        return None
    called = await _called(turn, case, last)
    return called if called is not None and called.has_somebody else None


async def _end(turn: Turn, case: Case, names: Collection[str], by: UUID | None = None) -> None:
    """End clocks of whoever had the case, with what alarms because they must not go alone."""
    if names:
        await clock_store.end_all(turn.tx, case.case_id, names, turn.now)
    if there.COMPANY in names:
        await there_store.settle_company(turn.tx, case.case_id, turn.now, by)


async def _first(turn: Turn, case: Case, called: _Called, avoid: UUID | None) -> ResponderChoice:
    """Who is called first; that nobody can be sounds the desk's alarm at once."""
    ground, level = called.ground, called.ladder.rungs[0].level
    on_call = [row for row in ground.on_call if row["level"] == level]
    packs = turn.means.packs
    pack = packs.for_jurisdiction(case.jurisdiction, turn.now.date())
    needs = Needs(
        case.language,
        packs.skills.needed(ground.factors),
        pack.may_conflict(ground.factors),
        packs.skills.never_alone if case.urgency is Urgency.IMMEDIATE else frozenset(),
    )
    chosen = first_responder(on_call, needs, ground.excluded, avoid)
    if chosen.person_id is None:
        await desks.alarm(turn.tx, f"nobody_on_call/{level}", case.case_id, {"level": level}, turn.now)
    return chosen


async def call_desk(turn: Turn, case: Case, purpose: Purpose, because: Cause, within: timedelta) -> None:
    """Call the desk's officers to read, or its lead about the emergency service or a clock, unless called already.

    Those called for less than the case now is are called anew. Somebody who is to look after a responder is woken,
    however long the case itself may wait.
    """
    urgency = Urgency.IMMEDIATE if purpose is Purpose.SAFETY else case.urgency
    newest = (await assignments.newest(turn.tx, case.case_id)).get(purpose)
    is_called = newest is not None and newest.status is AssignmentStatus.CALLING and newest.taken_by is None
    if newest is not None and is_called and not is_raise(newest.urgency, urgency):
        return
    desk = await desk_team(turn)
    ladder = Ladder.model_validate(desk["ladder"])
    if purpose is Purpose.EMERGENCY_SERVICE or because is Cause.CLOCK_MISSED:
        ladder = calling.from_level(ladder, Level.LEAD)
    await assignments.make(
        turn.tx,
        Assignment(
            subject_id=case.case_id,
            subject_kind="case",
            purpose=purpose,
            urgency=urgency,
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


def _ladder(turn: Turn, case: Case, own: Any) -> Ladder | None:
    """The team's own ladder where it has one (last resort), else the pack's for this urgency; None is desk only."""
    if own is not None and (case.is_unread_report or case.is_canary):
        return calling.stamped(Ladder.model_validate(own), turn.means.scale)
    ladder = team_ladder(turn, plan_of(turn, case), case.time_zone, own)
    return in_danger(turn, ladder, case.jurisdiction) if ladder is not None else None


def in_danger(turn: Turn, ladder: Ladder, jurisdiction: str) -> Ladder:
    """A ladder that says what to ring in danger at a place: the first number of its pack."""
    pack = turn.means.packs.for_jurisdiction(jurisdiction, turn.now.date())
    return ladder.model_copy(update={"emergency": pack.emergency_numbers[0].number})


def plan_of(turn: Turn, case: Case) -> LadderPlan:
    """How a case is called: as the pack says for its urgency and area."""
    return turn.means.packs.for_jurisdiction(case.jurisdiction, turn.now.date()).plan_for(case.urgency, case.area)


def team_ladder(turn: Turn, plan: LadderPlan, time_zone: str, own: Any) -> Ladder | None:
    """The ladder of a team whose `own` may be None, by which a plan calls from now on; None is desk only."""
    if plan.ladder is None:
        return None
    ladder = Ladder.model_validate(own) if own is not None else plan.ladder
    if plan.start == "next_working_day" and plan.working_from and plan.working_until:
        hours = (plan.working_from, plan.working_until)
        ladder = calling.in_working_hours(plan.ladder, turn.now, time_zone, hours)
    return calling.stamped(ladder, turn.means.scale)
