"""Calling a drill: the real ladder of a team. By night only those who agreed, unless more is asked for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from infra import audit, outbox
from infra.audit import AuditEntry
from infra.ids import new_alias, new_id
from infra.outbox import Trace
from infra.vault import Subject
from schemas.area import UNKNOWN
from schemas.drills import DrillCalled
from schemas.events import AssignmentState
from schemas.ladder import Ladder
from schemas.terms import AssignmentStatus, Purpose, Urgency
from triage.domain.assignment import Needs
from triage.domain.case import Refusal
from triage.domain.drill import TAKEN_UP_WITHIN, Outcome, RungReport, ends_by, is_at_night, outcome_of, rungs_of
from triage.handlers.choice import first_responder
from triage.handlers.publish import announce
from triage.handlers.responders import in_danger, last_resort, team_ladder
from triage.handlers.seen_to import HOTLINE
from triage.handlers.turn import Turn
from triage.store import assignments, drills, people


@dataclass(frozen=True, slots=True)
class Wanted:
    """A drill as it is asked for: of the last-resort team unless one is named. `at_night` wakes everybody."""

    team: str | None = None
    urgency: Urgency = Urgency.IMMEDIATE
    at_night: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """How a drill went."""

    drill: Any
    outcome: Outcome
    rungs: tuple[RungReport, ...]


async def call(turn: Turn, wanted: Wanted, by: str) -> UUID:
    """Call a drill; its id. Refused without such a team, ladder or people, beside another, and when all sleep."""
    await drills.lock(turn.tx)
    team = await _team(turn, wanted.team)
    pack = turn.means.packs.for_jurisdiction(team["jurisdiction"], turn.now.date())
    plan = pack.plan_for(wanted.urgency, await drills.area(turn.tx, team["team_id"]))
    ladder = team_ladder(turn, plan, team["time_zone"], team["ladder"])
    if ladder is None:
        raise Refusal("refusal_drill_no_ladder")
    ladder = in_danger(turn, ladder, team["jurisdiction"])
    if await drills.is_drilling(turn.tx, team["team_id"], turn.now - TAKEN_UP_WITHIN):
        raise Refusal("refusal_drill_already")
    left_alone = await _left_alone(turn, team, ladder, wanted.at_night)
    drill_id, alias, over_by = new_id(), new_alias(), ends_by(ladder, turn.now)
    await drills.add(
        turn.tx,
        ladder,
        drill_id=drill_id,
        alias=alias,
        team_id=team["team_id"],
        urgency=wanted.urgency.value,
        is_at_night=wanted.at_night,
        called_by=by,
        called_at=turn.now,
        over_by=over_by,
    )
    assignment = AssignmentState(
        purpose=Purpose.RESPOND,
        number=1,
        status=AssignmentStatus.CALLING,
        made_at=turn.now,
        deadline_at=over_by,
        urgency=wanted.urgency,
        team_id=team["team_id"],
        first_responder_id=await _first(turn, team, wanted.urgency, ladder, left_alone),
        excluded_responders=left_alone,
        ladder=ladder,
    )
    await _tell(turn, team, (drill_id, alias, assignment), by)
    return drill_id


async def report(turn: Turn, drill_id: UUID) -> Report | None:
    """How a drill goes, or went; None when there is no such one."""
    drill = await drills.find(turn.tx, drill_id)
    if drill is None:
        return None
    ladder = Ladder.model_validate(drill["ladder"])
    began_at = drill["started_at"] or drill["called_at"]
    alerts, empty = await drills.alerts(turn.tx, drill_id), await drills.empty_levels(turn.tx, drill_id)
    outcome = outcome_of(drill["called_at"], drill, turn.now)
    return Report(drill, outcome, tuple(rungs_of(ladder, began_at, alerts, empty)))


async def _team(turn: Turn, slug: str | None) -> Any:
    if slug is None:
        return await last_resort(turn)
    for team in await people.teams(turn.tx):
        if team["slug"] == slug:
            return team
    raise Refusal("refusal_drill_no_team", team=slug)


async def _left_alone(turn: Turn, team: Any, ladder: Ladder, at_night: bool) -> tuple[UUID, ...]:
    """Whom a drill does not call: at night everybody who has not agreed. Refused where nobody is left."""
    until = ends_by(ladder, turn.now)
    levels = [rung.level.value for rung in ladder.rungs]
    # A shift that begins at the very end is asked for too.
    during = (turn.now, until + timedelta(minutes=1))
    on_call = await drills.on_call_during(turn.tx, team["team_id"], levels, during)
    if not on_call:
        raise Refusal("refusal_drill_nobody")
    if at_night or not is_at_night(turn.now, until, team["time_zone"]):
        return ()
    asleep = tuple(sorted(person for person, has_agreed in on_call.items() if not has_agreed))
    if len(asleep) == len(on_call):
        raise Refusal("refusal_drill_night")
    return asleep


async def _first(
    turn: Turn, team: Any, urgency: Urgency, ladder: Ladder, left_alone: tuple[UUID, ...]
) -> UUID | None:
    """Who is called first, by the ranking of a case in the pack's first language that asks for no skill."""
    found = await assignments.ground(turn.tx, None, team["team_id"], turn.now)
    on_call = [row for row in found.on_call if row["level"] == ladder.rungs[0].level] if found else []
    packs = turn.means.packs
    language = packs.for_jurisdiction(team["jurisdiction"], turn.now.date()).languages[0]
    never_alone = packs.skills.never_alone if urgency is Urgency.IMMEDIATE else frozenset[str]()
    chosen = first_responder(on_call, Needs(language, never_alone=never_alone), left_alone, None)
    return UUID(chosen.person_id) if chosen.person_id else None


async def _tell(turn: Turn, team: Any, called: tuple[UUID, str, AssignmentState], by: str) -> None:
    drill_id, alias, assignment = called
    event = DrillCalled(
        version=1,
        subject_id=drill_id,
        alias=alias,
        jurisdiction=team["jurisdiction"],
        area=UNKNOWN,
        time_zone=team["time_zone"],
        assignments=(assignment,),
    )
    await outbox.append(turn.tx, event, Trace.begin(), turn.now)
    subject = Subject("organisation", HOTLINE)
    await audit.record(turn.tx, AuditEntry(turn.now, by, "drill", "drill_called", subject))
    announce(turn)
