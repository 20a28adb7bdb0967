"""Drills in a real browser: the button, and the report of each rung, in both languages, narrow and wide."""

import pytest

from tests.browser.looking import SIZES, Opened, check
from tests.integration.console.conftest import Desk
from tests.integration.triage.test_drills import called, took_up

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_drill_is_called_and_followed(opened: Opened, desk: Desk, size: str, language: str) -> None:
    async with opened(size, language, dark=(size, language) == ("wide", "zh")) as browser:
        page = await browser.sign_in("lu")
        await page.goto(f"{browser.url}/drills")
        await browser.shot(page, f"drills-{language}-{size}")
        await check(page)
        await page.select_option("[name=team]", "dongcheng")
        await page.click("main form button")
        await page.wait_for_url("**/drills/*?done=drill")
        drill = await desk.hotline.admin.pool.fetchval("select drill_id from triage.drills")
        escalation = await took_up(desk.hotline, drill)
        await called(desk.hotline, escalation, "bj-li")
        await called(desk.hotline, escalation, "bj-zhao", level="backup")
        await page.goto(f"{browser.url}/drills/{drill}")
        assert await page.locator("tbody tr").count() == 2
        await browser.shot(page, f"drill-{language}-{size}")
        await check(page)
