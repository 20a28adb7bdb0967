"""A subject's data key and what is sealed under it. Pure: bytes in, bytes out.

Sealed is `format (1) | data key id (8) | nonce (12) | AES-256-GCM ciphertext and tag`; the associated data is the
head, the subject's kind and id, and the field's name, so a value opens only where it belongs.
"""

import hashlib
import os
from typing import Literal, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.vault.errors import SealBroken

FORMAT = b"\x01"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
KEY_BYTES = 32
HEAD_BYTES = len(FORMAT) + KEY_ID_BYTES

SubjectKind = Literal["report", "case", "person", "organisation", "contact"]


class Subject(NamedTuple):
    """Whom or what a sealed value is about; one data key each."""

    kind: SubjectKind
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class DataKey:
    """The key of one subject."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise SealBroken(f"a data key has {len(secret)} bytes instead of {KEY_BYTES}")
        self.secret = secret
        self.id = hashlib.sha256(b"hotline data key id 1" + secret).digest()[:KEY_ID_BYTES]
        self._cipher = AESGCM(secret)

    @classmethod
    def new(cls) -> "DataKey":
        """Draw a key."""
        return cls(AESGCM.generate_key(KEY_BYTES * 8))

    def seal(self, subject: Subject, field: str, value: bytes) -> bytes:
        """Encrypt the value of one field."""
        head = FORMAT + self.id
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + self._cipher.encrypt(nonce, value, head + associated(subject, field))

    def open(self, subject: Subject, field: str, sealed: bytes) -> bytes:
        """Decrypt the value of one field; SealBroken when it is not what was sealed there."""
        head, nonce, body = sealed[:HEAD_BYTES], sealed[HEAD_BYTES:][:NONCE_BYTES], sealed[HEAD_BYTES + NONCE_BYTES :]
        if key_id(sealed) != self.id:
            raise SealBroken(f"{field} of {subject} is sealed under another data key")
        try:
            return self._cipher.decrypt(nonce, body, head + associated(subject, field))
        except InvalidTag:
            raise SealBroken(f"{field} of {subject} was altered, or belongs to another subject or field") from None

    def __repr__(self) -> str:
        return f"DataKey({self.id.hex()})"


def key_id(sealed: bytes) -> bytes:
    """The id of the data key that sealed this; SealBroken when it is no sealed value of a known format."""
    if len(sealed) < HEAD_BYTES + NONCE_BYTES + 16:
        raise SealBroken(f"a sealed value has only {len(sealed)} bytes")
    if sealed[:1] != FORMAT:
        raise SealBroken(f"a sealed value has the unknown format {sealed[0]}")
    return sealed[1:HEAD_BYTES]


def associated(subject: Subject, label: str) -> bytes:
    """Associated data; unambiguous, because the kind holds no zero byte and the id has a fixed length."""
    return subject.kind.encode() + b"\0" + subject.id.bytes + label.encode()
