"""The clocks of cases."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction, queries
from triage.domain.clocks import Deadline

_sql = queries(Path(__file__).with_suffix(".sql"))


async def start(tx: Transaction, case_id: UUID, deadlines: Iterable[Deadline]) -> None:
    """Start clocks; one of the same name that runs already goes on."""
    for deadline in deadlines:
        await _sql.start_clock(tx, clock_id=new_id(), case_id=case_id, **asdict(deadline))


async def restart(tx: Transaction, case_id: UUID, deadline: Deadline) -> None:
    """Start a clock anew; the one of the same name that runs ends now."""
    await end(tx, case_id, deadline.name, deadline.started_at)
    await start(tx, case_id, [deadline])


async def bring_forward(tx: Transaction, case_id: UUID, name: str, due_at: datetime) -> None:
    """Let a running clock end sooner; never later."""
    await _sql.bring_forward(tx, case_id=case_id, name=name, due_at=due_at)


async def end(tx: Transaction, case_id: UUID, name: str, now: datetime, answer: dict[str, Any] | None = None) -> bool:
    """End a clock with what was answered; False when none of this name runs."""
    done = await _sql.end_clock(tx, case_id=case_id, name=name, now=now, answer=answer)
    return bool(done != "UPDATE 0")


async def running(tx: Transaction, case_id: UUID) -> dict[str, Any]:
    """The running clocks of a case by name, soonest first."""
    return {row["name"]: row async for row in _sql.find_running(tx, case_id=case_id)}


async def next_due(tx: Transaction, set_aside: Collection[UUID] = ()) -> datetime | None:
    """When the next clock falls due, cases that are set aside left out."""
    due: datetime | None = await _sql.next_due(tx, set_aside=list(set_aside))
    return due


async def due_case(tx: Transaction, now: datetime, set_aside: Collection[UUID] = ()) -> UUID | None:
    """One case with a clock that fell due, locked; cases others work on, or set aside, are passed over."""
    case_id: UUID | None = await _sql.due_case(tx, now=now, set_aside=list(set_aside))
    return case_id


async def breach_due(tx: Transaction, case_id: UUID, now: datetime) -> list[Any]:
    """Record the clocks of a case that fell due as missed, once; returns them."""
    return [row async for row in _sql.breach_due(tx, case_id=case_id, now=now)]
