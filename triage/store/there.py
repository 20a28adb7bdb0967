"""Responders at a child's place: who is there, when they last gave a sign, on which phones they can be rung."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from infra.postgres import Transaction, queries

_sql = queries(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class There:
    """Somebody at the place, and the last sign they gave."""

    person_id: UUID
    sign_at: datetime


@dataclass(frozen=True, slots=True)
class AskedAfter:
    """Who is called because they did not check in, whether their time to answer still runs, whose silence alarms."""

    called: UUID | None
    is_ringing: bool
    alarmed: UUID | None


async def at_the_place(tx: Transaction, case_id: UUID) -> list[There]:
    """Who is at the place of a case, the longest silent first."""
    return [There(row["person_id"], row["sign_at"]) async for row in _sql.find_there(tx, case_id=case_id)]


async def heard(tx: Transaction, case_id: UUID, person_id: UUID, now: datetime, *, has_left: bool) -> None:
    """Keep that the desk heard of somebody, and that they have left where it was told so."""
    await _sql.keep_heard(tx, case_id=case_id, person_id=person_id, now=now, has_left=has_left)


async def alarmed(tx: Transaction, case_id: UUID, kind: str) -> list[UUID]:
    """Whom an alarm of a kind that sounds about a case names, in the order in which it was sounded for them."""
    return [row["person_id"] async for row in _sql.find_alarmed(tx, case_id=case_id, kind=kind)]


async def add_to_alarm(tx: Transaction, case_id: UUID, kind: str, person_id: UUID) -> None:
    """Let an alarm that sounds be about somebody else besides."""
    await _sql.add_to_alarm(tx, case_id=case_id, kind=kind, person_id=str(person_id))


async def settle_company(tx: Transaction, case_id: UUID, now: datetime, by: UUID | None = None) -> None:
    """End the alarms that somebody must not go alone: they have the case no more, or it is closed. `by`: if known."""
    await _sql.settle_company(tx, case_id=case_id, now=now, by=by)


async def asked_after(tx: Transaction, case_id: UUID) -> AskedAfter:
    """Of whom nothing is heard at the place of a case."""
    row = await _sql.find_asked_after(tx, case_id=case_id)
    return AskedAfter(row["called"], row["is_ringing"], row["alarmed"])


async def phones(tx: Transaction, people: Iterable[UUID]) -> dict[UUID, list[bytes]]:
    """The sealed phones of people (subject person, field `phone`), the preferred one first."""
    found: dict[UUID, list[bytes]] = defaultdict(list)
    async for row in _sql.find_phones(tx, people=list(people)):
        found[row["person_id"]].append(row["number"])
    return found


async def skills(tx: Transaction, person_id: UUID) -> frozenset[str]:
    """The skills of a person."""
    return frozenset(await _sql.find_skills(tx, person_id=person_id) or ())
