"""The desk as an app over a real database, with the demonstration's people and reports as ingest publishes them."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import argon2
import httpx
import pytest_asyncio
from pydantic import SecretStr
from starlette.applications import Starlette

from infra.ids import new_id
from infra.postgres import Listener
from infra.service import Service
from infra.settings import Env, Settings
from tests.integration.triage.conftest import Hotline, hotline, quick_hashes, report, template, update, vault
from triage.console import console_app

__all__ = ["Desk", "desk", "hotline", "quick_hashes", "report", "template", "update", "vault"]

PASSWORD = "a right long passphrase"
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
TOKEN = re.compile(r'name="token" value="([^"]+)"')


def browser(app: Starlette) -> httpx.AsyncClient:
    """A browser that is at the desk."""
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers={"accept-language": "en"})


@dataclass
class Desk:
    """The desk's app, its service, and a browser without script."""

    hotline: Hotline
    service: Service
    app: Starlette
    client: httpx.AsyncClient

    def browser(self) -> httpx.AsyncClient:
        """Another browser."""
        return browser(self.app)

    async def sign_in(self, username: str = "zhou", password: str = PASSWORD, **more: str) -> httpx.Response:
        """Fill in the sign-in page and send it."""
        return await sign_in(self.client, username, password, **more)

    async def press(self, case_id: UUID, act: str, **fields: str) -> httpx.Response:
        """Open a case and press something on its page, as it is shown."""
        page = (await self.client.get(f"/cases/{case_id}")).text
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version
        fields = {"token": token_in(page), "version": version[1]} | fields
        return await self.client.post(f"/cases/{case_id}/{act}", data=fields)

    async def looks(self, case_id: UUID) -> list[Any]:
        """The record of looks and presses of a case, in order."""
        return list(
            await self.hotline.admin.pool.fetch("select * from infra.audit where case_id = $1 order by seq", case_id)
        )


async def sign_in(client: httpx.AsyncClient, username: str, password: str, **more: str) -> httpx.Response:
    page = await client.get("/sign-in")
    fields = {"token": token_in(page.text), "username": username, "password": password} | more
    return await client.post("/sign-in", data=fields)


def token_in(page: str) -> str:
    """The form token of a page."""
    found = TOKEN.search(page)
    assert found, page
    return found[1]


async def alert(hotline: Hotline, case: Any, person: str, level: str, **given: Any) -> None:
    """One alert of a case's newest calling, as the notifier would have written it."""
    now, escalation_id = hotline.clock.now(), new_id()
    subject = case["case_id"]
    await hotline.admin.pool.execute(
        "insert into notifier.subjects (subject_id, subject_kind, version, alias, time_zone, is_canary, "
        "correlation_id, causation_id, traceparent) values ($1, 'case', 1, $2, 'Asia/Shanghai', false, $1, $1, '') "
        "on conflict do nothing",
        subject,
        case["alias"],
    )
    await hotline.admin.pool.execute(
        "insert into notifier.escalations (escalation_id, subject_id, purpose, number, status, urgency, team_id, "
        "ladder, deadline_at, started_at, next_due_at) values ($1, $2, 'respond', 1, 'calling', 'immediate', $3, "
        "$4, $5, $5, $5) on conflict do nothing",
        escalation_id,
        subject,
        case["team_id"],
        {"rungs": []},
        now,
    )
    kept = await hotline.admin.pool.fetchval(
        "select escalation_id from notifier.escalations where subject_id = $1", subject
    )
    await hotline.admin.pool.execute(
        "insert into notifier.alerts (alert_id, escalation_id, kind, person_id, level, channel, attempt, "
        "is_immediate, state, planned_at, valid_until, sent_at, delivered_at, ended_at) "
        "values ($1, $2, 'alert', $3, $4, 'sms', $5, true, 'delivered', $6, $7, $6, $8, $8)",
        new_id(),
        kept,
        hotline.people[person],
        level,
        given.get("attempt", 1),
        now,
        now + timedelta(minutes=5),
        now + timedelta(seconds=2),
    )


@pytest_asyncio.fixture
async def desk(hotline: Hotline, database_url: str) -> AsyncIterator[Desk]:
    """The desk, whose officers have a known password."""
    await hotline.admin.pool.execute("update triage.accounts set password_hash = $1", QUICK.hash(PASSWORD))
    settings = Settings(
        env=Env.TEST,
        session_secret=SecretStr("a secret for tests that opens nothing"),
        notifier_url="http://notifier.test",
    )
    service = Service("triage", settings, hotline.db, hotline.clock, hotline.vault, Listener(database_url))
    app = await console_app(service, hotline.means)
    async with browser(app) as client:
        yield Desk(hotline, service, app, client)
