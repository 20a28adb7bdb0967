"""Second readings and figures in a real browser: both languages, narrow and wide, without script, with axe."""

from uuid import UUID

import pytest
import pytest_asyncio

from tests.browser.looking import SIZES, Opened, check
from tests.integration.console.conftest import PASSWORD, Desk
from tests.integration.watching.conftest import (
    DUE,
    Cases,
    cases,
    draw,
    entries,
    move_to,
    plan,
    read,
)

__all__ = ["cases"]

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def waiting(desk: Desk, cases: Cases) -> UUID:
    """A drawn case that waits, after a week of cases that two people have read."""
    await cases("routine", 11, answers={"child_age_years": 6})
    await cases("immediate", 2, danger_now="yes")
    await plan(desk.hotline)
    move_to(desk.hotline, DUE)
    await draw(desk.hotline)
    first, *others = await entries(desk.hotline)
    for entry in others:
        for who in ("duty-carter", "mgr-gao"):
            await read(desk.hotline, entry["entry_id"], who, entry["urgency"])
    entry_id: UUID = first["entry_id"]
    return entry_id


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_reads_well(opened: Opened, waiting: UUID, size: str, language: str) -> None:
    dark = (size, language) in (("wide", "zh"), ("phone", "en"))
    async with opened(size, language, dark) as browser:
        page = await browser.sign_in("lu")
        for name, path in (
            ("second-readings", "/second-readings"),
            ("second-reading", f"/second-readings/{waiting}"),
            ("figures", "/figures?period=2026-03"),
            ("figures-week", "/figures?period=2026-W10"),
        ):
            await page.goto(f"{browser.url}{path}")
            await browser.shot(page, f"{name}-{language}-{size}{'-dark' if dark else ''}")
            await check(page)


async def test_without_script_a_case_is_read_and_compared(opened: Opened, waiting: UUID) -> None:
    async with opened("phone", "en") as browser:
        assert browser.context.browser
        plain = await browser.context.browser.new_context(java_script_enabled=False, locale="en-GB")
        page = await plain.new_page()
        await page.goto(f"{browser.url}/second-readings/{waiting}")
        await page.fill("[name=username]", "zhou")
        await page.fill("[name=password]", PASSWORD)
        await page.press("[name=password]", "Enter")
        await page.check("[name=urgency][value=immediate]")
        await page.check("[name=certainty][value=unsure]")
        await page.click("button:has-text('Keep my reading')")
        assert "Your reading was kept" in await page.inner_text("main")
        assert "The machine, at its gravest" in await page.inner_text("table")


async def test_the_keyboard_is_enough(opened: Opened, waiting: UUID) -> None:
    async with opened("wide", "en") as browser:
        page = await browser.sign_in()
        await page.goto(f"{browser.url}/second-readings/{waiting}")
        await page.focus("[name=urgency] >> nth=0")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Your reading was kept")
        assert "urgent · within 24 h" in await page.inner_text("table")
