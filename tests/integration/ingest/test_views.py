"""The contract with the other services: what they may read, and what nobody may change."""

from datetime import time

import asyncpg
import httpx
import pytest

from infra.postgres import Database
from infra.vault import Subject, Vault
from schemas.report import WayBack
from schemas.terms import Answer
from tests.conftest import DatabaseAs
from tests.integration.ingest.conftest import NEIGHBOUR, Provider

REPORT_COLUMNS = (
    "report_id version kind channel jurisdiction area_system area_edition area_code language reporter_role "
    "danger_now answers facts time_zone happened_at first_known_at told_at began_at received_at linked_report_id "
    "is_canary correlation_id reference_token area_place"
)
VIEWS = [
    ("triage", "for_triage_reports", REPORT_COLUMNS),
    ("triage", "for_triage_updates", "update_id report_id version kind channel answers facts began_at received_at"),
    (
        "notifier",
        "for_notifier_reports",
        "report_id jurisdiction area_system area_edition area_code danger_now received_at is_canary",
    ),
    ("notifier", "for_notifier_ways_back", "report_id version way_back received_at"),
]


@pytest.mark.parametrize(("reader", "view", "columns"), VIEWS)
async def test_a_view_has_the_columns_that_were_agreed(
    provider: Provider, db_as: DatabaseAs, reader: str, view: str, columns: str
) -> None:
    await provider.text("A child is crying")
    await provider.text("1")
    await provider.text("1")
    [row, *_] = await (await db_as(reader)).pool.fetch(f"select * from ingest.{view}")  # noqa: S608

    assert " ".join(row.keys()) == columns


@pytest.mark.parametrize("service", ["triage", "notifier"])
async def test_others_read_no_table(db_as: DatabaseAs, service: str) -> None:
    other = await db_as(service)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await other.pool.fetch("select * from ingest.reports")


@pytest.mark.parametrize(
    "change", ["update ingest.{} set channel = 'web'", "delete from ingest.{}", "truncate ingest.{} cascade"]
)
@pytest.mark.parametrize("table", ["reports", "updates"])
async def test_what_was_told_cannot_be_changed_by_anybody(
    provider: Provider, db: Database, table: str, change: str
) -> None:
    await provider.text("A child is crying")
    with pytest.raises(asyncpg.RaiseError, match="insert only"):
        await db.pool.execute(change.format(table))


async def test_the_danger_of_a_report_rises_with_its_updates(provider: Provider, db: Database) -> None:
    for body in ("A child is crying", "1", "1"):
        await provider.text(body)
    row = await db.pool.fetchrow("select danger_now, version from ingest.for_triage_reports")

    assert row is not None
    assert (row["danger_now"], row["version"]) == ("yes", 3)


async def test_the_notifier_may_learn_the_way_back_and_no_more(
    provider: Provider, db_as: DatabaseAs, vault: Vault
) -> None:
    for body in ("A child is crying", "1", "he is drunk", "x"):
        await provider.text(body)
    notifier = await db_as("notifier")
    rows = await notifier.pool.fetch("select * from ingest.for_notifier_ways_back order by version")
    async with notifier.transaction() as tx:
        opened = [
            await vault.open_text(tx, Subject("report", row["report_id"]), "way_back", row["way_back"])
            for row in rows
        ]
    ways = [WayBack.model_validate_json(written) for written in opened]

    assert [row["version"] for row in rows] == [1, 2, 4]
    assert {way.came_from for way in ways} == {NEIGHBOUR}
    assert [way.contact.is_safe_to_text for way in ways] == [Answer.NOT_ASKED, Answer.YES, Answer.NO]
    assert {(way.news_to, way.language, way.contact.wants_news) for way in ways} == {
        (NEIGHBOUR, "en", Answer.NOT_ASKED)
    }


async def test_the_number_that_a_reporter_gave_is_where_news_go(
    client: httpx.AsyncClient, db_as: DatabaseAs, vault: Vault
) -> None:
    contact = {
        "phone": "138 0000 0000",
        "is_safe_to_text": "yes",
        "wants_news": "yes",
        "news_from": "18:00",
        "news_until": "22:00",
    }
    told = {"narrative": "A child is crying", "language": "zh", "contact": contact, "time_zone": "Asia/Shanghai"}
    answer = await client.post("/v1/reports", json=told)
    assert answer.status_code == 201, answer.text
    notifier = await db_as("notifier")
    row = await notifier.pool.fetchrow("select * from ingest.for_notifier_ways_back")
    assert row
    async with notifier.transaction() as tx:
        opened = await vault.open_text(tx, Subject("report", row["report_id"]), "way_back", row["way_back"])
    way = WayBack.model_validate_json(opened)
    assert (way.news_to, way.language, way.time_zone) == ("+8613800000000", "zh", "Asia/Shanghai")
    assert (way.contact.wants_news, way.contact.news_from, way.contact.news_until) == (Answer.YES, time(18), time(22))
