"""Signing in and out. Attempts are limited by name and by source; an unknown name takes as long as a known one."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra import audit, buckets
from infra.audit import AuditEntry
from infra.buckets import Bucket
from infra.ids import new_token
from infra.vault import Subject
from triage.console import sessions
from triage.console.frame import Frame
from triage.console.sessions import Session
from triage.store import people

VISIT_COOKIE = "desk_visit"
OWN_PAGE = re.compile(r"/(?!/)[\w/?=&.-]*")
NOBODY = Subject("organisation", UUID(int=0))

# Five attempts, then one in two minutes: slow for whoever guesses, and an officer is never shut out for the night.
BY_NAME = (1 / 120, 5.0)
BY_SOURCE = (1 / 10, 20.0)
# Each takes 64 MiB and a core for a moment; the rest of the desk must go on.
AT_ONCE = 2


@cache
def _nobodys() -> str:
    """The hash of a password that is thrown away."""
    return PasswordHasher().hash(new_token(32))


@dataclass(frozen=True)
class Doorkeeper:
    """Checks passwords. For a name nobody has it checks one that nobody knows."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    nobodys: str = field(default_factory=_nobodys)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Whether a password is the stored one; always as slow."""
        async with self._slots:
            return await asyncio.to_thread(self._verify, password, stored or self.nobodys) and stored is not None

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self.hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


class SignIn:
    """The sign-in page."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._door = Doorkeeper()

    async def show(self, request: Request) -> Response:
        """The empty form."""
        return self._page(request)

    async def submit(self, request: Request) -> Response:
        """Sign in, or say why not; never whether the name exists."""
        form, frame = await request.form(), self._frame
        name, password = str(form.get("username", "")).strip().lower()[:100], str(form.get("password", ""))[:200]
        request.state.kept = {"username": name}
        visit = request.cookies.get(VISIT_COOKIE, "")
        if not visit or not frame.is_form_token(str(form.get("token", "")), visit):
            return self._page(request, "desk_sign_in_again", 403)
        now = frame.service.clock.now()
        wait = await self._wait(request, name, now)
        if wait:
            return self._page(request, "desk_sign_in_wait", 429, wait)
        async with frame.service.db.transaction() as tx:
            account = await people.account(tx, name)
        right = await self._door.is_right(password, account["password_hash"] if account else None)
        if right and account["is_active"]:
            return await self._begin(account, str(form.get("next", "/")), now)
        await self._record(account, "sign_in_refused", now)
        return self._page(request, "desk_sign_in_wrong", 401)

    async def _wait(self, request: Request, name: str, now: datetime) -> timedelta:
        """How long this name or this source must wait; nothing for the first attempts."""
        source = request.client.host if request.client else ""
        waits = [
            await buckets.take(self._frame.service.db.pool, self._bucket("name", name, BY_NAME), now),
            await buckets.take(self._frame.service.db.pool, self._bucket("source", source, BY_SOURCE), now),
        ]
        return max(waits)

    def _bucket(self, kind: str, value: str, pace: tuple[float, float]) -> Bucket:
        # Neither names nor addresses stand in the table: a token that only our key makes does.
        token = self._frame.service.vault.token(f"sign in {kind}", value).hex()
        return Bucket(f"sign in {kind} {token}", rate=pace[0], capacity=pace[1], reserved=0)

    async def _begin(self, account: Any, wanted: str, now: datetime) -> Response:
        settings = self._frame.service.settings
        await self._record(account, "signed_in", now)
        async with self._frame.service.db.transaction() as tx:
            token, _ = await sessions.begin(tx, account, now)
        response = RedirectResponse(wanted if OWN_PAGE.fullmatch(wanted) else "/", 303)
        sessions.keep_cookie(response, settings, sessions.cookie_name(settings), token)
        response.delete_cookie(VISIT_COOKIE)
        return response

    async def _record(self, account: Any, action: str, now: datetime) -> None:
        subject = Subject("person", account["person_id"]) if account else NOBODY
        actor = str(account["person_id"]) if account else "unknown"
        async with self._frame.service.db.transaction() as tx:
            await audit.record(tx, AuditEntry(now, actor, "sign_in", action, subject))

    def _page(
        self, request: Request, message: str = "", status: int = 200, wait: timedelta | None = None
    ) -> Response:
        frame, visit = self._frame, new_token(22)
        words = frame.words(request)
        next_page = request.query_params.get("next", "/")
        response = frame.page(
            request,
            "sign_in.html",
            status,
            message=words.t(message, span=words.span(wait + timedelta(seconds=1)) if wait else "") if message else "",
            username=getattr(request.state, "kept", {}).get("username", ""),
            next_page=next_page if OWN_PAGE.fullmatch(next_page) else "/",
            visit_token=frame.form_token(visit),
        )
        sessions.keep_cookie(response, frame.service.settings, VISIT_COOKIE, visit)
        return response


async def sign_out(frame: Frame, _request: Request, session: Session) -> Response:
    """End the session everywhere."""
    now, settings = frame.service.clock.now(), frame.service.settings
    async with frame.service.db.transaction() as tx:
        await sessions.end(tx, session, now)
        subject = Subject("person", session.person_id)
        await audit.record(tx, AuditEntry(now, str(session.person_id), "sign_in", "signed_out", subject))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(sessions.cookie_name(settings), secure=sessions.is_https(settings), samesite="strict")
    return response
