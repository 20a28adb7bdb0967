"""Sealing: AES-256-GCM under a data key per subject, wrapped by a ring of master keys and an offline recovery key."""

from infra.vault.envelope import DataKey, Subject, SubjectKind
from infra.vault.errors import (
    NoSuchKey,
    RecoveryKeyInvalid,
    RingInvalid,
    SealBroken,
    UnknownMasterKey,
    VaultError,
    VaultMismatch,
)
from infra.vault.ring import KeyRing, MasterKey
from infra.vault.vault import KeyRow, Vault

__all__ = [
    "DataKey",
    "KeyRing",
    "KeyRow",
    "MasterKey",
    "NoSuchKey",
    "RecoveryKeyInvalid",
    "RingInvalid",
    "SealBroken",
    "Subject",
    "SubjectKind",
    "UnknownMasterKey",
    "Vault",
    "VaultError",
    "VaultMismatch",
]
