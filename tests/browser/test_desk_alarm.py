"""The desk's alarm in a real browser: heard, or plainly told that it is not; loud when nothing is heard any more."""

from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.looking import Opened, check
from tests.browser.test_desk import arrive
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Reports
from triage.handlers import presence

pytestmark = pytest.mark.browser

# Counts the tones that the page starts, as its loudspeaker would hear them.
LISTEN = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { window.tones += 1; return start.apply(this, at); };
"""
OFF = "The sound is off"


async def is_heard(page: Page) -> None:
    await page.evaluate("window.tones = 0")
    await page.wait_for_function("window.tones > 0", timeout=12_000)


async def be_there(desk: Desk) -> None:
    """Somebody confirmed, so that nothing alarms."""
    async with desk.hotline.turn() as turn:
        await presence.confirm(turn, desk.hotline.people["duty-zhou"])


async def test_a_page_that_cannot_sound_says_so_before_there_is_an_alarm(opened: Opened, desk: Desk) -> None:
    await be_there(desk)
    async with opened("phone", "en") as browser:
        await browser.sign_in()
        page = await browser.context.new_page()
        await page.goto(browser.url)
        await expect(page.locator(".alarms li")).to_have_count(0)
        await expect(page.locator("#mute")).to_contain_text(OFF)
        await browser.shot(page, "sound-off-en-phone")
        await check(page)

        await page.click("#sound-on")
        await expect(page.locator("#mute")).to_be_hidden()


async def test_a_page_that_a_press_has_opened_sounds_without_another_gesture(
    opened: Opened, desk: Desk, report: Reports
) -> None:
    async with opened("wide", "en") as browser:
        await browser.context.add_init_script(LISTEN)
        page = await browser.sign_in()
        await page.click("button:has-text('I am here')")
        await page.wait_for_selector(".done")
        await expect(page.locator("#mute")).to_be_hidden()

        await arrive(desk, report)
        await is_heard(page)


async def test_a_lost_connection_sounds_until_it_is_back(opened: Opened, desk: Desk) -> None:
    await be_there(desk)
    async with opened("wide", "en") as browser:
        await browser.context.add_init_script(LISTEN)
        page = await browser.sign_in()
        await page.click("h1, main")
        await expect(page.locator("#mute")).to_be_hidden()
        await browser.stop()
        await expect(page.locator("#lost")).to_contain_text("Connection lost")
        await is_heard(page)
        await check(page)

        browser.start()
        await expect(page.locator("#lost")).to_be_hidden(timeout=15_000)
        await page.evaluate("window.tones = 0")
        await page.wait_for_timeout(3000)
        assert await page.evaluate("window.tones") == 0


@pytest.mark.parametrize("part", ["queue", "alarms"])
async def test_a_part_that_failed_is_fetched_again_without_another_change(
    opened: Opened, desk: Desk, report: Reports, part: str
) -> None:
    await be_there(desk)
    async with opened("wide", "en") as browser:
        page = await browser.sign_in()
        await page.mouse.move(3, 3)
        failures = 0

        async def fail(route: Route) -> None:
            nonlocal failures
            failures += 1
            if failures <= 2:
                await route.fulfill(status=500, body="")
            else:
                await route.continue_()

        await page.wait_for_timeout(1000)
        await page.route(f"**/{part}*", fail)
        case: Any = await arrive(desk, report)

        await expect(page.locator("#lost")).to_be_visible()
        await expect(page.locator(f".row:has-text('{case['alias']}')")).to_be_visible(timeout=10_000)
        await expect(page.locator(f".alarms li:has-text('{case['alias']}')")).to_be_visible(timeout=10_000)
        await expect(page.locator("#lost")).to_be_hidden()
        assert failures > 2


async def test_more_alarms_than_fit_can_all_be_seen_and_go_on_being_renewed(
    opened: Opened, desk: Desk, report: Reports
) -> None:
    cases = [await arrive(desk, report) for _ in range(10)]
    async with opened("wide", "en") as browser:
        page = await browser.sign_in()
        await page.click(".alarms summary")
        await expect(page.locator(f".alarms li:has-text('{cases[-1]['alias']}') >> nth=-1")).to_be_visible()
        await check(page)

        case = await arrive(desk, report)
        await expect(page.locator(f".alarms li[data-kind]:has-text('{case['alias']}')")).to_be_visible()
        await page.wait_for_timeout(1000)
        await expect(page.locator("#lost")).to_be_hidden()
