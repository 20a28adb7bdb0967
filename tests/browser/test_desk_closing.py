"""Closing a case in a real browser: without script, by keyboard, on a phone and a wide screen, in both languages."""

from typing import Any

import pytest

from schemas.terms import Role
from tests.browser.looking import LOCALES, SIZES, Album, NewContext, fits, looking, reads_well
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import ASKED, Reports
from triage.handlers import closing, malice, presses

pytestmark = pytest.mark.browser


@pytest.fixture
async def case_id(desk: Desk, report: Reports) -> Any:
    """A routine case that was read, in which every danger question was asked, marked as suspected malicious."""
    event = await report("想了解一下你们的服务，孩子六岁。", danger_now="no", answers=ASKED)
    await desk.hotline.receive(event)
    case_id = (await desk.hotline.case_of(event.report_id))["case_id"]
    async with desk.hotline.turn() as turn:
        await presses.mark_read(turn, await desk.hotline.press(case_id))
    async with desk.hotline.turn() as turn:
        await malice.mark_malice(turn, await desk.hotline.press(case_id), "背景里有人在笑，同一号码今晚第三次")
    return case_id


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
async def test_closing_is_asked_for_without_script_and_by_keyboard(
    desk: Desk, case_id: Any, new_context: NewContext, shots: Album, size: str, language: str
) -> None:
    width, height = SIZES[size]
    context = await new_context(
        viewport={"width": width, "height": height}, locale=LOCALES[language], java_script_enabled=False
    )
    async with looking(desk, context, case_id, shots) as (at, page):
        await page.locator("#closing summary").focus()
        await page.keyboard.press("Enter")
        await page.locator("#closing [value=served_safe]").focus()
        await page.keyboard.press("Space")
        await page.locator("#closing textarea").fill("社工今天中午见到孩子，外婆照看")
        await at.shot(page, f"closing-form-{language}-{size}")
        await page.locator("#closing button").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#closing-title")
        await at.shot(page, f"closing-asked-{language}-{size}")
        await page.goto(at.url)
        await page.wait_for_selector(".row")
        await at.shot(page, f"closing-queue-{language}-{size}")

    (row,) = await desk.hotline.admin.pool.fetch("select code, grounds from triage.closings")
    assert (row["code"], row["grounds"]) == ("served_safe", ["malice"])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
async def test_the_open_forms_fit_and_read_well(
    desk: Desk, case_id: Any, new_context: NewContext, shots: Album, size: str, language: str
) -> None:
    width, height = SIZES[size]
    context = await new_context(viewport={"width": width, "height": height}, locale=LOCALES[language])
    async with looking(desk, context, case_id, shots) as (at, page):
        await page.locator("#closing summary").click()
        await fits(page)
        await reads_well(page)
        await page.goto(f"{at.url}/cases/{case_id}")
        await page.locator("#closing summary").click()
        await page.locator("#closing [value=no_child_at_risk]").check()
        await page.locator("#closing textarea").fill("nothing there")
        await page.locator("#closing button").click()
        await page.wait_for_selector("#closing-title")
        await fits(page)
        await reads_well(page)
        await at.shot(page, f"closing-waits-{language}-{size}")
        async with desk.hotline.turn() as turn:
            press = await desk.hotline.press(case_id, "sup-lu", Role.SUPERVISOR)
            await closing.decide_close(turn, press, True)
        await page.goto(f"{at.url}/cases/{case_id}")
        await page.locator("summary").click()
        await fits(page)
        await reads_well(page)
        await at.shot(page, f"closing-closed-{language}-{size}")
