"""Assignments, and the mirror of what the notifier says of their escalations."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Transaction, queries
from schemas.events import EscalationState
from schemas.ladder import Ladder
from schemas.terms import AssignmentStatus, Purpose, Urgency
from triage.domain.calling import Assignment
from triage.domain.case import Cause

_sql = queries(Path(__file__).with_suffix(".sql"))
_COLUMNS = tuple(each.name for each in fields(Assignment))


@dataclass(frozen=True, slots=True)
class Ground:
    """What calling for a case rests on.

    `ladder` is the team's own, if it has one; `running` names clocks; `on_call` has a row for each person on call
    now and can be reached: person_id, level, position, language, languages, skills, open_cases. `factors` were found.
    """

    ladder: Any
    excluded: tuple[UUID, ...]
    running: frozenset[str]
    response_due: datetime | None
    factors: frozenset[str]
    on_call: list[Any]


async def ground(tx: Transaction, case_id: UUID | None, team_id: UUID, now: datetime) -> Ground | None:
    """What calling a team for a case, or for an exercise, rests on; None when there is no such team."""
    rows = [row async for row in _sql.find_ground(tx, case_id=case_id, team_id=team_id, now=now)]
    if not rows:
        return None
    first = rows[0]
    return Ground(
        ladder=first["ladder"],
        excluded=tuple(first["excluded"]),
        running=frozenset(first["running"]),
        response_due=first["response_due"],
        factors=frozenset(first["factors"]),
        on_call=[row for row in rows if row["person_id"] is not None],
    )


async def make(tx: Transaction, assignment: Assignment) -> Assignment:
    """Make the next assignment; the one that was calling for this purpose ends in the same statement."""
    columns = {name: getattr(assignment, name) for name in _COLUMNS} | {
        "ladder": assignment.ladder.model_dump(mode="json"),
        "excluded_responders": list(assignment.excluded_responders),
        "reasons": list(assignment.reasons),
    }
    return replace(assignment, number=await _sql.make_assignment(tx, **columns))


async def end(
    tx: Transaction,
    subject_id: UUID,
    purpose: Purpose,
    now: datetime,
    status: AssignmentStatus = AssignmentStatus.ENDED,
    taken_by: UUID | None = None,
) -> bool:
    """End the calling for a purpose, as taken at the desk when `taken_by` is given; False if nothing was calling."""
    done = await _sql.end_calling(
        tx, subject_id=subject_id, purpose=purpose, status=status, taken_by=taken_by, now=now
    )
    return bool(done != "UPDATE 0")


async def newest(tx: Transaction, subject_id: UUID) -> dict[Purpose, Assignment]:
    """The newest assignment of each purpose."""
    rows = [_assignment(row) async for row in _sql.find_newest(tx, subject_id=subject_id)]
    return {each.purpose: each for each in rows}


async def is_acknowledged(tx: Transaction, made: Assignment) -> bool:
    """Whether the notifier has told that somebody took what an assignment calls for."""
    found = await _sql.find_is_acknowledged(tx, subject_id=made.subject_id, purpose=made.purpose, number=made.number)
    return bool(found)


async def mark_taken(tx: Transaction, state: EscalationState, now: datetime) -> None:
    """Record on its assignment who took it, as the notifier said; the alarm that nobody takes the case ends."""
    await _sql.mark_taken(
        tx,
        subject_id=state.subject_id,
        purpose=state.purpose,
        number=state.number,
        taken_by=state.acknowledged_by,
        taken_at=state.acknowledged_at,
        now=now,
    )


async def mirror(tx: Transaction, state: EscalationState) -> tuple[Any, int | None]:
    """Keep what the notifier says of an escalation, unless something newer is known.

    Returns what was known before (None when nothing was) and the newest number of this calling.
    """
    columns = {name: getattr(state, name) for name in _MIRRORED} | {"declined_by": list(state.declined_by)}
    row = await _sql.mirror_escalation(tx, **columns)
    return (row if row["version"] is not None else None), row["newest_number"]


_MIRRORED = (
    "escalation_id",
    "subject_id",
    "purpose",
    "number",
    "version",
    "status",
    "started_at",
    "acknowledged_by",
    "acknowledged_at",
    "acknowledged_via",
    "declined_by",
    "exhausted_at",
    "begun_at",
    "handed_back_at",
    "handed_back_by",
    "facts_at",
    "facts_closed_at",
    "facts_closed_for",
    "arrived_at",
    "checked_in_at",
    "needs_help_at",
    "needs_help_by",
    "not_reached_at",
    "left_at",
)


def _assignment(row: Any) -> Assignment:
    columns = dict(row)
    return Assignment(
        **columns
        | {
            "purpose": Purpose(columns["purpose"]),
            "status": AssignmentStatus(columns["status"]),
            "urgency": Urgency(columns["urgency"]),
            "because": Cause(columns["because"]),
            "ladder": Ladder.model_validate(columns["ladder"]),
            "excluded_responders": tuple(columns["excluded_responders"]),
        }
    )
