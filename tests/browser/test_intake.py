"""The intake in a real browser, as on a small phone: with and without script, in Chinese and English, with axe."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route

from infra.embedded.ports import free_ports
from infra.postgres import Transaction
from infra.web import WebServer
from ingest.handlers.intake import Intake
from ingest.web.app import create_app
from tests.browser.looking import Album, NewContext, fits, reads_well
from tests.conftest import SettableClock
from tests.integration.ingest.conftest import Kept, intake, kept, settings

__all__ = ["intake", "kept", "settings"]

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 640}
WORDS = "孩子说继父昨晚打了她，手臂上有伤，不敢回家。"


@dataclass
class Reader:
    """Somebody at the intake's pages; every page they see is looked at and kept as a picture."""

    page: Page
    shots: Album
    name: str
    has_script: bool

    async def sees(self, what: str) -> None:
        """A page: it fits the screen, and nobody is shut out of it."""
        await fits(self.page)
        if self.has_script:
            await reads_well(self.page)
        await self.shots.keep(self.page, f"intake-{what}-{self.name}")

    async def press(self, name: str) -> None:
        """Press a button and wait for the page behind it."""
        async with self.page.expect_navigation():
            await self.page.get_by_role("button", name=name, exact=True).first.click()


@pytest_asyncio.fixture
async def origin(intake: Intake, clock: SettableClock) -> AsyncIterator[str]:
    """The intake, served."""
    port = free_ports(1)[0]
    server = WebServer(create_app(intake, clock), "127.0.0.1", port)
    serving = asyncio.create_task(server.serve())
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def fill(page: Page) -> None:
    await page.check("[name=danger_now][value=yes]")
    await page.fill("#what", WORDS)
    await page.fill("#where", "幸福路小学三年级二班")
    await page.fill("#child_safe_until", "16:30")
    await page.fill("#child_age", "9岁")
    await page.fill("#phone", "十二")


async def makes_a_mistake(reader: Reader, origin: str) -> None:
    """A form with a phone number that is none; every word is there again, in the other language too."""
    page = reader.page
    await fill(page)
    await reader.press("发送")
    assert "这不是电话号码" in await page.inner_text(".mistakes")
    assert await page.input_value("#what") == WORDS
    await reader.sees("mistakes")

    await reader.press("English")
    assert page.url == f"{origin}/en"
    assert "not a phone number" in await page.inner_text(".mistakes")
    assert await page.input_value("#what") == WORDS
    assert await page.input_value("#child_safe_until") == "16:30"
    await reader.sees("mistakes-english")
    await reader.press("中文")


async def sends(reader: Reader) -> str:
    """The mended form; the code."""
    page = reader.page
    await page.fill("#phone", "010 0000 0012")
    # Enter sends; it does not press the button of a language.
    async with page.expect_navigation():
        await page.press("#phone", "Enter")
    code = await page.inner_text("#code")
    assert len(code.split()) == 4
    await reader.sees("sent")
    return code


async def follows(reader: Reader, code: str) -> None:
    """What the code opens, and more words."""
    page = reader.page
    await page.click("main a")
    await reader.sees("follow")
    await page.fill("#code", code)
    await reader.press("继续")
    assert "已收到您的报告" in await page.inner_text("main")
    await page.fill("#words", "她现在在姑姑家。")
    await reader.press("补充")
    assert "已收到您补充的内容" in await page.inner_text("main")
    await reader.sees("state")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
async def test_a_report_in_chinese_on_a_small_phone(
    origin: str, new_context: NewContext, shots: Album, kept: Kept, has_script: bool
) -> None:
    context = await new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=has_script)
    page = await context.new_page()
    reader = Reader(page, shots, "script" if has_script else "no-script", has_script)
    await page.goto(origin)
    await reader.sees("form")

    await makes_a_mistake(reader, origin)
    await follows(reader, await sends(reader))

    [report] = await kept.rows("ingest.reports")
    assert await kept.narratives() == [WORDS, "她现在在姑姑家。"]
    assert report["answers"]["child_safe_until"] == "2026-03-04T16:30:00+08:00"


@dataclass
class Outage:
    """The database, which can go away and come back."""

    intake: Intake
    monkeypatch: pytest.MonkeyPatch

    @contextmanager
    def lasts(self) -> Iterator[None]:
        with self.monkeypatch.context() as patched:
            patched.setattr(self.intake.db, "transaction", gone)
            yield


@pytest.fixture
def outage(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> Outage:
    return Outage(intake, monkeypatch)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_was_typed_while_the_database_is_away_is_sent_with_one_press_once_it_is_back(
    origin: str, outage: Outage, new_context: NewContext, shots: Album, kept: Kept, language: str
) -> None:
    again = {"zh": "再次发送", "en": "Send again"}[language]
    context = await new_context(viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    reader = Reader(page, shots, f"no-script-{language}", has_script=False)
    await page.goto(f"{origin}/{language}")
    await reader.sees("form")
    await page.check("[name=danger_now][value=yes]")
    await page.check("[name=injury][value=would_not_say]")
    await page.fill("#what", WORDS)
    await page.fill("#first_known", "昨天 16:30")
    with outage.lasts():
        await press_first(page, "main form#report button")
        await reader.sees("away")
    assert await page.input_value("#what") == WORDS
    assert await page.input_value("#first_known") == "昨天 16:30"
    await reader.press(again)
    code = await page.inner_text("#code")

    await page.goto(f"{origin}/{language}/follow")
    await page.fill("#code", code)
    await press_first(page, "form button")
    await page.fill("#words", "她现在在姑姑家。")
    with outage.lasts():
        await press_first(page, "main form#add button")
        await reader.sees("words-away")
    await reader.press(again)
    await reader.sees("words-added")
    assert await kept.narratives() == [WORDS, "她现在在姑姑家。"]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_refusal_keeps_the_words_or_says_that_it_cannot(
    origin: str, new_context: NewContext, shots: Album, language: str
) -> None:
    context = await new_context(viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    reader = Reader(page, shots, f"no-script-{language}", has_script=False)
    await page.goto(f"{origin}/{language}")
    await page.fill("#what", WORDS)
    await press_first(page, "main form#report button")
    code = await page.inner_text("#code")
    await page.goto(f"{origin}/{language}/follow")
    await page.fill("#code", code)
    await press_first(page, "form button")
    for _ in range(5):
        await page.request.post(f"{origin}/{language}/follow", form={"code": code.replace(" ", "")[:8] + "00000000"})
    await page.fill("#words", WORDS)
    await press_first(page, "form button")
    assert await page.input_value("#words") == WORDS
    await reader.sees("too-many")

    await page.goto(f"{origin}/{language}")
    await page.fill("#what", "长" * 100_000)
    await press_first(page, "main form#report button")
    assert "256 kB" in await page.inner_text("main")
    await reader.sees("too-large")


@asynccontextmanager
async def gone() -> AsyncIterator[Transaction]:
    """A transaction while the database is away."""
    raise ConnectionRefusedError
    yield


async def press_first(page: Page, selector: str) -> None:
    """Press the first button of this kind and wait for the page behind it."""
    async with page.expect_navigation():
        await page.locator(selector).first.click()


@pytest.mark.parametrize("path", ["/en", "/en/follow", "/en/nowhere"])
async def test_english_pages_read_well_on_a_wide_screen(
    origin: str, new_context: NewContext, shots: Album, path: str
) -> None:
    context = await new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = await context.new_page()
    await page.goto(origin + path)

    await Reader(page, shots, "wide", has_script=True).sees(path.strip("/").replace("/", "-"))


async def test_the_exit_leaves_at_once(origin: str, new_context: NewContext) -> None:
    context = await new_context(viewport=PHONE)
    left_for: list[str] = []

    async def outside(route: Route) -> None:
        left_for.append(route.request.url)
        await route.fulfill(body="<p>the weather</p>", content_type="text/html")

    await context.route(re.compile("^https:"), outside)
    page = await context.new_page()
    await page.goto(f"{origin}/en")
    await page.fill("#what", "somebody comes in")
    for _ in range(3):
        await page.keyboard.press("Shift")
    await page.wait_for_selector("text=the weather")

    assert left_for[0].startswith("https://www.bbc.co.uk/")
    await page.go_back()
    assert page.url == "about:blank"
