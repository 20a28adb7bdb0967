"""What every handler works with: the transaction it was given, the instant, and what the service was wired with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction
from infra.vault import Vault
from triage.packs import Packs


@dataclass(frozen=True, slots=True)
class Means:
    """What the service was wired with. `scale` shortens ladder waits in a demonstration; 1 in production."""

    packs: Packs
    vault: Vault
    home: str
    scale: float = 1.0
    desk_phone: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One transaction of triage: opened and committed by its caller. `cause` is the event that led to it, if any."""

    tx: Transaction
    means: Means
    now: datetime
    cause: UUID | None = None


class NotReady(Exception):
    """Nobody could be called: a team that must exist is missing. `hotline triage seed-demo` or a roster makes it."""
