"""The desk in a real browser: both languages, a narrow phone and a wide desk, light and dark, with axe."""

from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.looking import SIZES, Opened, check
from tests.integration.console.conftest import PASSWORD, Desk, alert
from tests.integration.triage.conftest import CAMDEN, NOWHERE, Reports
from triage.handlers import presses

pytestmark = pytest.mark.browser

NARRATIVE = (
    "隔壁有人正在打孩子，孩子一直在哭着喊救命，手里还拿着刀。孩子没有流血，但是脸上有淤青。"
    "她说以前也被打过。我不知道孩子现在安不安全。"
)
ENGLISH = (
    "A boy in my class has bruises on both arms and says his stepfather hit him with a belt last night. "
    "He is afraid to go home. He did not lose consciousness."
)


@pytest_asyncio.fixture
async def night(desk: Desk, report: Reports) -> dict[str, Any]:
    """A night with a case of every kind."""
    hotline = desk.hotline
    cases: dict[str, Any] = {}

    async def case(name: str, *said: Any, **given: Any) -> Any:
        event = await report(*said, **given)
        await hotline.receive(event)
        cases[name] = await hotline.case_of(event.report_id)
        return cases[name]

    lost = await case("exhausted", NARRATIVE, NOWHERE, danger_now="yes")
    await hotline.receive(hotline.escalation(lost))
    await hotline.receive(hotline.escalation(lost, status="exhausted", exhausted_at=hotline.clock.now()))
    hotline.clock.advance(timedelta(minutes=3))
    await hotline.take_due()
    await case("urgent", ENGLISH, CAMDEN, jurisdiction="GB-ENG", language="en", danger_now="no")
    taken = await case("taken", NARRATIVE, danger_now="does_not_know")
    by = hotline.people["bj-wang"]
    await hotline.receive(hotline.escalation(taken))
    await hotline.receive(hotline.escalation(taken, acknowledged_by=by, acknowledged_via="sms"))
    await case("quiet", "想问一下，学校门口晚上有没有人值守。")
    hotline.clock.advance(timedelta(seconds=40))
    safe_until = hotline.clock.now() + timedelta(minutes=80)
    new = await case("new", NARRATIVE, danger_now="yes", child_safe_until=safe_until)
    await alert(hotline, new, "bj-li", "first")
    hotline.clock.advance(timedelta(seconds=20))
    return cases


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_reads_well(opened: Opened, night: dict[str, Any], size: str, language: str) -> None:
    dark = (size, language) in (("wide", "zh"), ("phone", "en"))
    async with opened(size, language, dark) as browser:
        page = await browser.context.new_page()
        await page.goto(f"{browser.url}/sign-in")
        await browser.shot(page, f"sign-in-{language}-{size}")
        await check(page)
        page = await browser.sign_in("carter" if language == "en" else "zhou")
        for name, path in (
            ("queue", "/"),
            ("case", f"/cases/{night['new']['case_id']}"),
            ("case-taken", f"/cases/{night['taken']['case_id']}"),
            ("find", "/find?find=ZZ999"),
            ("dead-letters", "/dead-letters"),
            ("not-found", "/nowhere"),
        ):
            await page.goto(f"{browser.url}{path}")
            await browser.shot(page, f"{name}-{language}-{size}{'-dark' if dark else ''}")
            await check(page)


async def test_without_script_a_case_is_worked_from_end_to_end(opened: Opened, night: dict[str, Any]) -> None:
    async with opened("phone", "en") as browser:
        assert browser.context.browser
        plain = await browser.context.browser.new_context(java_script_enabled=False, locale="en-GB")
        page = await plain.new_page()
        await page.goto(f"{browser.url}/cases/{night['new']['case_id']}")
        await page.fill("[name=username]", "zhou")
        await page.fill("[name=password]", PASSWORD)
        await page.click("button:has-text('Sign in')")
        await page.click("button:has-text('I have read this')")
        await page.click("button:has-text('I take it')")
        await page.fill("#note", "the neighbour waits outside")
        await page.click("button:has-text('Keep note')")
        assert "Stopping calls" in await page.inner_text(".head")
        assert "the neighbour waits outside" in await page.inner_text(".timeline")


async def test_a_new_case_appears_by_itself_and_waits_while_the_pointer_is_on_the_list(
    opened: Opened, desk: Desk, night: dict[str, Any], report: Reports
) -> None:
    async with opened("wide", "en") as browser:
        page = await browser.sign_in()
        await expect(page.locator(".row")).to_have_count(5)
        await page.mouse.move(3, 3)
        first = await arrive(desk, report)
        await expect(page.locator(f".row:has-text('{first['alias']}')")).to_be_visible(timeout=4000)
        await expect(page.locator("#live")).to_contain_text(first["alias"])

        await page.hover(".row >> nth=2")
        second = await arrive(desk, report)
        await expect(page.locator("#waiting")).to_contain_text("Changes waiting: 1", timeout=4000)
        await expect(page.locator(f".row:has-text('{second['alias']}')")).to_have_count(0)
        await browser.shot(page, "queue-waiting-en-wide")
        await page.keyboard.press("u")
        await expect(page.locator(f".row:has-text('{second['alias']}')")).to_be_visible()


async def test_a_lost_connection_is_told_and_comes_back(
    opened: Opened, desk: Desk, night: dict[str, Any], report: Reports
) -> None:
    async with opened("wide", "en") as browser:
        page = await browser.sign_in()
        await expect(page.locator("#lost")).to_be_hidden()
        await browser.stop()
        await expect(page.locator("#lost")).to_contain_text("Connection lost")
        await browser.shot(page, "lost-en-wide")
        browser.start()
        await expect(page.locator("#lost")).to_be_hidden(timeout=15_000)
        first = await arrive(desk, report)
        await expect(page.locator(f".row:has-text('{first['alias']}')")).to_be_visible()


async def test_a_change_by_somebody_else_is_told_and_the_note_stays(
    opened: Opened, desk: Desk, night: dict[str, Any]
) -> None:
    case_id = night["new"]["case_id"]
    async with opened("wide", "zh") as browser:
        page = await browser.sign_in()
        await page.goto(f"{browser.url}/cases/{case_id}")
        await page.fill("#note", "邻居在楼下等")
        async with desk.hotline.turn() as turn:
            await presses.mark_read(turn, await desk.hotline.press(case_id, "duty-carter"))
        await expect(page.locator("#changed")).to_be_visible(timeout=4000)
        await page.click("button:has-text('保存记录')")
        await expect(page.locator("#message")).to_be_visible()
        assert await page.input_value("#note") == "邻居在楼下等"
        await browser.shot(page, "changed-zh-wide")
        await page.click("button:has-text('保存记录')")
        await expect(page.locator(".timeline")).to_contain_text("邻居在楼下等")


async def test_the_keyboard_is_enough(opened: Opened, night: dict[str, Any]) -> None:
    async with opened("wide", "en") as browser:
        page = await browser.sign_in()
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("?")
        await expect(page.locator("#keys")).to_be_visible()
        await check(page)
        await page.keyboard.press("Escape")
        await page.keyboard.press("j")
        alias = await page.evaluate("document.activeElement.textContent")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_contain_text(alias.replace("Case ", "").strip())
        await expect(page.locator("#show-keys")).to_be_visible()
        await page.keyboard.press("n")
        assert await page.evaluate("document.activeElement.id") == "note"


async def arrive(desk: Desk, report: Reports) -> Any:
    """One more immediate case."""
    event = await report(danger_now="yes")
    await desk.hotline.receive(event)
    return await desk.hotline.case_of(event.report_id)
