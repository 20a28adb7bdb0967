"""The desk in a real browser: both languages, a narrow phone and a wide desk, light and dark, with axe."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from infra.embedded.ports import free_ports
from infra.web import WebServer
from tests.integration.console.conftest import PASSWORD, Desk, alert, desk, hotline, quick_hashes, report, update
from tests.integration.triage.conftest import CAMDEN, NOWHERE, Reports
from triage.handlers import presses

__all__ = ["desk", "hotline", "quick_hashes", "report", "update"]

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZES = {"phone": (360, 740), "wide": (1440, 900)}
AXE_SECONDS = 20
NARRATIVE = (
    "隔壁有人正在打孩子，孩子一直在哭着喊救命，手里还拿着刀。孩子没有流血，但是脸上有淤青。"
    "她说以前也被打过。我不知道孩子现在安不安全。"
)
ENGLISH = (
    "A boy in my class has bruises on both arms and says his stepfather hit him with a belt last night. "
    "He is afraid to go home. He did not lose consciousness."
)


@dataclass
class Open:
    """A browser at the desk."""

    desk: Desk
    context: BrowserContext
    port: int
    shots: Path
    server: WebServer | None = None
    serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The desk's origin."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Let the desk answer."""
        self.desk.service.stop.clear()
        self.server = WebServer(self.desk.app, "127.0.0.1", self.port)
        self.serving = asyncio.create_task(self.server.serve())

    async def stop(self) -> None:
        """Stop it as its process does: streams end, then the server."""
        assert self.server
        assert self.serving
        self.desk.service.stop.set()
        self.server.should_exit = True
        await self.serving

    async def sign_in(self, username: str = "zhou") -> Page:
        """A page with somebody signed in."""
        page = await self.context.new_page()
        page.set_default_timeout(5000)
        await page.goto(f"{self.url}/sign-in")
        await page.fill("[name=username]", username)
        await page.fill("[name=password]", PASSWORD)
        await page.press("[name=password]", "Enter")
        await page.wait_for_selector("#queue")
        return page

    async def shot(self, page: Page, name: str) -> None:
        """Keep a picture of the whole page."""
        await page.screenshot(path=self.shots / f"{name}.png", full_page=True)


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures go."""
    folder = Path(os.environ.get("HOTLINE_SCREENSHOTS", tmp_path))  # noqa: TID251 - the runner's choice
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@asynccontextmanager
async def opened(desk: Desk, shots: Path, size: str, language: str, dark: bool = False) -> AsyncIterator[Open]:
    listening = asyncio.create_task(desk.service.listener.run())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        width, height = SIZES[size]
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale={"zh": "zh-CN", "en": "en-GB"}[language],
            color_scheme="dark" if dark else "light",
            bypass_csp=True,
        )
        at = Open(desk, context, free_ports(1)[0], shots)
        at.start()
        try:
            yield at
        finally:
            await browser.close()
            await at.stop()
            listening.cancel()


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


async def check(page: Page) -> None:
    """Nothing that axe finds, and nothing wider than the screen."""
    results = await asyncio.wait_for(Axe().run(page), AXE_SECONDS)
    found = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in results.response["violations"]]
    assert not found, found
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    small = await page.evaluate(
        "[...document.querySelectorAll('button, select, input:not([type=hidden]), summary, nav a')]"
        ".filter(e => e.checkVisibility() && !e.closest('.unseen'))"
        ".map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])"
        ".filter(([, box]) => box.height < 24 || box.width < 24).map(([html]) => html)"
    )
    assert not small, small


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_reads_well(
    desk: Desk, night: dict[str, Any], shots: Path, size: str, language: str
) -> None:
    dark = (size, language) in (("wide", "zh"), ("phone", "en"))
    async with opened(desk, shots, size, language, dark) as browser:
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


async def test_without_script_a_case_is_worked_from_end_to_end(
    desk: Desk, night: dict[str, Any], shots: Path
) -> None:
    async with opened(desk, shots, "phone", "en") as browser:
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
    desk: Desk, night: dict[str, Any], report: Reports, shots: Path
) -> None:
    async with opened(desk, shots, "wide", "en") as browser:
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
    desk: Desk, night: dict[str, Any], report: Reports, shots: Path
) -> None:
    async with opened(desk, shots, "wide", "en") as browser:
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
    desk: Desk, night: dict[str, Any], shots: Path
) -> None:
    case_id = night["new"]["case_id"]
    async with opened(desk, shots, "wide", "zh") as browser:
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


async def test_the_keyboard_is_enough(desk: Desk, night: dict[str, Any], shots: Path) -> None:
    async with opened(desk, shots, "wide", "en") as browser:
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
