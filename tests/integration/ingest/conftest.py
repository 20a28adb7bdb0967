"""The real app on a real database; requests as providers, browsers and systems send them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest
from twilio.request_validator import RequestValidator

import ingest
from infra.locales import Locales
from infra.postgres import Database
from infra.settings import Env, Settings
from infra.vault import Subject, Vault
from ingest import packs
from ingest.handlers.intake import Intake
from ingest.web.app import create_app
from schemas.report import Facts, WayBack
from tests.conftest import DatabaseAs, SettableClock

ORIGIN = "https://intake.example"
TOKENS = "the-current-token,the-previous-token"
SECRET = "a secret between us and a gateway"
INTAKE, ALERT = "+15550100001", "+15550100002"
NEIGHBOUR = "+447700900123"
READ_PACKS = Path(ingest.__file__).parent


@dataclass
class Provider:
    """Sends webhooks, signed as the provider signs."""

    client: httpx.AsyncClient
    token: str = "the-current-token"
    sent: int = 0

    async def post(
        self, path: str, params: Mapping[str, str] | list[tuple[str, str]], **headers: str
    ) -> httpx.Response:
        pairs = list(params.items()) if isinstance(params, Mapping) else params
        signature = RequestValidator(self.token).compute_signature(ORIGIN + path, dict(pairs))
        given = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"} | headers
        return await self.client.post(path, content=urlencode(pairs), headers=given)

    async def text(self, body: str, sender: str = NEIGHBOUR, sid: str | None = None) -> str | None:
        """Send a text; the reply to it, None for silence."""
        self.sent += 1
        params = {"MessageSid": sid or f"SM{self.sent:032d}", "From": sender, "To": INTAKE, "Body": body}
        answer = await self.post("/twilio/sms", params)
        assert answer.status_code == 200, answer.text
        return fromstring(answer.text).findtext("Message")  # noqa: S314 - our own answer

    async def step(self, path: str, sid: str = "CA1", sender: str = NEIGHBOUR, **params: str) -> Element:
        """One step of a call; what it says."""
        answer = await self.post(path, {"CallSid": sid, "From": sender, "To": INTAKE, **params})
        assert answer.status_code == 200, answer.text
        return fromstring(answer.text)  # noqa: S314 - our own answer


@dataclass
class Kept:
    """What is in the database, opened."""

    db: Database
    vault: Vault
    tables: list[str] = field(default_factory=list)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.db.pool.fetch(f"select * from {table}")]  # noqa: S608

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        rows = await self.db.pool.fetch("select type, body from infra.outbox order by seq")
        return [(row["type"], row["body"]) for row in rows]

    async def facts(self, row: dict[str, Any]) -> Facts:
        async with self.db.transaction() as tx:
            subject = Subject("report", UUID(str(row["report_id"])))
            return Facts.model_validate_json(await self.vault.open(tx, subject, "facts", row["facts"]))

    async def way_back(self) -> WayBack:
        """The newest word of a reporter on how they may be reached, as the notifier finds it."""
        rows = await self.rows("ingest.for_notifier_ways_back")
        row = max(rows, key=lambda row: int(row["version"]))
        async with self.db.transaction() as tx:
            subject = Subject("report", UUID(str(row["report_id"])))
            return WayBack.model_validate_json(await self.vault.open(tx, subject, "way_back", row["way_back"]))

    async def narratives(self) -> list[str]:
        """The words of every report and update, in order."""
        kept = [*await self.rows("ingest.reports"), *await self.rows("ingest.updates")]
        return [(await self.facts(row)).narrative for row in sorted(kept, key=lambda row: row["received_at"])]


@pytest.fixture
def settings() -> Settings:
    return Settings.model_validate(
        {
            "env": Env.TEST,
            "twilio_auth_token": TOKENS,
            "contacts_secret": SECRET,
            "ingest_url": ORIGIN,
            "intake_number": INTAKE,
            "alert_number": ALERT,
        }
    )


@pytest.fixture
async def intake(db_as: DatabaseAs, vault: Vault, settings: Settings) -> Intake:
    return Intake(await db_as("ingest"), vault, settings, packs.load("CN"), Locales.load(READ_PACKS / "locales"))


@pytest.fixture
async def client(intake: Intake, clock: SettableClock) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(intake, clock), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside:8000") as client:
        yield client


@pytest.fixture
def provider(client: httpx.AsyncClient) -> Provider:
    return Provider(client)


@pytest.fixture
def kept(db: Database, vault: Vault) -> Kept:
    return Kept(db, vault)
