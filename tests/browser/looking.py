"""The desk in a browser, as somebody sees it who signs in, and what is asked of every page."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page

from infra.embedded.ports import free_ports
from infra.web import WebServer
from tests.integration.console.conftest import PASSWORD, Desk

SIZES = {"phone": (360, 740), "wide": (1280, 900)}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
AXE_SECONDS = 20

NewContext = Callable[..., Awaitable[BrowserContext]]


@dataclass(frozen=True)
class Album:
    """Pictures of whole pages, kept where HOTLINE_SCREENSHOTS names a folder; else none is taken: each costs."""

    folder: Path | None

    async def keep(self, page: Page, name: str) -> None:
        """Keep a picture of the whole page."""
        if self.folder is not None:
            await page.screenshot(path=self.folder / f"{name}.png", full_page=True)


@dataclass
class Open:
    """A browser at the desk."""

    desk: Desk
    context: BrowserContext
    port: int
    shots: Album
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
        await self.shots.keep(page, name)


Opened = Callable[..., AbstractAsyncContextManager[Open]]
"""Opens a browser at the desk: `async with opened("phone", "zh") as browser`."""


async def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"the page scrolls sideways: {widths}"


async def reads_well(page: Page) -> None:
    """Nothing that axe finds; only with script, without which it never answers."""
    results = await asyncio.wait_for(Axe().run(page), AXE_SECONDS)
    found = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in results.response["violations"]]
    assert not found, found


async def check(page: Page) -> None:
    """It reads well, fits, and has nothing that is too small to be hit."""
    await reads_well(page)
    await fits(page)
    small = await page.evaluate(
        "[...document.querySelectorAll('button, select, input:not([type=hidden]), summary, nav a')]"
        ".filter(e => e.checkVisibility() && !e.closest('.unseen'))"
        ".map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])"
        ".filter(([, box]) => box.height < 24 || box.width < 24).map(([html]) => html)"
    )
    assert not small, small


@asynccontextmanager
async def looking(
    desk: Desk, context: BrowserContext, case_id: Any, shots: Album, until: str = "#asking"
) -> AsyncIterator[tuple[Open, Page]]:
    """The page of the case, once it shows what `until` selects."""
    at = Open(desk, context, free_ports(1)[0], shots)
    at.start()
    page = await context.new_page()
    await page.goto(f"{at.url}/sign-in?next=/cases/{case_id}")
    await page.fill("[name=username]", "zhou")
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    await page.wait_for_selector(until)
    yield at, page
    await at.stop()
