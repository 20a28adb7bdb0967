"""The offline recovery key: every data key is also wrapped for it, and only its owners can undo that.

Wrapped is `format (1) | recovery key id (8) | ephemeral X25519 public key (32) | AES-256-GCM of the data key`,
under HKDF-SHA256 of the shared secret with both public keys as salt. That key is used once, so its nonce is zero.
"""

import base64
import binascii
import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from infra.vault.envelope import FORMAT, KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES, DataKey, Subject, associated
from infra.vault.errors import RecoveryKeyInvalid, SealBroken

PUBLIC_BYTES = 32
HEAD_BYTES = len(FORMAT) + KEY_ID_BYTES
USED_ONCE = bytes(NONCE_BYTES)


def new_recovery_key() -> X25519PrivateKey:
    """Draw an offline key."""
    return X25519PrivateKey.generate()


def recovery_id(public: X25519PublicKey) -> bytes:
    """A short name of a recovery key, derived from its public half."""
    return hashlib.sha256(b"hotline recovery key id 1" + public.public_bytes_raw()).digest()[:KEY_ID_BYTES]


def wrap(public: X25519PublicKey, subject: Subject, key: DataKey) -> bytes:
    """Encrypt a data key so that only the owners of the recovery key can read it."""
    ephemeral = X25519PrivateKey.generate()
    sent = ephemeral.public_key().public_bytes_raw()
    cipher = _cipher(ephemeral.exchange(public), sent, public)
    head = FORMAT + recovery_id(public)
    return head + sent + cipher.encrypt(USED_ONCE, key.secret, head + associated(subject, "recovery"))


def unwrap(private: X25519PrivateKey, subject: Subject, wrapped: bytes) -> DataKey:
    """Decrypt a data key with the offline key; SealBroken if altered, RecoveryKeyInvalid if for another key."""
    head, sent, body = wrapped[:HEAD_BYTES], wrapped[HEAD_BYTES:][:PUBLIC_BYTES], wrapped[HEAD_BYTES + PUBLIC_BYTES :]
    public = private.public_key()
    if head[:1] != FORMAT or len(sent) != PUBLIC_BYTES:
        raise SealBroken(f"the data key of {subject} for recovery has an unknown format")
    if head[1:] != recovery_id(public):
        raise RecoveryKeyInvalid(f"the data key of {subject} is wrapped for another recovery key")
    try:
        cipher = _cipher(private.exchange(X25519PublicKey.from_public_bytes(sent)), sent, public)
        return DataKey(cipher.decrypt(USED_ONCE, body, head + associated(subject, "recovery")))
    except (InvalidTag, ValueError):
        raise SealBroken(f"the data key of {subject} for recovery was altered") from None


def parse_public(text: str) -> X25519PublicKey:
    """Read the setting: base64 of the 32 bytes of an X25519 public key."""
    return X25519PublicKey.from_public_bytes(_decoded(text, "the public recovery key"))


def public_text(public: X25519PublicKey) -> str:
    """A public key as it stands in the setting."""
    return base64.b64encode(public.public_bytes_raw()).decode()


def private_text(private: X25519PrivateKey) -> str:
    """A private key as it stands in its file: the most secret thing there is."""
    return base64.b64encode(private.private_bytes_raw()).decode() + "\n"


def load_private(path: Path) -> X25519PrivateKey:
    """Read the offline key from a file: base64 of its 32 bytes, or PEM."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecoveryKeyInvalid(f"{path} cannot be read: {error.strerror}") from None
    if not content.startswith(b"-----BEGIN"):
        return X25519PrivateKey.from_private_bytes(_decoded(content.decode("ascii", "replace"), str(path)))
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        raise RecoveryKeyInvalid(f"{path} is not an unencrypted PEM private key") from None
    if not isinstance(key, X25519PrivateKey):
        raise RecoveryKeyInvalid(f"{path} holds a key, but not an X25519 one")
    return key


def _cipher(shared: bytes, sent: bytes, public: X25519PublicKey) -> AESGCM:
    salt = sent + public.public_bytes_raw()
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"hotline 1: recovery").derive(shared))


def _decoded(text: str, what: str) -> bytes:
    try:
        content = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise RecoveryKeyInvalid(f"{what} is not base64") from None
    if len(content) != PUBLIC_BYTES:
        raise RecoveryKeyInvalid(f"{what} has {len(content)} bytes instead of {PUBLIC_BYTES}")
    return content
