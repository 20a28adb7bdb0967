"""The rows that figures are computed from, for a bounded time. They name nobody."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from infra.postgres import Connection, Transaction, queries
from schemas.area import UNKNOWN
from schemas.terms import Urgency
from triage.domain.figures import HandledCase, ReadCase
from triage.domain.weeks import Period

_sql = queries(Path(__file__).with_suffix(".sql"))

Reader = Transaction | Connection
NOT_KNOWN = "unknown"
_DIVISIONS = "CN-XZQH"
_COUNTY = 6
"""Digits of a Chinese division code that name a county or district; towns and villages are too small to be told."""


async def handled(tx: Reader, begins_at: datetime, ends_at: datetime) -> list[HandledCase]:
    """What was done with the cases opened between two instants."""
    rows = _sql.find_handled(tx, begins_at=begins_at, ends_at=ends_at)
    return [
        HandledCase(groups(row), row["is_raised"], row["is_lowered"], row["is_closed"], row["waited"])
        async for row in rows
    ]


async def read(tx: Reader, first_week: date, last_week: date) -> list[ReadCase]:
    """The drawn cases of the weeks from one Monday to another whose truth is settled."""
    rows = _sql.find_read(tx, first_week=first_week, last_week=last_week)
    return [_read_case(row) async for row in rows]


async def progress(tx: Reader, period: Period) -> tuple[int, int]:
    """How many cases were drawn for a period, and how many of them are settled."""
    first, last = period.weeks[0].monday, period.weeks[-1].monday
    row = await _sql.find_progress(tx, first_week=first, last_week=last)
    return row["drawn"], row["settled"]


async def unsettled(tx: Reader, period: Period) -> tuple[Urgency, ...]:
    """The urgencies of which no drawn case is settled in some week of a period, the gravest first."""
    first, last = period.weeks[0].monday, period.weeks[-1].monday
    rows = _sql.find_unsettled(tx, first_week=first, last_week=last)
    return tuple(sorted([Urgency(row["urgency"]) async for row in rows], key=lambda each: each.rank))


async def area_names(tx: Reader, areas: Iterable[str]) -> dict[str, Any]:
    """The rows of areas (name_zh, name_en) by group, where they have a name."""
    # What is no code of ours, whatever a sender put there, has no name.
    parts = [split for each in areas if len(split := each.split(" ")) == 3]
    systems, editions, codes = [list(column) for column in zip(*parts, strict=True)] if parts else ([], [], [])
    whole = [
        code.ljust(12, "0") if system == _DIVISIONS else code for system, code in zip(systems, codes, strict=True)
    ]
    rows = _sql.find_area_names(tx, systems=systems, editions=editions, codes=whole)
    return {_area(row["system"], row["edition"], row["code"]): row async for row in rows}


def groups(row: Any) -> dict[str, str]:
    """The groups that a case is in, by dimension."""
    return {
        "language": row["language"],
        "channel": row["channel"] or NOT_KNOWN,
        "reporter": row["reporter_role"] or NOT_KNOWN,
        "area": _area(row["area_system"], row["area_edition"], row["area_code"]),
    }


def _area(system: str, edition: str, code: str | None) -> str:
    if code is None or system == UNKNOWN.system:
        return NOT_KNOWN
    return f"{system} {edition} {code[:_COUNTY] if system == _DIVISIONS else code}"


def _read_case(row: Any) -> ReadCase:
    return ReadCase(
        groups(row),
        row["week"],
        Urgency(row["urgency"]),
        Urgency(row["engine_urgency"]),
        Urgency(row["truth"]),
        tuple(Urgency(each) for each in row["readings"]),
        row["stratum"],
    )
