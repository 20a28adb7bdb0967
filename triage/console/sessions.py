"""Sign-ins at the desk: a random cookie of which only a digest is kept, an end, and a limit on idleness."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from infra.ids import new_token
from infra.postgres import Transaction, queries
from infra.settings import Settings
from infra.vault import Subject, Vault, VaultError
from schemas.terms import Role
from triage.domain.case import Actor
from triage.store import people

LASTS = timedelta(hours=12)
IDLE_AFTER = timedelta(minutes=60)
"""Longer than the half hour after which presence is asked for, so that a watched desk is not signed out."""
TOKEN_LENGTH = 43

_sql = queries(__file__)


@dataclass(frozen=True)
class Session:
    """A signed-in person. `digest` names the session and is no secret that opens it."""

    digest: bytes
    account_id: UUID
    person_id: UUID
    name: str
    role: Role
    ends_at: datetime

    @property
    def actor(self) -> Actor:
        """The person as handlers know them."""
        return Actor(self.person_id, self.role)


def cookie_name(settings: Settings) -> str:
    """The name that makes a browser refuse the cookie from anywhere else, where the origin allows it."""
    return "__Host-desk" if is_https(settings) else "desk"


def is_https(settings: Settings) -> bool:
    """Whether cookies may travel over TLS only."""
    return (settings.console_url or "").startswith("https:")


async def begin(tx: Transaction, account: Any, now: datetime) -> tuple[str, bytes]:
    """Sign an account in; returns the cookie's value and its digest."""
    token = new_token(TOKEN_LENGTH)
    digest = _digest(token)
    await people.begin_session(tx, account["account_id"], digest, {"now": now, "ends_at": now + LASTS})
    return token, digest


async def see(tx: Transaction, vault: Vault, token: str | None, now: datetime) -> Session | None:
    """The session of a cookie, or None when there is none, it ended, or it was idle for too long."""
    if not token:
        return None
    digest = _digest(token)
    row = await _sql.look_at_session(tx, token_digest=digest, now=now, idle_since=now - IDLE_AFTER)
    if row is None:
        return None
    name = await _name(tx, vault, row)
    return Session(digest, row["account_id"], row["person_id"], name, Role(row["role"]), row["ends_at"])


async def touch(tx: Transaction, session: Session, now: datetime) -> None:
    """Remember that a person did something; what a page does by itself is not that."""
    await _sql.touch_session(tx, token_digest=session.digest, now=now)


async def end(tx: Transaction, session: Session, now: datetime) -> None:
    """Sign out."""
    await _sql.end_session(tx, token_digest=session.digest, now=now)


def keep_cookie(response: Response, settings: Settings, name: str, value: str) -> None:
    """Give a browser a cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(name, value, httponly=True, samesite="strict", secure=is_https(settings), path="/")


def token_of(request: Request, settings: Settings) -> str | None:
    """The session cookie of a request."""
    return request.cookies.get(cookie_name(settings))


async def _name(tx: Transaction, vault: Vault, row: Any) -> str:
    """The person's name; the name they sign in by, when its seal is broken: the desk stays theirs to work at."""
    try:
        return await vault.open_text(tx, Subject("person", row["person_id"]), "name", row["name"])
    except VaultError:
        return str(row["username"])


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
