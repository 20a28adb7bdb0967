"""Ways to people that are tried, and the digests of the codes that were sent there."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.outbox import Trace
from infra.postgres import Transaction, queries
from schemas.ladder import Ladder

sql: Any = queries(__file__.replace(".py", ".sql"))


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
