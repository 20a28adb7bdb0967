"""Secrets of a demonstration, drawn on first start and kept in the state folder, readable by us alone."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from infra.embedded.errors import FolderDamaged
from infra.settings import variable
from infra.vault.recovery import private_text, public_text
from infra.vault.ring import MasterKey

FILE = "secrets.env"
RECOVERY_FILE = "vault-recovery.key"
_FIRST_KEY = "k1"
_VAULT = ("vault_keys", "vault_recovery_key")


def ensure(state_dir: Path, has_database: bool) -> dict[str, str]:
    """The secrets by name of their setting; drawn and written where there are none yet.

    FolderDamaged when a database stands there whose vault keys are missing: new ones would not open it.
    """
    path = state_dir / FILE
    kept = read(path) if path.exists() else {}
    if has_database and not all(kept.get(variable(name)) for name in _VAULT):
        raise FolderDamaged(
            f"{state_dir} holds a database, but {path} with the keys of what is sealed in it is missing or cut "
            "short. Bring that file back from a backup; remove the whole folder only to begin empty."
        )
    drawn = {} if all(kept.get(variable(name)) for name in _VAULT) else _vault(state_dir)
    missing = {name: value for name, value in {**_tokens(), **drawn}.items() if not kept.get(variable(name))}
    kept |= {variable(name): value for name, value in missing.items()}
    if missing:
        write(path, kept)
    return {name.removeprefix(variable("")).lower(): value for name, value in kept.items()}


def is_new_recovery_key(state_dir: Path) -> bool:
    """Whether the private recovery key still lies on this machine, where it should not stay."""
    return (state_dir / RECOVERY_FILE).exists()


def read(path: Path) -> dict[str, str]:
    """A file of NAME=value lines."""
    pairs = (line.partition("=") for line in path.read_text("utf-8").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def write(path: Path, values: dict[str, str]) -> None:
    """Write NAME=value lines whole or not at all, safe over a power cut, for our eyes alone."""
    _write_private(path, "".join(f"{name}={value}\n" for name, value in values.items()))


def _vault(state_dir: Path) -> dict[str, str]:
    private = X25519PrivateKey.generate()
    # Before the public half is used: a key whose private half was never written could recover nothing.
    _write_private(state_dir / RECOVERY_FILE, private_text(private))
    return {
        "vault_keys": MasterKey.new(_FIRST_KEY).entry(),
        "vault_recovery_key": public_text(private.public_key()),
    }


def _tokens() -> dict[str, str]:
    return {
        "session_secret": secrets.token_urlsafe(32),
        "contacts_secret": secrets.token_urlsafe(32),
        "twilio_account_sid": f"AC{secrets.token_hex(16)}",
        "twilio_auth_token": secrets.token_hex(16),
    }


def _write_private(path: Path, text: str) -> None:
    growing = path.with_name(f"{path.name}.growing")
    growing.unlink(missing_ok=True)
    descriptor = os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    growing.replace(path)
