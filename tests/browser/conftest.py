"""What browser tests share: the system's Chromium, where pictures go, and what is asked of every page."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, async_playwright

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
AXE_SECONDS = 20
PATIENCE_MS = 8000

NewContext = Callable[..., Awaitable[BrowserContext]]


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures go."""
    folder = Path(os.environ.get("HOTLINE_SCREENSHOTS", tmp_path))  # noqa: TID251 - the runner's choice
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest_asyncio.fixture
async def new_context() -> AsyncIterator[NewContext]:
    """Makes a browser's context; axe finds faults of contrast only where the page's policy is set aside."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)

        async def make(**options: Any) -> BrowserContext:
            context = await browser.new_context(bypass_csp=True, **options)
            context.set_default_timeout(PATIENCE_MS)
            return context

        yield make
        await browser.close()


async def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"the page scrolls sideways: {widths}"


async def reads_well(page: Page) -> None:
    """Nothing that axe finds; only with script, without which it never answers."""
    results = await asyncio.wait_for(Axe().run(page), AXE_SECONDS)
    found = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in results.response["violations"]]
    assert not found, found
