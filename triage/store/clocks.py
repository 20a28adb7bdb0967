"""The clocks of cases."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Connection, Transaction, queries
from triage.domain.clocks import Deadline

_sql = queries(Path(__file__).with_suffix(".sql"))


async def start(tx: Transaction, case_id: UUID, deadlines: Sequence[Deadline]) -> None:
    """Start clocks; one of the same name that runs already goes on."""
    await _sql.start_clocks(tx, case_id=case_id, **_columns(deadlines))


async def restart(tx: Transaction, case_id: UUID, deadlines: Sequence[Deadline]) -> None:
    """Start clocks anew; those of the same names that run end now."""
    if deadlines:
        await _sql.restart_clocks(tx, case_id=case_id, **_columns(deadlines))


async def bring_forward(tx: Transaction, case_id: UUID, name: str, due_at: datetime) -> None:
    """Let a running clock end sooner; never later."""
    await _sql.bring_forward(tx, case_id=case_id, name=name, due_at=due_at)


async def end(tx: Transaction, case_id: UUID, name: str, now: datetime, answer: dict[str, Any] | None = None) -> bool:
    """End a clock with what was answered; False when none of this name runs."""
    return await end_all(tx, case_id, (name,), now, answer)


async def end_all(
    tx: Transaction, case_id: UUID, names: Collection[str], now: datetime, answer: dict[str, Any] | None = None
) -> bool:
    """End clocks with what was answered; False when none of these names runs."""
    done = await _sql.end_clocks(tx, case_id=case_id, names=list(names), now=now, answer=answer)
    return bool(done != "UPDATE 0")


async def running(tx: Transaction, case_id: UUID) -> dict[str, Any]:
    """The running clocks of a case by name, soonest first."""
    return {row["name"]: row async for row in _sql.find_running(tx, case_id=case_id)}


async def was_left(tx: Transaction, case_id: UUID, name: str) -> bool:
    """Whether the newest clock of a name was still running when its case was closed."""
    return bool(await _sql.find_was_left(tx, case_id=case_id, name=name))


async def next_due(tx: Transaction | Connection, set_aside: Collection[UUID] = ()) -> datetime | None:
    """When the next clock falls due, cases and clocks that are set aside left out."""
    due: datetime | None = await _sql.next_due(tx, set_aside=list(set_aside))
    return due


async def due_case(tx: Transaction, now: datetime, set_aside: Collection[UUID] = ()) -> UUID | None:
    """One case with a clock that fell due; what others work on now, or is set aside, is passed over.

    Look for it in a transaction of its own: whoever still holds this one lock waits for its family out of order.
    """
    case_id: UUID | None = await _sql.due_case(tx, now=now, set_aside=list(set_aside))
    return case_id


async def due(tx: Transaction, case_id: UUID, now: datetime, set_aside: Collection[UUID] = ()) -> list[Any]:
    """The clocks of a case that fell due, soonest first: clock_id, name."""
    return [row async for row in _sql.find_due(tx, case_id=case_id, now=now, set_aside=list(set_aside))]


async def breach(tx: Transaction, clock_id: UUID, now: datetime) -> Any:
    """Record a clock that fell due as missed, once; its row, or None when it has ended."""
    return await _sql.breach_clock(tx, clock_id=clock_id, now=now)


def _columns(deadlines: Sequence[Deadline]) -> dict[str, list[Any]]:
    return {
        "clock_ids": [new_id() for _ in deadlines],
        "names": [each.name for each in deadlines],
        "started_ats": [each.started_at for each in deadlines],
        "due_ats": [each.due_at for each in deadlines],
        "owners": [each.owner for each in deadlines],
        "on_breaches": [each.on_breach for each in deadlines],
        "sources": [each.source for each in deadlines],
        "are_legal": [each.is_legal for each in deadlines],
    }
