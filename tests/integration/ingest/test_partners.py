"""Bodies whose systems file with a key: nobody needs one to report, and it opens what was filed with it alone."""

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from infra.ids import new_id
from infra.postgres import Database
from infra.vault import Vault
from ingest.handlers.intake import Intake
from ingest.web.app import create_app
from tests.conftest import DatabaseAs, SettableClock
from tests.integration.ingest.conftest import Kept

CLINIC_KEY, SCHOOL_KEY, OLD_KEY = "c" * 32, "s" * 32, "o" * 32
PARTNERS = f'{{"clinic": {{"key": "{CLINIC_KEY},{OLD_KEY}"}}, "school": {{"key": "{SCHOOL_KEY}"}}}}'
REPORT = {"narrative": "A child was brought in with burns.", "reporter_role": "health"}
CLINIC, SCHOOL = {"Authorization": f"Bearer {CLINIC_KEY}"}, {"Authorization": f"bearer {SCHOOL_KEY}"}


@pytest.fixture
async def client(intake: Intake, clock: SettableClock) -> AsyncIterator[httpx.AsyncClient]:
    intake.settings.partners = SecretStr(PARTNERS)
    transport = httpx.ASGITransport(create_app(intake, clock), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside:8000") as client:
        yield client


async def filed(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    answer = await client.post("/v1/reports", json=REPORT, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["report_id"])


async def test_whoever_filed_it_may_ask_what_became_of_it_and_nobody_else(client: httpx.AsyncClient) -> None:
    report = await filed(client, CLINIC)
    answer = await client.get(f"/v1/reports/{report}", headers=CLINIC)
    before_the_change = await client.get(f"/v1/reports/{report}", headers={"Authorization": f"Bearer {OLD_KEY}"})
    other = await client.get(f"/v1/reports/{report}", headers=SCHOOL)
    nothing = await client.get(f"/v1/reports/{new_id()}", headers=CLINIC)

    assert (answer.status_code, set(answer.json())) == (200, {"report_id", "state", "received_at"})
    assert answer.json()["state"] == "received"
    assert answer.headers["cache-control"] == "no-store"
    assert before_the_change.status_code == 200
    assert (other.status_code, nothing.status_code) == (404, 404)
    assert other.json() == nothing.json()


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer " + "x" * 32}, {"Authorization": f"Basic {CLINIC_KEY}"}]
)
async def test_anybody_may_report_but_only_a_key_asks_back(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    report = await filed(client, headers)
    assert (await client.get(f"/v1/reports/{report}", headers=headers)).status_code == 401
    assert (await client.get(f"/v1/reports/{report}", headers=CLINIC)).status_code == 404


async def test_a_word_like_a_key_in_other_letters_is_none(client: httpx.AsyncClient) -> None:
    strange = {"Authorization": "Bearer ключ".encode()}
    assert (await client.post("/v1/reports", json=REPORT, headers=strange)).status_code == 201  # type: ignore[arg-type]


async def test_who_adds_words_has_not_filed_it(client: httpx.AsyncClient, db: Database) -> None:
    given = (await client.post("/v1/reports", json=REPORT)).json()
    added = await client.post("/v1/reports", json=REPORT | {"code": given["code"]}, headers=SCHOOL)
    assert added.status_code == 200
    assert (await client.get(f"/v1/reports/{given['report_id']}", headers=SCHOOL)).status_code == 404
    assert await db.pool.fetchval("select count(*) from ingest.for_notifier_partners") == 0


async def test_the_notifier_learns_a_token_and_neither_name_nor_key_is_kept_or_logged(
    client: httpx.AsyncClient, db_as: DatabaseAs, vault: Vault, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    report = await filed(client, CLINIC)
    [row] = await (await db_as("notifier")).pool.fetch("select * from ingest.for_notifier_partners")
    assert list(row.keys()) == ["report_id", "partner_token"]
    assert (str(row["report_id"]), row["partner_token"]) == (report, vault.token("partner", "clinic"))
    everything = str([await kept.rows(table) for table in ("ingest.reports", "ingest.contacts", "infra.outbox")])
    for secret in (CLINIC_KEY, "clinic"):
        assert secret not in everything + caplog.text
