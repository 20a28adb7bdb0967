"""Calls as they stand: noted on arrival, given a report as soon as something was said or they are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction, queries

_sql = queries(__file__)


@dataclass(frozen=True)
class CallRow:
    """A call as it stands."""

    jurisdiction: str
    language: str
    report_id: UUID | None
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class NewCall:
    """What is known of a call when it arrives."""

    provider: str
    provider_sid: str
    phone_token: bytes | None
    jurisdiction: str
    language: str
    began_at: datetime


async def open_call(tx: Transaction, new: NewCall) -> CallRow:
    """Note a call if it is not known yet; the call as it stands, locked until the transaction ends."""
    await _sql.add_call(tx, **vars(new))
    call = await lock_call(tx, new.provider, new.provider_sid)
    if call is None:
        raise LookupError(f"call {new.provider_sid} went away while it was read")
    return call


async def lock_call(tx: Transaction, provider: str, sid: str) -> CallRow | None:
    """A call as it stands, locked until the transaction ends."""
    row = await _sql.lock_call(tx, provider=provider, provider_sid=sid)
    return CallRow(**row) if row else None


async def set_language(tx: Transaction, provider: str, sid: str, language: str) -> None:
    """Note the language chosen on a call."""
    await _sql.set_call_language(tx, provider=provider, provider_sid=sid, language=language)


async def set_report(tx: Transaction, provider: str, sid: str, report_id: UUID) -> None:
    """Note the report that a call became."""
    await _sql.set_call_report(tx, provider=provider, provider_sid=sid, report_id=report_id)


async def end(tx: Transaction, provider: str, sid: str, now: datetime) -> None:
    """Note that a call is over."""
    await _sql.end_call(tx, provider=provider, provider_sid=sid, ended_at=now)


async def unreported(tx: Transaction, began_before: datetime) -> list[tuple[str, str]]:
    """Provider and id of calls that began long ago and became no report: their end was never told."""
    return [
        (row["provider"], row["provider_sid"]) async for row in _sql.unreported_calls(tx, began_before=began_before)
    ]


async def reported(tx: Transaction, provider: str, sids: Sequence[str]) -> set[str]:
    """Which of the provider's calls have become a report."""
    return {row["provider_sid"] async for row in _sql.reported_calls(tx, provider=provider, sids=list(sids))}
