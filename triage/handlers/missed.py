"""What happens when a clock is missed: it is recorded once, told, and somebody is called. Nothing is closed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from infra.postgres import INFRASTRUCTURE_ERRORS
from schemas.terms import Purpose
from triage.domain import clocks
from triage.domain.case import Case, Cause, Status
from triage.handlers import opening, responders, safety, there
from triage.handlers.publish import publish
from triage.handlers.turn import NotReady, Turn
from triage.store import cases, desks, pairings, timeline
from triage.store import clocks as clock_store


@dataclass(frozen=True, slots=True)
class Failed:
    """A clock that fell due and could not take effect. Nothing of it was written; the error says why."""

    clock_id: UUID
    name: str
    error: Exception


async def miss_due(turn: Turn, case_id: UUID, set_aside: Collection[UUID] = ()) -> list[Failed]:
    """Let the clocks of a case that fell due take effect, each by itself; what others have taken since is gone.

    Returns those that could not, so that none holds the others. Clocks that are set aside are passed over.
    """
    # What rises inside a case raises the one around it: both are locked as a press locks them.
    await pairings.lock_families(turn.tx, case_id)
    case = await cases.lock(turn.tx, case_id)
    if case is None:
        raise NotReady(f"case {case_id} is gone")
    has_effect, failed = False, []
    for due in await clock_store.due(turn.tx, case_id, turn.now, set_aside):
        try:
            async with turn.tx.savepoint():
                clock = await clock_store.breach(turn.tx, due["clock_id"], turn.now)
                if clock is None:  # An earlier one has ended it.
                    continue
                case = await _missed(turn, case, clock)
            has_effect = True
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was is returned, alarmed and tried again
            failed.append(Failed(due["clock_id"], due["name"], error))
    if has_effect:
        await publish(turn, case)
    return failed


async def _missed(turn: Turn, case: Case, clock: Any) -> Case:
    name = clock["name"]
    if name in _INSTANTS:
        return await _INSTANTS[name](turn, case)
    detail = {"clock": name, "due_at": clock["due_at"].isoformat(), "owner": clock["owner"]}
    await timeline.add(turn.tx, case.case_id, "clock_missed", turn.now, detail=detail)
    if name in _OF_THE_DESK:
        return await _OF_THE_DESK[name](turn, case)
    if await there.missed(turn, case, name):
        return case
    if clock["on_breach"] == "start_ladder_again" or name == clocks.RESPONSE:
        return await _silent_past(turn, case, name, detail)
    if name == clocks.REVIEW:
        await clock_store.restart(turn.tx, case.case_id, [opening.review_clock(turn, case)])
    await desks.alarm(turn.tx, f"clock_missed/{name}", case.case_id, detail, turn.now)
    if clock["on_breach"] in ("call_supervisor", "call_lead"):
        await responders.call_desk(turn, case, Purpose.READ, Cause.CLOCK_MISSED, clocks.READ_WITHIN[case.urgency])
    return case


async def _silent_past(turn: Turn, case: Case, name: str, detail: dict[str, Any]) -> Case:
    """Whoever has the case has said nothing by the end of a clock: the ladder starts again, they may answer too.

    That they have not arrived is an alarm besides. Where nobody has the case, people are being called already.
    """
    if name == clocks.RESPONSE:
        await clock_store.restart(turn.tx, case.case_id, [clocks.respond_by(case.urgency, turn.now)])
        return await _call_again(turn, case, Cause.RESPONSE_MISSED)
    if name != clocks.ARRIVAL:
        return await _call_again(turn, case, Cause.FIRST_ACTION_MISSED)
    await desks.alarm(turn.tx, f"clock_missed/{name}", case.case_id, detail, turn.now)
    return case if case.taken_by is None else await _call_again(turn, case, Cause.ARRIVAL_MISSED)


async def _unread(turn: Turn, case: Case) -> Case:
    """Call the desk's officers; an alert that waits for the morning waits no longer."""
    await responders.call_desk(turn, case, Purpose.READ, Cause.UNREAD, clocks.READ_WITHIN[case.urgency])
    plan = responders.plan_of(turn, case)
    running = await clock_store.running(turn.tx, case.case_id)
    if clocks.BEGIN_CALLING in running and plan.start == "by_day":
        return await _call_again(turn, case, Cause.BEGAN)
    return case


async def _service_unanswered(turn: Turn, case: Case) -> Case:
    within = clocks.EMERGENCY_SERVICE_WITHIN
    await responders.call_desk(turn, case, Purpose.EMERGENCY_SERVICE, Cause.EMERGENCY_SERVICE_MISSED, within)
    return case


async def _call_again(turn: Turn, case: Case, because: Cause) -> Case:
    """Start the ladder from the top, unless a named person let the calling rest: then the desk's alarm sounds."""
    if case.status is Status.OPEN:
        return await responders.call_again(turn, case, because)
    await desks.alarm(turn.tx, f"resting/{because}", case.case_id, {"because": because}, turn.now)
    return case


async def _begin(turn: Turn, case: Case) -> Case:
    return await _call_again(turn, case, Cause.BEGAN)


_INSTANTS = {clocks.BEGIN_CALLING: _begin, clocks.SAFETY_ENDS: safety.safety_ends}
"""Clocks that nobody can miss: at their end something begins by itself."""
_OF_THE_DESK = {clocks.READ: _unread, clocks.EMERGENCY_SERVICE: _service_unanswered}
"""Clocks of the desk's own whose end calls its people."""
