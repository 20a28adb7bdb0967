"""Meanings: which words no model has read yet, and what one made of them."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from uuid import UUID

from infra.postgres import Transaction, queries
from triage.domain.assessment import Meaning

_sql = queries(Path(__file__).with_suffix(".sql"))


async def next_unread(tx: Transaction, aside: Collection[UUID]) -> UUID | None:
    """The report that has waited longest for a model, besides those set aside."""
    found: UUID | None = await _sql.find_unread(tx, aside=list(aside))
    return found


async def keep(tx: Transaction, report: tuple[UUID, int], meaning: Meaning | None) -> bool:
    """Keep what a model made of a report (id, version), None when nothing was written; False when it was kept."""
    told = meaning.model_dump(mode="json") if meaning else None
    is_new = await _sql.keep_meaning(tx, report_id=report[0], report_version=report[1], meaning=told)
    return bool(is_new)


async def late(tx: Transaction, before: datetime) -> int:
    """How many reports have waited for a model since before an instant."""
    count: int = await _sql.count_late(tx, before=before)
    return count
