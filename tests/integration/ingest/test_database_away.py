import httpx
import pytest

from ingest.handlers.intake import Intake
from tests.integration.ingest.conftest import Provider


@pytest.fixture(autouse=True)
async def away(intake: Intake, client: httpx.AsyncClient) -> None:
    """The database goes away after the app was made."""
    intake.db.pool.terminate()


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/en"), ("POST", "/zh"), ("POST", "/en/follow")])
async def test_a_page_says_in_both_languages_that_nothing_was_received(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    form = {"what": "孩子身上有伤", "code": "0000 0000 0000 0000"} if method == "POST" else None
    page = await client.request(method, path, data=form)

    assert page.status_code == 503
    assert "Retry-After" in page.headers
    for words in ("nothing was received", "没有收到", "110 / 120", "999"):
        assert words in page.text
    assert "We have received" not in page.text
    assert "已收到" not in page.text


async def test_the_api_says_so_too(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/reports", json={"narrative": "A child is crying"})

    assert answer.status_code == 503
    assert "nothing was received" in answer.json()["detail"]
    assert "没有收到" in answer.json()["detail"]
    assert "110 / 120" in answer.json()["emergency"]


async def test_the_provider_is_sent_to_its_fallback(provider: Provider) -> None:
    answer = await provider.post("/twilio/sms", {"MessageSid": "SM1", "From": "+447700900123", "Body": "help"})
    assert answer.status_code == 503
