from html import unescape

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


async def test_what_was_typed_is_on_the_page_and_is_sent_again_as_the_same_form(client: httpx.AsyncClient) -> None:
    typed = {"form_id": "once", "what": "孩子身上有伤 <b>", "danger_now": "yes", "phone": "twelve", "area": "CN|1|2"}
    page = await client.post("/zh", data=typed)
    text = unescape(page.text)

    assert page.status_code == 503
    assert "孩子身上有伤 <b></textarea>" in text
    assert 'name="form_id" value="once"' in text
    assert 'value="yes" checked' in text
    assert 'value="twelve"' in text
    assert 'name="area" value="CN|1|2"' in text
    assert "再次发送</button>" in text
    assert "您写的内容还在这里" in text


async def test_words_for_a_report_and_its_code_are_on_the_page(client: httpx.AsyncClient) -> None:
    code = "0000 0018 0000 0018"
    added = await client.post("/en/follow/add", data={"code": code, "form_id": "a", "words": "She is at her aunt's"})
    opened = await client.post("/en/follow", data={"code": code})

    assert (added.status_code, opened.status_code) == (503, 503)
    assert "She is at her aunt's</textarea>" in unescape(added.text)
    assert 'name="form_id" value="a"' in added.text
    assert f'value="{code}"' in added.text
    assert f'value="{code}"' in opened.text
    assert "Send again</button>" in added.text


async def test_the_api_says_so_too(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/reports", json={"narrative": "A child is crying"})

    assert answer.status_code == 503
    assert "nothing was received" in answer.json()["detail"]
    assert "没有收到" in answer.json()["detail"]
    assert "110 / 120" in answer.json()["emergency"]


async def test_the_provider_is_sent_to_its_fallback(provider: Provider) -> None:
    answer = await provider.post("/twilio/sms", {"MessageSid": "SM1", "From": "+447700900123", "Body": "help"})
    assert answer.status_code == 503
