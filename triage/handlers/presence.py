"""Presence at the desk: confirmed by people, looked at by the timer, called for when nobody confirms."""

from dataclasses import replace
from uuid import UUID

from schemas.ladder import Ladder
from schemas.terms import Level, Purpose, Urgency
from triage.domain import calling
from triage.domain.calling import Assignment
from triage.domain.case import Cause
from triage.domain.desk import ANSWER_WITHIN, Presence, presence
from triage.handlers import responders
from triage.handlers.publish import announce, publish_desk
from triage.handlers.turn import Turn
from triage.store import assignments, desks, timeline
from triage.store.desks import KnownDesk


async def confirm(turn: Turn, person_id: UUID) -> None:
    """Somebody is at the desk; calling for the desk stops."""
    desk = await desks.lock(turn.tx)
    if desk is None:
        return
    await desks.confirm(turn.tx, desk.desk_id, person_id, turn.now)
    if desk.state.absent_since is None:
        announce(turn)
        return
    await assignments.end(turn.tx, desk.desk_id, Purpose.PRESENCE, turn.now)
    await desks.settle_alarms_of(turn.tx, "desk_absent", desk.desk_id, person_id, turn.now)
    await timeline.add(turn.tx, desk.desk_id, "presence_confirmed", turn.now, person_id)
    await publish_desk(turn, replace(desk, state=replace(desk.state, absent_since=None)))


async def leave(turn: Turn, person_id: UUID) -> None:
    """Somebody leaves the desk; whoever else confirmed is still there."""
    desk = await desks.lock(turn.tx)
    if desk is not None:
        await desks.leave(turn.tx, desk.desk_id, person_id, turn.now)
        announce(turn)


async def look(turn: Turn) -> None:
    """Find out whether anybody is at the desk; an absent one is called, once, by the same machinery as responders."""
    desk = await desks.lock(turn.tx)
    if desk is None or presence(desk.state, turn.now) is not Presence.ABSENT or desk.state.absent_since is not None:
        return
    await _call(turn, desk, Cause.DESK_ABSENT)
    await desks.alarm(turn.tx, "desk_absent", desk.desk_id, {}, turn.now)
    await timeline.add(turn.tx, desk.desk_id, "desk_absent", turn.now)
    await publish_desk(turn, replace(desk, state=replace(desk.state, absent_since=turn.now)))


async def call_manager(turn: Turn, because: Cause) -> bool:
    """Call the manager on call about the desk itself, by SMS and voice whatever the desk's ladder names.

    False when there is no desk.
    """
    desk = await desks.lock(turn.tx)
    if desk is None:
        return False
    await _call(turn, desk, because, Level.MANAGER)
    await publish_desk(turn, desk)
    return True


async def answer(turn: Turn, purpose: Purpose, person_id: UUID) -> None:
    """Somebody answered a calling for the desk: it is presence, unless they were called about a roster."""
    if purpose is Purpose.PRESENCE:
        await confirm(turn, person_id)
        return
    desk = await desks.lock(turn.tx)
    if desk is not None:
        await assignments.end(turn.tx, desk.desk_id, purpose, turn.now)
        await publish_desk(turn, desk)


async def _call(turn: Turn, desk: KnownDesk, because: Cause, level: Level = Level.FIRST) -> None:
    """Call for the desk, by its own ladder from a level upwards."""
    team = await responders.desk_team(turn)
    ladder = calling.from_level(Ladder.model_validate(team["ladder"]), level)
    if level is Level.MANAGER:
        ladder = calling.loud(ladder)
    await assignments.make(
        turn.tx,
        Assignment(
            subject_id=desk.desk_id,
            subject_kind="desk",
            purpose=Purpose.ROSTER if because is Cause.ROSTER_GAP else Purpose.PRESENCE,
            urgency=Urgency.URGENT,
            team_id=team["team_id"],
            ladder=calling.stamped(ladder, turn.means.scale),
            because=because,
            made_at=turn.now,
            deadline_at=turn.now + ANSWER_WITHIN,
        ),
    )
