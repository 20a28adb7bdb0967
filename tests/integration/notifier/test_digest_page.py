"""The page behind a digest's link: after the PIN the cases that wait, each taken by a press."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from notifier.web.digest_page import SHOWN_FOR
from schemas.terms import Level
from tests.integration.notifier.conftest import PIN, SMS, Night, ladder
from tests.integration.notifier.test_storms import stormed


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


async def told(night: Night, language: str = "en") -> tuple[UUID, list[UUID], str]:
    """Somebody who got a digest of five cases with a link; the person, the cases and the address."""
    li = await night.person("Li", Level.FIRST, language=language)
    cases = await stormed(night, 5, ladder=ladder(SMS, links=True))
    await night.after(seconds=20)
    text = await night.phone(li).receives("5个案，先" if language == "zh" else "5 cases wait")
    return li, cases, "http://" + text.split("http://")[1]


async def shown(browser: httpx.AsyncClient, url: str) -> dict[str, str]:
    """The aliases that are listed, each with the value of its button, after the PIN."""
    return listed((await browser.post(url, data={"act": "pin", "pin": PIN})).text)


def listed(page: str) -> dict[str, str]:
    found = re.findall(r'<h2 id="c\d+">(\w+)</h2>.*?name="case" value="([^"]+)"', page, re.DOTALL)
    return dict(found)


def proof(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_cases_are_listed_after_the_pin_alone_and_the_look_is_on_record(
    night: Night, browser: httpx.AsyncClient, language: str
) -> None:
    li, cases, url = await told(night, language)
    assert "AB00" not in (await browser.get(url)).text
    page = await browser.post(url, data={"act": "pin", "pin": PIN})
    assert list(listed(page.text)) == [f"AB00{number}" for number in range(5)]
    assert ("以前" if language == "zh" else "By ") in page.text or " 前" in page.text
    rows = await night.db.pool.fetch("select actor, case_id, shown from infra.audit where action = 'digest_shown'")
    assert {row["case_id"] for row in rows} == set(cases)
    assert {row["actor"] for row in rows} == {str(li)}


async def test_a_press_takes_one_case_and_the_others_stay_on_the_list(
    night: Night, browser: httpx.AsyncClient
) -> None:
    _, cases, url = await told(night)
    page = (await browser.post(url, data={"act": "pin", "pin": PIN})).text
    press = {"case": listed(page)["AB002"], "shown": proof(page)}
    after = await browser.post(url, data=press)
    assert after.status_code == 200
    assert "You have taken AB002" in after.text
    assert list(listed(after.text)) == ["AB000", "AB001", "AB003", "AB004"]
    await night.status(cases[2], "acknowledged")
    again = await browser.post(url, data=press)
    assert again.status_code == 409
    assert "waits no more" in again.text
    assert await night.one("select count(*) from notifier.escalations where status = 'calling'") == 4


@pytest.mark.parametrize("shown", ["", "x", "9999999999.00", "²²."])
async def test_nothing_is_taken_without_the_pin(night: Night, browser: httpx.AsyncClient, shown: str) -> None:
    _, cases, url = await told(night)
    escalation = await night.one("select escalation_id from notifier.escalations where subject_id = $1", cases[0])
    page = await browser.post(url, data={"case": str(escalation), "shown": shown})
    assert page.status_code == 403
    assert "Enter your PIN again" in page.text
    assert await night.one("select count(*) from notifier.escalations where status = 'calling'") == 5


async def test_the_list_asks_for_the_pin_again_after_ten_minutes(night: Night, browser: httpx.AsyncClient) -> None:
    _, _, url = await told(night)
    page = (await browser.post(url, data={"act": "pin", "pin": PIN})).text
    night.clock.advance(SHOWN_FOR + timedelta(seconds=1))
    late = await browser.post(url, data={"case": listed(page)["AB002"], "shown": proof(page)})
    assert late.status_code == 403


async def test_three_wrong_pins_close_the_page(night: Night, browser: httpx.AsyncClient) -> None:
    _, _, url = await told(night)
    for left in (2, 1):
        page = await browser.post(url, data={"act": "pin", "pin": "0000"})
        assert (page.status_code, f"left: {left}" in page.text) == (403, True)
    await browser.post(url, data={"act": "pin", "pin": "0000"})
    assert not await shown(browser, url)
    assert "three wrong PINs" in (await browser.get(url)).text


async def test_where_no_link_is_allowed_the_text_says_how_to_take_them(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await stormed(night, 5)
    await night.after(seconds=20)
    text = await night.phone(li).receives("5 cases wait")
    assert "http" not in text
    assert "31 I take it" in text
    assert "ring" in text


async def test_whoever_takes_all_of_them_sees_an_empty_list(night: Night, browser: httpx.AsyncClient) -> None:
    _, cases, url = await told(night)
    page = await browser.post(url, data={"act": "pin", "pin": PIN})
    while waiting := listed(page.text):
        page = await browser.post(url, data={"case": next(iter(waiting.values())), "shown": proof(page.text)})
        assert page.status_code == 200
    looks = "select count(*) from infra.audit where action = 'digest_shown' and case_id = $1"
    assert [await night.one(looks, case) for case in cases] == [1, 2, 3, 4, 5]
