"""Ways to people that are tried, and the digests of the codes that were sent there."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.outbox import Trace
from infra.postgres import Transaction, queries
from schemas.ladder import Ladder

sql: Any = queries(__file__.replace(".py", ".sql"))

ANSWERED_WITHIN = timedelta(days=2)
"""A 1 that comes later answers no monthly test: whoever wrote it may mean something else."""


@dataclass(frozen=True)
class NewTrial:
    """One message or call that tries a way. `kind`: code or test."""

    trial_id: UUID
    alert_id: UUID
    escalation_id: UUID
    person_id: UUID
    kind: str
    channel: str
    ladder: Ladder
    valid_until: datetime
    keys: str | None


async def add(tx: Transaction, new: NewTrial, trace: Trace, now: datetime) -> None:
    """Write a trial before it is sent; nothing when it is there already."""
    columns = vars(new) | {"ladder": new.ladder.model_dump(mode="json")}
    await sql.add_trial(tx, **columns, **asdict(trace), now=now)


async def add_code(tx: Transaction, trial_id: UUID, code_hmac: bytes, now: datetime) -> None:
    """Keep the digest of a code of a trial."""
    await sql.add_code(tx, trial_id=trial_id, code_hmac=code_hmac, now=now)


async def answer_test(tx: Transaction, people: Iterable[UUID], now: datetime) -> UUID | None:
    """Who answered the monthly test that was texted to them within ANSWERED_WITHIN; None where nobody was tested."""
    found: UUID | None = await sql.answer_test(tx, people=list(people), since=now - ANSWERED_WITHIN, now=now)
    return found
