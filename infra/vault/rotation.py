"""Wrapping data keys anew: for a new master key, for a new recovery key, or out of a lost ring.

Sealed values stay as they are. Each batch is a transaction, so a run that was cut short is simply run again.
Search tokens are not made anew: look-ups try every key of the ring, so an older key stays in it while rows with
its tokens live.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from infra.postgres import Connection, queries
from infra.vault import recovery
from infra.vault.envelope import DataKey, Subject
from infra.vault.errors import RecoveryKeyInvalid, SealBroken, VaultError
from infra.vault.ring import MasterKey
from infra.vault.vault import CANARY, HOTLINE, Vault

BATCH = 500
SAMPLE = 50

Say = Callable[[str], None]

_sql = queries(__file__)


@dataclass
class Outcome:
    """How many data keys were wrapped anew, which could not be opened, and how many are left all the same."""

    done: int = 0
    broken: list[str] = field(default_factory=list)
    left: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left that needs the old key."""
        return not self.broken and not self.left


async def rotate(connection: Connection, vault: Vault, say: Say, batch: int = BATCH) -> Outcome:
    """Wrap every data key by the current master key and for the current recovery key."""
    stale = {
        "master_key_id": vault.ring.current.id,
        "recovery_id": recovery.recovery_id(vault.recovery_key),
    }

    def unwrapped(subject: Subject, row: asyncpg.Record) -> DataKey:
        return vault.ring.find(row["master_key_id"]).unwrap(subject, row["wrapped"])

    run = Run(connection, vault, vault.ring.current, unwrapped, say)
    outcome = await run.over(_sql.find_stale, await _sql.count_stale(connection, **stale), batch, **stale)
    outcome.left = await _sql.count_stale(connection, **stale)
    return outcome


async def recover_all(
    connection: Connection, vault: Vault, private: X25519PrivateKey, to: MasterKey, say: Say
) -> Outcome:
    """Open every data key with the offline key and wrap it by a master key: the way back when the ring is lost."""
    unlike = {"master_key_id": to.id}

    def unwrapped(subject: Subject, row: asyncpg.Record) -> DataKey:
        return recovery.unwrap(private, subject, row["recovery_wrapped"])

    run = Run(connection, vault, to, unwrapped, say)
    outcome = await run.over(_sql.find_unlike, await _sql.count_unlike(connection, **unlike), BATCH, **unlike)
    outcome.left = await _sql.count_unlike(connection, **unlike)
    return outcome


async def prove_recovery(connection: Connection, private: X25519PrivateKey, now: datetime) -> int:
    """Open a sample of data keys, and the canary, with the offline key; record that it can be done.

    Returns how many were opened; RecoveryKeyInvalid or SealBroken when one was not, and then nothing is recorded.
    """
    async with connection.transaction():
        sample = [row async for row in _sql.draw_keys(connection, kind=HOTLINE.kind, id=HOTLINE.id, count=SAMPLE)]
        canary = await _sql.find_state(connection, name="canary")
        if canary is None or not sample:
            raise RecoveryKeyInvalid("nothing is sealed yet, so nothing can be proven: start the hotline once")
        keys = {_subject(row): recovery.unwrap(private, _subject(row), row["recovery_wrapped"]) for row in sample}
        if HOTLINE not in keys or keys[HOTLINE].open(HOTLINE, "canary", canary["value"]).decode() != CANARY:
            raise SealBroken("the canary does not open with the recovered key")
        proven = recovery.recovery_id(private.public_key())
        await _sql.set_state(connection, name="recovery_proven", value=proven, at=now)
    return len(keys)


@dataclass
class Run:
    """One pass over data keys in batches, each opened by `unwrapped` and wrapped by `to`."""

    connection: Connection
    vault: Vault
    to: MasterKey
    unwrapped: Callable[[Subject, asyncpg.Record], DataKey]
    say: Say

    async def over(self, find: Any, total: int, batch: int, **which: Any) -> Outcome:
        """Wrap anew all that `find` gives; what cannot be opened is named in the outcome and left as it is."""
        outcome = Outcome()
        after: dict[str, Any] = {"after_kind": "", "after_id": UUID(int=0)}
        while True:
            async with self.connection.transaction():
                rows = [row async for row in find(self.connection, batch=batch, **which, **after)]
                wrapped = [keys for row in rows if (keys := self._rewrapped(row, outcome)) is not None]
                if wrapped:
                    await _sql.rewrap_keys(self.connection, wrapped)
            if not rows:
                return outcome
            outcome.done += len(wrapped)
            after = {"after_kind": rows[-1]["subject_kind"], "after_id": rows[-1]["subject_id"]}
            self.say(f"{outcome.done + len(outcome.broken)} of {total} data keys")

    def _rewrapped(self, row: asyncpg.Record, outcome: Outcome) -> dict[str, Any] | None:
        subject = _subject(row)
        try:
            key = self.unwrapped(subject, row)
        except VaultError as error:
            outcome.broken.append(str(error))
            return None
        return {
            "kind": subject.kind,
            "id": subject.id,
            "master_key_id": self.to.id,
            "wrapped": self.to.wrap(subject, key),
            "recovery_wrapped": recovery.wrap(self.vault.recovery_key, subject, key),
        }


def _subject(row: asyncpg.Record) -> Subject:
    return Subject(row["subject_kind"], row["subject_id"])
