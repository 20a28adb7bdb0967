"""The page about phones in a real browser: both languages, narrow and wide, with axe and by keyboard."""

import pytest

from tests.browser.looking import SIZES, Opened, check
from tests.integration.console.conftest import Desk
from tests.integration.triage.test_ways import sent
from triage.domain.roster.author import Author
from triage.handlers import leaving

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_phones_read_well(desk: Desk, opened: Opened, size: str, language: str) -> None:
    async with opened(size, language) as browser:
        page = await browser.sign_in("lu")
        await page.goto(f"{browser.url}/phones/{desk.hotline.people['duty-zhou']}")
        await page.fill("[name=number]", "139 1234 5678")
        await page.press("[name=number]", "Enter")
        await page.wait_for_selector(".done")
        await sent(desk.hotline)
        await page.fill("[name=code]", "000000")
        await page.press("[name=code]", "Enter")
        await page.wait_for_selector("[role=alert].refused")
        await browser.shot(page, f"phones-{size}-{language}")
        await check(page)


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_who_left_is_brought_back_by_keyboard(desk: Desk, opened: Opened, size: str, language: str) -> None:
    zhou = desk.hotline.people["duty-zhou"]
    async with desk.hotline.turn() as turn:
        await leaving.deactivate(turn, zhou, Author(desk.hotline.people["sup-lu"], may_grant=True), "left")
    async with opened(size, language) as browser:
        page = await browser.sign_in("lu")
        await page.goto(f"{browser.url}/phones")
        gone = page.locator("details", has=page.locator("#back-note"))
        await gone.locator("summary").press("Enter")
        await browser.shot(page, f"gone-{size}-{language}")
        await check(page)
        await gone.locator("button").press("Enter")
        await page.wait_for_url(f"**/phones/{zhou}*")
        await browser.shot(page, f"back-{size}-{language}")
        await check(page)
