"""Notices to reporters: how each may be reached, and what was decided and became of it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.outbox import Trace
from infra.postgres import Transaction, queries
from schemas.terms import AlertChannel

_sql: Any = queries(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True)
class Filed:
    """Which body's system filed a report. `may_conflict`: it was found to be too close to tell it anything."""

    partner_token: bytes
    may_conflict: bool


async def is_decided(tx: Transaction, report_id: UUID, state: str) -> bool:
    """Whether it is decided already what is told; locked until the transaction ends."""
    await _sql.lock_notices(tx, report_id=report_id)
    return bool(await _sql.is_decided(tx, report_id=report_id, state=state))


async def way_back(tx: Transaction, report_id: UUID) -> bytes | None:
    """How the reporter may be reached, sealed under the report, field `way_back`; None when nothing was said."""
    row = await _sql.find_way_back(tx, report_id=report_id)
    return row["way_back"] if row else None


async def earlier(tx: Transaction, report_id: UUID) -> list[str]:
    """The states of earlier notices about a report."""
    return [row["state"] async for row in _sql.find_earlier(tx, report_id=report_id)]


async def has_gateway(tx: Transaction, region: str) -> bool:
    """Whether texts to a country (ISO 3166) go through a gateway of it."""
    return bool(await _sql.has_gateway(tx, region=region))


async def change_channel(tx: Transaction, alert_id: UUID, channel: AlertChannel) -> None:
    """Keep by what a notice really goes."""
    await _sql.change_channel(tx, alert_id=alert_id, channel=channel.value)


async def filed(tx: Transaction, report_id: UUID) -> Filed | None:
    """Which body's system filed a report; None where none did."""
    row = await _sql.find_filed(tx, report_id=report_id)
    return Filed(**row) if row else None


async def is_partner_decided(tx: Transaction, report_id: UUID, state: str) -> bool:
    """Whether it is decided already what that body is told; locked until the transaction ends."""
    await _sql.lock_notices(tx, report_id=report_id)
    return bool(await _sql.is_partner_decided(tx, report_id=report_id, state=state))


async def add_partner(
    tx: Transaction, decided: tuple[UUID, str], alert_id: UUID | None, because: str, now: datetime
) -> None:
    """Keep a decision about the body whose system filed a report, and what it came to."""
    report_id, state = decided
    await _sql.add_partner_notice(tx, report_id=report_id, state=state, alert_id=alert_id, because=because, now=now)


async def add_subject(tx: Transaction, subject_id: UUID, trace: Trace) -> None:
    """Write what a notice is about."""
    await _sql.add_subject(tx, subject_id=subject_id, **asdict(trace))


async def add(tx: Transaction, decided: tuple[UUID, str], alert_id: UUID | None, because: str, now: datetime) -> None:
    """Keep a decision about a report and what it came to."""
    report_id, state = decided
    await _sql.add_notice(tx, report_id=report_id, state=state, alert_id=alert_id, because=because, now=now)
