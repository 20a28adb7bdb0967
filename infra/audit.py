"""Every look and every change a person makes, written in the transaction of the look or the change.

Entries are insert only. Each holds the digest of the one before it in its chain (a case's, or a subject's outside
any case), so an entry that was altered, removed or slipped in is found by `verify`. Entries cut off the end of a
chain are not: compare with a copy of the newest digest kept elsewhere.
"""

import hashlib
import json
import os
import pwd
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction, queries
from infra.vault import Subject

_sql = queries(Path(__file__).with_suffix(".sql"))

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){0,3}")


class AuditBroken(Exception):
    """A chain of entries is not as it was written: the first entry that does not fit is named."""

    def __init__(self, entry_id: UUID, reason: str) -> None:
        super().__init__(f"audit entry {entry_id} {reason}")
        self.entry_id = entry_id


@dataclass(frozen=True)
class AuditEntry:
    """Who did or saw what, about whom, and why.

    `actor` is a person's or service's id, never a name, or the account of an operator; `shown` holds the names of the
    fields that were shown, never their values; ValueError when one is no name, or when `at` has no time zone.
    """

    at: datetime
    actor: str
    purpose: str
    action: str
    subject: Subject
    case_id: UUID | None = None
    shown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an audit entry needs an instant with its time zone")
        strange = [position for position, name in enumerate(self.shown, 1) if not FIELD_NAME.fullmatch(name)]
        if strange:
            raise ValueError(f"shown holds names of fields, never values: see number {strange}")


async def record(tx: Transaction, entry: AuditEntry) -> None:
    """Add an entry to its chain. The chain is locked until the transaction ends, so do it last."""
    service = await _lock(tx, entry)
    await _sql.add_entry(tx, **_row(entry, service, await _head(tx, entry)))


async def record_each(tx: Transaction, entries: Iterable[AuditEntry]) -> None:
    """Add one entry to the chain of each of several cases, in three statements however many they are.

    The chains are locked in the order of the cases' ids; whoever locks several must keep to it. ValueError for two
    entries of one case, or one outside any.
    """
    given = list(entries)
    by_case = {entry.case_id: entry for entry in given if entry.case_id is not None}
    if len(by_case) != len(given):
        raise ValueError("entries that are added together are each of a case of its own")
    cases = sorted(by_case)
    locked = [row["service"] async for row in _sql.lock_chains(tx, chains=[f"case {each}" for each in cases])]
    heads = {row["case_id"]: row["digest"] async for row in _sql.find_case_heads(tx, case_ids=cases)}
    rows = [_row(by_case[each], service, heads[each]) for each, service in zip(cases, locked, strict=True)]
    await _sql.add_entries(tx, rows)


def _row(entry: AuditEntry, service: str, previous: bytes | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": new_id(),
        "service": service,
        "at": entry.at,
        "actor": entry.actor,
        "purpose": entry.purpose,
        "action": entry.action,
        "subject_kind": entry.subject.kind,
        "subject_id": entry.subject.id,
        "case_id": entry.case_id,
        "shown": list(entry.shown),
        "previous_digest": previous,
    }
    return row | {"digest": digest(row)}


async def verify(tx: Transaction, case_id: UUID) -> int:
    """Count the entries of a case, all of them as they were written; AuditBroken names the first that is not."""
    return await _verified(_sql.find_case_entries(tx, case_id=case_id))


async def verify_subject(tx: Transaction, subject: Subject) -> int:
    """The same for the entries of a subject outside any case."""
    return await _verified(_sql.find_subject_entries(tx, subject_kind=subject.kind, subject_id=subject.id))


def operator() -> str:
    """Who runs a command on this machine, as entries name them: by account, or its number where it has no name."""
    uid = os.getuid()
    try:
        return f"operator:{pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"operator:{uid}"


def digest(row: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical JSON of an entry: sorted keys, no spaces, instants in UTC, bytes as hexadecimal."""
    content = {key: _canonical(value) for key, value in row.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


async def _lock(tx: Transaction, entry: AuditEntry) -> str:
    chain = f"case {entry.case_id}" if entry.case_id else str(entry.subject)
    service: str = (await _sql.lock_chain(tx, chain=chain))["service"]
    return service


async def _head(tx: Transaction, entry: AuditEntry) -> bytes | None:
    found: bytes | None
    if entry.case_id is not None:
        found = await _sql.find_case_head(tx, case_id=entry.case_id)
    else:
        subject = {"subject_kind": entry.subject.kind, "subject_id": entry.subject.id}
        found = await _sql.find_subject_head(tx, **subject)
    return found


async def _verified(entries: AsyncIterator[Mapping[str, Any]]) -> int:
    count, previous = 0, None
    async for entry in entries:
        if entry["digest"] != digest(entry):
            raise AuditBroken(entry["id"], "was altered: its content does not fit its digest")
        if entry["previous_digest"] != previous:
            raise AuditBroken(entry["id"], "does not follow the one before it: an entry was removed or slipped in")
        count, previous = count + 1, entry["digest"]
    return count


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else value
