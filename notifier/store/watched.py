"""Reports with danger now, watched until they have a case or people were called for them."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.outbox import Trace
from infra.postgres import Pool, Transaction, queries

_sql: Any = queries(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True)
class WatchedReport:
    """A report with danger now that should have a case by now."""

    report_id: UUID
    jurisdiction: str
    has_case: bool
    trace: Trace


async def watch(tx: Transaction, report: WatchedReport, received_at: datetime, wait: timedelta) -> None:
    """Look again after `wait` whether a report has a case."""
    await _sql.watch_report(
        tx,
        report_id=report.report_id,
        jurisdiction=report.jurisdiction,
        received_at=received_at,
        look_at=received_at + wait,
        **asdict(report.trace),
    )


async def forget(tx: Transaction, reports: tuple[UUID, ...]) -> list[UUID]:
    """Stop watching reports that have a case; those that people were called for without one."""
    found = _sql.forget_reports(tx, reports=list(reports))
    return [row["report_id"] async for row in found if row["is_called_for"]]


async def claim(tx: Transaction, now: datetime) -> list[WatchedReport]:
    """Watched reports whose time is over, locked."""
    return [
        WatchedReport(
            row["report_id"],
            row["jurisdiction"],
            row["has_case"],
            Trace(row["correlation_id"], row["causation_id"], row["traceparent"]),
        )
        async for row in _sql.claim_watched_reports(tx, now=now)
    ]


async def postpone(tx: Transaction, report_id: UUID, until: datetime) -> None:
    """Look at a report again later."""
    await _sql.postpone_report(tx, report_id=report_id, until=until)


async def uncalled_since(pool: Pool) -> datetime | None:
    """When the report came that has waited longest for a case or a call."""
    received_at: datetime | None = await _sql.find_uncalled(pool)
    return received_at


async def mark_looked_at(tx: Transaction, report_id: UUID) -> None:
    """People are called for this report: look no more."""
    await _sql.mark_looked_at(tx, report_id=report_id)
