"""The ring of master keys: the first one wraps, every one unwraps, and search tokens are made from each.

Wrapped is `format (1) | nonce (12) | AES-256-GCM of the data key`; the associated data is the subject and the
master key's id. Wrapping and tokens use keys derived from the master key (HKDF-SHA256, RFC 5869), one a purpose.
"""

import base64
import binascii
import hmac
import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.vault.envelope import FORMAT, KEY_BYTES, NONCE_BYTES, DataKey, Subject, associated
from infra.vault.errors import RingInvalid, SealBroken, UnknownMasterKey

TOKEN_FORMAT = b"\x01"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


class MasterKey:
    """One key of the ring, known by its id."""

    def __init__(self, id: str, secret: bytes) -> None:
        if not ID.fullmatch(id):
            raise RingInvalid("a key's id is 1 to 32 letters, digits, dots, hyphens or underscores")
        if len(secret) != KEY_BYTES:
            raise RingInvalid(f"key {id} has {len(secret)} bytes instead of {KEY_BYTES}")
        self.id = id
        self._secret = secret
        self._cipher = AESGCM(derive(secret, "wrap data keys"))
        self._token_keys: dict[str, bytes] = {}

    @classmethod
    def new(cls, id: str) -> "MasterKey":
        """Draw a key."""
        return cls(id, AESGCM.generate_key(KEY_BYTES * 8))

    def wrap(self, subject: Subject, key: DataKey) -> bytes:
        """Encrypt a subject's data key."""
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, key.secret, associated(subject, self.id))

    def unwrap(self, subject: Subject, wrapped: bytes) -> DataKey:
        """Decrypt a subject's data key; SealBroken when this key did not wrap it for this subject."""
        nonce = wrapped[1 : 1 + NONCE_BYTES]
        if wrapped[:1] != FORMAT or len(nonce) < NONCE_BYTES:
            raise SealBroken(f"the data key of {subject} has an unknown format")
        try:
            return DataKey(self._cipher.decrypt(nonce, wrapped[1 + NONCE_BYTES :], associated(subject, self.id)))
        except InvalidTag:
            raise SealBroken(f"the data key of {subject} was not wrapped by this master key {self.id}") from None

    def token(self, purpose: str, value: str) -> bytes:
        """HMAC-SHA256 of a value under this key's token key for the purpose, behind the format."""
        if purpose not in self._token_keys:
            self._token_keys[purpose] = derive(self._secret, f"search tokens: {purpose}")
        return TOKEN_FORMAT + hmac.digest(self._token_keys[purpose], value.encode(), "sha256")

    def entry(self) -> str:
        """This key as it stands in the setting: a secret."""
        return f"{self.id}:{base64.b64encode(self._secret).decode()}"

    def __repr__(self) -> str:
        return f"MasterKey({self.id})"


class KeyRing:
    """Master keys, the current one first."""

    def __init__(self, keys: Sequence[MasterKey]) -> None:
        self._keys = {key.id: key for key in keys}
        if not keys:
            raise RingInvalid("the ring holds no key")
        if len(self._keys) != len(keys):
            raise RingInvalid("two keys of the ring have the same id")
        self.current = keys[0]

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read `<id>:<base64 of 32 bytes>[,…]`. RingInvalid never repeats what it could not read."""
        return cls([_entry(number, part) for number, part in enumerate(text.split(","), 1)])

    @property
    def ids(self) -> list[str]:
        """The ids of all keys, the current one first."""
        return list(self._keys)

    def find(self, id: str) -> MasterKey:
        """A key by its id; UnknownMasterKey when the ring lacks it."""
        if id not in self._keys:
            raise UnknownMasterKey(f"master key {id} is not in the ring (it holds {', '.join(self._keys)})")
        return self._keys[id]

    def tokens(self, purpose: str, value: str) -> tuple[bytes, ...]:
        """The search token of a value under every key, the current one first."""
        return tuple(key.token(purpose, value) for key in self._keys.values())

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._keys)})"


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA256)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"hotline 1: {purpose}".encode()).derive(secret)


def _entry(number: int, text: str) -> MasterKey:
    key_id, colon, encoded = text.strip().partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        colon = ""
    if not colon:
        raise RingInvalid(f"key {number} of the ring is not <id>:<base64 of {KEY_BYTES} bytes>")
    return MasterKey(key_id, secret)
