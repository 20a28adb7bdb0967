"""What browser tests share: the system's Chromium, the desk behind it, and where pictures go."""

import asyncio
import os
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, async_playwright

from infra.embedded.ports import free_ports
from tests.browser.looking import LOCALES, SIZES, Album, NewContext, Open, Opened
from tests.integration.console.conftest import Desk, desk, hotline, quick_hashes, report, template, update, vault

__all__ = ["desk", "hotline", "quick_hashes", "report", "template", "update", "vault"]

FLAGS = [
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-sandbox",
    "--no-first-run",
    "--hide-scrollbars",
    "--mute-audio",
    "--disable-gpu",
    "--force-color-profile=srgb",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS_TO_START = 30
PATIENCE_MS = 8000


@pytest.fixture
def shots() -> Album:
    """Where pictures go."""
    folder = os.environ.get("HOTLINE_SCREENSHOTS")  # noqa: TID251 - the runner's choice
    if not folder:
        return Album(None)
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Album(Path(folder))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one Chromium for the whole run: what a test does stays in its own contexts."""
    command = ["/usr/bin/chromium", *FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]
    log = tmp_path_factory.mktemp("chromium-log") / "stderr"
    with log.open("w") as told, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told) as process:  # noqa: S603
        try:
            yield _address(process, log)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + SECONDS_TO_START
    while not (found := re.search(r"ws://\S+", log.read_text())):
        assert process.poll() is None, f"Chromium ended: {log.read_text()[-2000:]}"
        assert time.monotonic() < deadline, f"Chromium does not answer: {log.read_text()[-2000:]}"
        time.sleep(0.05)
    return found[0]


@pytest_asyncio.fixture
async def new_context(chromium: str) -> AsyncIterator[NewContext]:
    """Makes a browser's context; axe finds faults of contrast only where the page's policy is set aside."""
    contexts: list[BrowserContext] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium)

        async def make(**options: Any) -> BrowserContext:
            context = await browser.new_context(bypass_csp=True, **options)
            context.set_default_timeout(PATIENCE_MS)
            contexts.append(context)
            return context

        yield make
        for context in contexts:
            await context.close()


@pytest.fixture
def opened(desk: Desk, new_context: NewContext, shots: Album) -> Opened:
    """Opens a browser at the desk, which answers and is told of changes."""

    @asynccontextmanager
    async def opening(size: str, language: str, dark: bool = False) -> AsyncIterator[Open]:
        listening = asyncio.create_task(desk.service.listener.run())
        width, height = SIZES[size]
        context = await new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
        )
        at = Open(desk, context, free_ports(1)[0], shots)
        at.start()
        try:
            yield at
        finally:
            await context.close()
            await at.stop()
            listening.cancel()

    return opening
