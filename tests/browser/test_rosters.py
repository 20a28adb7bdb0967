"""Rosters in a real browser: both languages, narrow and wide, with axe, without script, by the keyboard alone."""

from datetime import timedelta

import pytest
import pytest_asyncio

from schemas.terms import Level
from tests.browser.looking import SIZES, Opened, check
from tests.integration.console.conftest import PASSWORD, Desk
from tests.integration.console.test_rosters import DAY, MONDAY, away
from triage.domain.roster.author import Author
from triage.handlers.feeds import make_feed
from triage.handlers.rosters import extend
from triage.handlers.swaps import Asked, Half, ask_swap, grant_swap

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def lived(desk: Desk) -> None:
    """Ten days after the rosters began: leave, a swap granted and one asked for, a gap, and one that was accepted."""
    hotline = desk.hotline
    await away(hotline, "cam-khan", override="ill")
    team = await hotline.admin.pool.fetchval("select team_id from triage.teams where slug = 'camden'")
    by = {name: Author(hotline.people[name], may_grant=True) for name in ("sup-lu", "mgr-gao")}
    for days, is_granted in ((5, True), (12, False)):
        half = Half(Level.LEAD, MONDAY + days * DAY, MONDAY + (days + 1) * DAY)
        asked = Asked(team, hotline.people["cam-doyle"], hotline.people["cam-khan"], half)
        async with hotline.turn() as turn:
            swap_id = await ask_swap(turn, asked, by["mgr-gao"])
        if is_granted:
            async with hotline.turn() as turn:
                await grant_swap(turn, swap_id, 1, by["sup-lu"])
    async with hotline.turn() as turn:
        await make_feed(turn, hotline.people["cam-baker"], by["sup-lu"])
    await hotline.admin.pool.execute("update triage.people set is_active = false where handle = 'hz-xu'")
    hotline.clock.advance(4 * DAY + timedelta(hours=2))
    async with hotline.turn() as turn:
        await extend(turn)


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_reads_well(opened: Opened, size: str, language: str) -> None:
    dark = (size, language) in (("wide", "zh"), ("phone", "en"))
    async with opened(size, language, dark) as browser:
        page = await browser.sign_in("lu")
        for name, path in (
            ("rosters", "/rosters"),
            ("roster-team", "/rosters/teams/camden"),
            ("roster-changes", "/rosters/changes?team=camden"),
            ("roster-calendar", "/rosters/calendar"),
        ):
            await page.goto(f"{browser.url}{path}")
            await browser.shot(page, f"{name}-{language}-{size}{'-dark' if dark else ''}")
            await check(page)
        await page.click("form[action='/rosters/calendar/make'] button >> nth=0")
        await page.wait_for_selector("#address-title")
        await browser.shot(page, f"roster-address-{language}-{size}{'-dark' if dark else ''}")
        await check(page)


@pytest.mark.usefixtures("lived")
async def test_without_script_leave_is_refused_with_why_and_then_accepted(opened: Opened) -> None:
    async with opened("phone", "en") as browser:
        assert browser.context.browser
        plain = await browser.context.browser.new_context(
            java_script_enabled=False, locale="en-GB", viewport={"width": 360, "height": 740}
        )
        page = await plain.new_page()
        await page.goto(f"{browser.url}/rosters/changes")
        await page.fill("[name=username]", "lu")
        await page.fill("[name=password]", PASSWORD)
        await page.press("[name=password]", "Enter")
        form = page.locator("form[action='/rosters/leave']")
        await form.locator("[name=person]").select_option(label="Helen Wood")
        await form.locator("[name=begins]").fill("2026-03-20T08:00")
        await form.locator("[name=ends]").fill("2026-03-21T08:00")
        await form.locator("[name=zone]").select_option("Europe/London")
        await form.locator("button").click()
        said = await page.inner_text(".refused")
        assert "nobody who can be reached would be on call at the fourth level" in said
        await browser.shot(page, "roster-refused-en-phone-plain")
        assert await form.locator("[name=begins]").input_value() == "2026-03-20T08:00"

        await form.locator("[name=override]").fill("A second manager is on the way")
        await form.locator("button").click()
        assert "The leave was recorded." in await page.inner_text("main")
        await plain.close()


@pytest.mark.usefixtures("lived")
async def test_the_keyboard_is_enough_to_grant_a_swap(opened: Opened) -> None:
    async with opened("wide", "en") as browser:
        page = await browser.sign_in("lu")
        await page.goto(f"{browser.url}/rosters/changes")
        await page.focus("form[action$='/grant'] button")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".done")
        assert "The swap was granted." in await page.inner_text("main")
