"""A case in a browser, as somebody opens it who signs in: on a phone and on a wide screen, in both languages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page

from infra.embedded.ports import free_ports
from tests.browser.test_desk import Open
from tests.integration.console.conftest import PASSWORD, Desk

SIZES = {"phone": (360, 740), "wide": (1280, 900)}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


@asynccontextmanager
async def looking(
    desk: Desk, context: BrowserContext, case_id: Any, shots: Path, until: str = "#asking"
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
