"""Seals and opens sensitive values under one data key a subject, kept wrapped in the database.

It does not delete: a data key outlives its rows until retention has its own rule.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from infra.postgres import Transaction, queries
from infra.settings import Settings, SettingsError, required, variable
from infra.vault import recovery
from infra.vault.envelope import DataKey, Subject, key_id
from infra.vault.errors import (
    NoSuchKey,
    RecoveryKeyInvalid,
    RingInvalid,
    SealBroken,
    VaultError,
    VaultMismatch,
)
from infra.vault.ring import KeyRing

HOTLINE = Subject("organisation", UUID(int=0))
CANARY = "the keys are the right ones"
CACHED_KEYS = 2048

_sql = queries(__file__)


class Cached(NamedTuple):
    """A data key kept open; only a settled one may seal without a look at the database."""

    key: DataKey
    is_settled: bool


class KeyRow(NamedTuple):
    """A wrapped data key as it is kept."""

    subject_kind: str
    subject_id: UUID
    master_key_id: str
    wrapped: bytes
    recovery_wrapped: bytes


class Vault:
    """Seals and opens in the caller's transaction, with a bounded number of data keys kept open."""

    def __init__(self, ring: KeyRing, recovery_key: X25519PublicKey) -> None:
        self.ring = ring
        self.recovery_key = recovery_key
        self._cache: OrderedDict[Subject, Cached] = OrderedDict()

    @classmethod
    def from_settings(cls, settings: Settings) -> "Vault":
        """The vault of this process; SettingsError names the setting that is missing or malformed."""
        try:
            ring = KeyRing.parse(required(settings.vault_keys, "vault_keys"))
            return cls(ring, recovery.parse_public(required(settings.vault_recovery_key, "vault_recovery_key")))
        except RingInvalid as error:
            raise SettingsError(f"{variable('vault_keys')}: {error}") from None
        except RecoveryKeyInvalid as error:
            raise SettingsError(f"{variable('vault_recovery_key')}: {error}") from None

    async def check(self, tx: Transaction, now: datetime) -> None:
        """Open the canary, sealed at the very first start; VaultMismatch says why this process must not start."""
        strange = [row["master_key_id"] async for row in _sql.find_strange_master_keys(tx, known=self.ring.ids)]
        if strange:
            raise VaultMismatch(
                f"{variable('vault_keys')} lacks {', '.join(strange)}, under which values are sealed: "
                "put it back behind the current key, then run `hotline vault rotate`"
            )
        try:
            canary = await self.open_text(tx, HOTLINE, "canary", await self._canary(tx, now))
        except VaultError as error:
            raise VaultMismatch(f"{variable('vault_keys')} does not open this database: {error}") from error
        if canary != CANARY:
            raise VaultMismatch("the canary was opened and says something else: this is another program's database")

    async def seal(self, tx: Transaction, subject: Subject, field: str, value: str | bytes) -> bytes:
        """Encrypt one field of a subject. The field's name is part of the seal and must never change."""
        return (await self.seal_all(tx, subject, {field: value}))[field]

    async def seal_all(
        self, tx: Transaction, subject: Subject, values: Mapping[str, str | bytes]
    ) -> dict[str, bytes]:
        """Encrypt several fields of a subject with one look at the database."""
        return _sealed(await self._key_for_sealing(tx, subject), subject, values)

    def seal_first(self, subject: Subject, values: Mapping[str, str | bytes]) -> tuple[KeyRow, dict[str, bytes]]:
        """Encrypt fields of a subject that did not exist until now, without a look at the database.

        The caller keeps the row in infra.vault_keys in the very statement that keeps the values.
        """
        key = DataKey.new()
        # Not settled, so that a statement that fails leaves nothing to seal with.
        self._keep(subject, Cached(key, is_settled=False))
        return self._wrapped(subject, key), _sealed(key, subject, values)

    async def open(self, tx: Transaction, subject: Subject, field: str, sealed: bytes) -> bytes:
        """Decrypt one field; SealBroken, NoSuchKey or UnknownMasterKey when that cannot be."""
        wanted = key_id(sealed)
        cached = self._cached(subject)
        if cached is None or cached.key.id != wanted:
            cached = await self._load(tx, subject)
        if cached is None:
            raise NoSuchKey(f"nothing was ever sealed for {subject}")
        return cached.key.open(subject, field, sealed)

    async def open_text(self, tx: Transaction, subject: Subject, field: str, sealed: bytes) -> str:
        """Decrypt one field that was sealed as text."""
        try:
            return (await self.open(tx, subject, field, sealed)).decode()
        except UnicodeDecodeError:
            raise SealBroken(f"{field} of {subject} is not text") from None

    def token(self, purpose: str, value: str) -> bytes:
        """The search token of a value, the same for the same purpose and value; its first byte is its format.

        The caller brings the value into its one form first (digits of a code, E.164). It dies with its row.
        """
        return self.ring.current.token(purpose, value)

    def tokens(self, purpose: str, value: str) -> tuple[bytes, ...]:
        """The tokens of a value under every key of the ring, to find rows older than the last rotation."""
        return self.ring.tokens(purpose, value)

    async def recovery_proven_at(self, tx: Transaction) -> datetime | None:
        """When it was last proven that the present offline recovery key opens what is sealed."""
        proven = await _sql.find_state(tx, name="recovery_proven")
        if proven is None or proven["value"] != recovery.recovery_id(self.recovery_key):
            return None
        at: datetime = proven["at"]
        return at

    async def _canary(self, tx: Transaction, now: datetime) -> bytes:
        found = await _sql.find_state(tx, name="canary")
        if found is None:
            value = await self.seal(tx, HOTLINE, "canary", CANARY)
            await _sql.add_state(tx, name="canary", value=value, at=now)
            found = await _sql.find_state(tx, name="canary")
        sealed: bytes = found["value"]
        return sealed

    async def _key_for_sealing(self, tx: Transaction, subject: Subject) -> DataKey:
        cached = self._cached(subject)
        if cached is not None and cached.is_settled:
            return cached.key
        found = await self._load(tx, subject) if cached is not None else None
        return found.key if found is not None else await self._make(tx, subject)

    async def _make(self, tx: Transaction, subject: Subject) -> DataKey:
        key = DataKey.new()
        added = await _sql.add_key(tx, **self._wrapped(subject, key)._asdict())
        if added == "INSERT 0 1":
            return self._keep(subject, Cached(key, is_settled=False)).key
        found = await self._load(tx, subject)
        if found is None:
            raise NoSuchKey(f"the data key of {subject} went away while it was read")
        return found.key

    def _wrapped(self, subject: Subject, key: DataKey) -> KeyRow:
        current = self.ring.current
        recovery_wrapped = recovery.wrap(self.recovery_key, subject, key)
        return KeyRow(subject.kind, subject.id, current.id, current.wrap(subject, key), recovery_wrapped)

    async def _load(self, tx: Transaction, subject: Subject) -> Cached | None:
        row = await _sql.find_key(tx, kind=subject.kind, id=subject.id)
        if row is None:
            self._cache.pop(subject, None)
            return None
        key = self.ring.find(row["master_key_id"]).unwrap(subject, row["wrapped"])
        return self._keep(subject, Cached(key, row["is_settled"]))

    def _cached(self, subject: Subject) -> Cached | None:
        if subject in self._cache:
            self._cache.move_to_end(subject)
        return self._cache.get(subject)

    def _keep(self, subject: Subject, cached: Cached) -> Cached:
        self._cache[subject] = cached
        self._cache.move_to_end(subject)
        if len(self._cache) > CACHED_KEYS:
            self._cache.popitem(last=False)
        return cached

    def __repr__(self) -> str:
        return f"Vault({self.ring!r})"


def _sealed(key: DataKey, subject: Subject, values: Mapping[str, str | bytes]) -> dict[str, bytes]:
    return {field: key.seal(subject, field, _bytes(value)) for field, value in values.items()}


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
