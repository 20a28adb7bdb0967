"""When the provider's lists were last swept, and what of them is known already."""

from collections.abc import Sequence
from datetime import datetime

from infra.postgres import Transaction, queries

_sql = queries(__file__.replace(".py", ".sql"))


async def swept_at(tx: Transaction) -> datetime | None:
    """When the lists were last swept completely."""
    at: datetime | None = await _sql.swept_at(tx)
    return at


async def set_swept_at(tx: Transaction, at: datetime) -> None:
    """Note a complete sweep."""
    await _sql.set_swept_at(tx, swept_at=at)


async def known(tx: Transaction, sids: Sequence[str]) -> set[str]:
    """Which texts and calls to the alert number reached us already."""
    return {row["provider_sid"] async for row in _sql.known_inbound(tx, sids=list(sids))}
