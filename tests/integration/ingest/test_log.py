"""What ingest logs of a contact: the id that leads to the last alert, and nothing personal."""

import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog

from infra import log
from tests.integration.ingest.conftest import Kept, Provider
from tests.integration.ingest.test_api import REPORT


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, line by line."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    log.configure("ingest", "INFO", stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.contextvars.clear_contextvars()


async def test_one_correlation_id_leads_from_the_first_contact_to_its_events(
    client: httpx.AsyncClient, kept: Kept, lines: io.StringIO
) -> None:
    code = (await client.post("/v1/reports", json=REPORT)).json()["code"]
    await client.post("/v1/reports", json=REPORT | {"code": code})

    said = [json.loads(line) for line in lines.getvalue().splitlines() if "contact_kept" in line]
    [report] = await kept.rows("ingest.reports")
    assert [(line["correlation_id"], line["version"]) for line in said] == [
        (str(report["correlation_id"]), n) for n in (1, 2)
    ]
    assert {str(row["correlation_id"]) for row in await kept.rows("infra.outbox")} == {said[0]["correlation_id"]}
    assert not any(word in line for line in map(json.dumps, said) for word in ("pupil", "7946", code))


async def test_what_is_logged_after_a_contact_was_taken_carries_its_id(provider: Provider, kept: Kept) -> None:
    await provider.text("a child is crying")

    [report] = await kept.rows("ingest.reports")
    assert structlog.contextvars.get_contextvars()["correlation_id"] == str(report["correlation_id"])
