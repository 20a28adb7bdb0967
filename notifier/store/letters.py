"""All that is needed to write one alert, read without a lock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.postgres import Pool, queries
from notifier.domain.calling import DRILL
from notifier.domain.failures import codes_that
from notifier.store.alerts import Claim
from schemas.ladder import Ladder
from schemas.terms import AlertChannel, Purpose, Urgency
from schemas.ways import MARK_LASTS, Preferences

sql: Any = queries(__file__.replace(".py", ".sql"))


@dataclass(frozen=True)
class Letter:
    """All that is needed to write and send one alert. `keys`: take, cannot, begun.

    `phones` are sealed under the person, beside their `positions` and `marks` (known not to work); so is the `email`;
    `taker_name` under who took it. `is_other_sender`: its last try failed for the sake of the number it went from.
    """

    alert_id: UUID
    escalation_id: UUID
    kind: str
    person_id: UUID
    channel: AlertChannel
    attempt: int
    keys: str | None
    is_immediate: bool
    valid_until: datetime
    sending_at: datetime | None
    state: str
    is_unwanted: bool
    sids: list[str]
    purpose: Purpose
    number: int
    urgency: Urgency
    deadline_at: datetime
    ladder: Ladder
    acknowledged_by: UUID | None
    is_calling: bool
    subject_id: UUID
    subject_kind: str
    alias: str
    time_zone: str
    is_canary: bool
    correlation_id: UUID
    language: str
    taker_name: bytes | None
    phones: list[bytes]
    positions: list[int]
    marks: list[bool]
    email: bytes | None
    preferences: Preferences
    is_other_sender: bool
    base: str | None
    failures: int

    @property
    def is_drill(self) -> bool:
        """Whether it is part of an exercise."""
        return self.subject_kind == DRILL


async def letter_rows(pool: Pool, claims: Iterable[Claim]) -> dict[UUID, Mapping[str, Any]]:
    """Everything about alerts in one look, each still to be read by `read_letter`."""
    return {row["alert_id"]: row async for row in _load(pool, [claim.alert_id for claim in claims])}


def _load(pool: Pool, alert_ids: list[UUID]) -> Any:
    codes = codes_that(other_sender=True)
    return sql.load_letters(pool, alert_ids=alert_ids, other_sender=codes, mark_lasts=MARK_LASTS)


async def find_letter(pool: Pool, alert_id: UUID) -> Letter | None:
    """Everything about one alert, if there is such a one."""
    rows = [row async for row in _load(pool, [alert_id])]
    return read_letter(rows[0]) if rows else None


def read_letter(row: Mapping[str, Any]) -> Letter:
    """Everything about one alert."""
    return Letter(
        **dict(row)
        | {
            "channel": AlertChannel(row["channel"]),
            "purpose": Purpose(row["purpose"]),
            "urgency": Urgency(row["urgency"]),
            "ladder": Ladder.model_validate(row["ladder"]),
            "preferences": Preferences.model_validate(row["preferences"] or {}),
        }
    )
