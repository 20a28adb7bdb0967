"""What one person is told of when many cases come at once."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Pool, Transaction, queries
from notifier.domain.storm import PURPOSES, WITHIN, Load
from schemas.terms import AlertChannel, Urgency

_sql: Any = queries(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True)
class Waiting:
    """A case that waits for a person; `base` is the first part of their reply pair for it."""

    escalation_id: UUID
    subject_id: UUID
    subject_kind: str
    alias: str
    time_zone: str
    urgency: Urgency
    deadline_at: datetime
    base: str | None


async def waiting(tx: Transaction, person_id: UUID) -> list[Waiting]:
    """Every case that waits for a person, the first due first."""
    purposes = [purpose.value for purpose in PURPOSES]
    found = _sql.list_waiting(tx, person_id=person_id, purposes=purposes)
    return [Waiting(**dict(row) | {"urgency": Urgency(row["urgency"])}) async for row in found]


async def load(tx: Transaction, person_id: UUID, escalation_id: UUID, now: datetime) -> Load:
    """What a person was told of lately, beside one case."""
    since = now - WITHIN
    row = dict(await _sql.find_load(tx, person_id=person_id, escalation_id=escalation_id, since=since))
    channel = row.pop("lost_channel")
    return Load(**row, lost_channel=AlertChannel(channel) if channel else None)


async def gathering(tx: Transaction, person_id: UUID, now: datetime) -> UUID | None:
    """The digest of a person that still gathers."""
    found: UUID | None = await _sql.find_gathering(tx, person_id=person_id, since=now - WITHIN, now=now)
    return found


async def digests(tx: Transaction, escalation_id: UUID, person_id: UUID) -> int:
    """How many digests a person got by way of an escalation."""
    return int(await _sql.count_digests(tx, escalation_id=escalation_id, person_id=person_id))


async def hurry(pool: Pool, alert_id: UUID, now: datetime) -> bool:
    """A digest is not brought: the ladder looks at once at every case it told of. False when there is none.

    A step that is being written has not seen that the digest is lost: it is waited for, each alone.
    """
    folded = [dict(row) async for row in _sql.hurry_folded(pool, alert_id=alert_id, now=now)]
    for left in [each["escalation_id"] for each in folded if each["is_left"]]:
        await _sql.hurry_left(pool, escalation_id=left, now=now)
    return bool(folded)
