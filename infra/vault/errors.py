"""What can go wrong with sealing.

VaultError
├── RingInvalid        the ring of master keys is not well-formed
├── RecoveryKeyInvalid the recovery key, public or private, is not well-formed or not the right one
├── VaultMismatch      these keys are not those the database was sealed under: start is refused
├── UnknownMasterKey   a data key is wrapped by a master key that is not in the ring
├── NoSuchKey          nothing was ever sealed for this subject
└── SealBroken         altered, cut short, or opened as another subject or field than it was sealed for
"""


class VaultError(Exception):
    """A value could not be sealed or opened. Messages name subjects by id and never hold a value or a key."""


class RingInvalid(VaultError):
    """The ring is not `<id>:<base64 of 32 bytes>`, the current key first, older ones after commas."""


class RecoveryKeyInvalid(VaultError):
    """The recovery key is not an X25519 key, or not the one that is asked for."""


class VaultMismatch(VaultError):
    """The database was sealed under other keys than those this process was given."""


class UnknownMasterKey(VaultError):
    """A data key is wrapped by a master key that is not in the ring."""


class NoSuchKey(VaultError):
    """The subject has no data key, so nothing was sealed for it."""


class SealBroken(VaultError):
    """The bytes were altered or cut short, or belong to another subject or field."""
