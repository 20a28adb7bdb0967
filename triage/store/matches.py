"""Tokens of clues: kept beside each report, and looked for in others. What they were made from is never here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from infra.postgres import Transaction, queries
from triage.domain.clues import Kind
from triage.domain.likeness import MOST_CARRIERS, kind_between

_sql = queries(Path(__file__).with_suffix(".sql"))

Token = tuple[bytes, Kind]


@dataclass(frozen=True, slots=True)
class Alike:
    """A case that shares clues with another: of which kinds."""

    case_id: UUID
    opened_at: datetime
    kinds: frozenset[Kind]


async def keep(tx: Transaction, report_id: UUID, tokens: frozenset[Token], key_version: str) -> None:
    """Keep the tokens of a report in place of those it had."""
    ordered = sorted(tokens)
    await _sql.keep_tokens(
        tx,
        report_id=report_id,
        tokens=[token for token, _ in ordered],
        kinds=[str(kind) for _, kind in ordered],
        key_version=key_version,
    )


async def pass_over(tx: Transaction, report_id: UUID, key_version: str) -> None:
    """Remember that a report gives no new tokens under a key; what it has stays."""
    await _sql.keep_tokens_key(tx, report_id=report_id, key_version=key_version)


async def without(tx: Transaction, key_version: str) -> list[tuple[UUID, UUID]]:
    """Some reports (with their cases) whose tokens were made under another key, or never."""
    rows = _sql.find_without_tokens(tx, key_version=key_version)
    return [(row["report_id"], row["case_id"]) async for row in rows]


async def alike(tx: Transaction, case_id: UUID, asked: Mapping[bytes, frozenset[Kind]]) -> list[Alike]:
    """The cases that share one of these tokens (with the kinds it has here), common ones left out."""
    rows = _sql.find_alike(tx, case_id=case_id, tokens=list(asked), most=MOST_CARRIERS)
    return [Alike(row["case_id"], row["opened_at"], _kinds(asked, row["shared"])) async for row in rows]


def _kinds(asked: Mapping[bytes, frozenset[Kind]], shared: list[tuple[str, str]]) -> frozenset[Kind]:
    pairs = [(here, Kind(kind)) for token, kind in shared for here in asked[bytes.fromhex(token)]]
    return frozenset(kind_between(here, there) for here, there in pairs)
