"""The weekly samples, the cases drawn for them, and what their readers found."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Connection, Transaction, queries
from schemas.terms import Urgency
from triage.domain.second_reading import Framed, Reading, Sample
from triage.domain.watching import Raises
from triage.domain.weeks import Week

_sql = queries(Path(__file__).with_suffix(".sql"))

Reader = Transaction | Connection


async def plan(tx: Transaction, week: Week, due_at: datetime) -> None:
    """Plan the sample of a week; one that is planned stays as it is."""
    await _sql.plan_sample(tx, week=week.monday, begins_at=week.begins_at, ends_at=week.ends_at, due_at=due_at)


async def next_due(tx: Reader) -> datetime | None:
    """When the next sample is due."""
    due: datetime | None = await _sql.next_due(tx)
    return due


async def lock_due(tx: Transaction, now: datetime) -> Any:
    """The oldest sample that is due (week, begins_at, ends_at, due_at), locked; None when nothing is left to draw."""
    return await _sql.lock_due(tx, now=now)


async def frame(tx: Reader, due: Any) -> list[Framed]:
    """The cases of the week of a due sample as they stand now."""
    rows = _sql.find_frame(tx, begins_at=due["begins_at"], ends_at=due["ends_at"], raised_by=due["due_at"])
    return [Framed(row["case_id"], Urgency(row["urgency"]), row["is_closed"], row["is_raised"]) async for row in rows]


async def keep(tx: Transaction, week: date, drawn: tuple[Sample, str], raises: Raises, now: datetime) -> None:
    """Keep a sample, the seed it was drawn by, and how many cases of its week had been raised."""
    sample, seed = drawn
    await _sql.keep_sample(
        tx,
        week=week,
        now=now,
        seed=seed,
        cases=raises.cases,
        raised=raises.raised,
        urgencies=[each.urgency for each in sample.strata],
        of_cases=[each.cases for each in sample.strata],
        drawn=[each.drawn for each in sample.strata],
    )
    await _sql.keep_entries(
        tx,
        week=week,
        entry_ids=[new_id() for _ in sample.cases],
        case_ids=[each.case_id for each in sample.cases],
        urgencies=[each.urgency for each in sample.cases],
        were_closed=[each.is_closed for each in sample.cases],
    )


async def raises(tx: Reader, since: date, week: date) -> list[Raises]:
    """The raises of the drawn weeks from one up to before another."""
    return [Raises(row["cases"], row["raised"]) async for row in _sql.find_raises(tx, since=since, week=week)]


async def awaiting(tx: Reader, reader: UUID, entry_id: UUID | None = None) -> list[Any]:
    """Drawn cases (or one) that wait for this person; never what they read before or know from the desk."""
    return [row async for row in _sql.find_awaiting(tx, reader=reader, entry_id=entry_id)]


async def lock(tx: Transaction, entry_id: UUID) -> Any:
    """A drawn case under the lock of its row, or None."""
    return await _sql.lock_entry(tx, entry_id=entry_id)


async def add(tx: Transaction, entry_id: UUID, reader: UUID, reading: Reading, now: datetime) -> None:
    """Keep what a reader found."""
    await _sql.add_reading(
        tx, entry_id=entry_id, reader=reader, urgency=reading.urgency, certainty=reading.certainty, now=now
    )


async def readings(tx: Reader, entry_id: UUID) -> list[Urgency]:
    """What the readers of a drawn case found, in the order they read."""
    return [Urgency(row["urgency"]) async for row in _sql.find_readings(tx, entry_id=entry_id)]


async def settle(tx: Transaction, entry_id: UUID, truth: Urgency, now: datetime) -> None:
    """Keep what readers found together."""
    await _sql.settle_entry(tx, entry_id=entry_id, truth=truth, now=now)


async def own(tx: Reader, reader: UUID) -> list[Any]:
    """What a person has read lately."""
    return [row async for row in _sql.find_own(tx, reader=reader)]


async def outcome(tx: Reader, entry_id: UUID, reader: UUID) -> Any:
    """What a person read, and what engine and desk had said; None while they have not read it."""
    return await _sql.find_outcome(tx, entry_id=entry_id, reader=reader)
