"""The form for danger questions in a real browser, without script, by keyboard, on a phone and on a wide screen."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page

from schemas.report import Moment
from tests.browser.looking import LOCALES, SIZES, Album, NewContext, fits, looking, reads_well
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Reports

pytestmark = pytest.mark.browser


@pytest.fixture
async def case_id(desk: Desk, report: Reports) -> Any:
    """A routine case in which no danger question was asked, with times as they were written."""
    noon = desk.hotline.clock.now()
    until = noon + timedelta(hours=4, minutes=30)
    moments = (
        Moment(kind="child_safe_until", written="4点半", at=until, known="read_as_time"),
        Moment(kind="happened", written="前天", at=noon - timedelta(days=2, hours=12), known="read_as_day"),
        Moment(kind="first_known", written="有一阵子了", known="not_read"),
    )
    event = await report("想了解一下你们的服务。", moments=moments, child_safe_until=until)
    await desk.hotline.receive(event)
    return (await desk.hotline.case_of(event.report_id))["case_id"]


async def choose(page: Page, name: str, steps: int) -> None:
    await page.locator(f"#asking [name={name}]").focus()
    for _ in range(steps):
        await page.keyboard.press("ArrowDown")


async def press(page: Page, what: str) -> None:
    await page.locator(f"#asking {what}").focus()
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
async def test_answers_are_recorded_without_script_and_by_keyboard(
    desk: Desk, case_id: Any, new_context: NewContext, shots: Album, size: str, language: str
) -> None:
    width, height = SIZES[size]
    context = await new_context(
        viewport={"width": width, "height": height}, locale=LOCALES[language], java_script_enabled=False
    )
    async with looking(desk, context, case_id, shots) as (at, page):
        await press(page, "summary")
        await choose(page, "asked_of", 2)
        await choose(page, "danger_now", 1)
        await choose(page, "injury", 5)
        await at.shot(page, f"asking-form-{language}-{size}")
        await press(page, "button")
        await page.wait_for_selector(".done")
        await at.shot(page, f"asking-done-{language}-{size}")

    assert (await desk.hotline.case_of_id(case_id))["urgency"] == "immediate"
    rows = await desk.hotline.admin.pool.fetch("select question, value, asked_of from triage.desk_answers order by 1")
    assert [tuple(row) for row in rows] == [("danger_now", "yes", "child"), ("injury", "would_not_say", "child")]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
async def test_the_open_form_fits_and_reads_well(
    desk: Desk, case_id: Any, new_context: NewContext, shots: Album, size: str, language: str
) -> None:
    width, height = SIZES[size]
    context = await new_context(viewport={"width": width, "height": height}, locale=LOCALES[language])
    async with looking(desk, context, case_id, shots) as (_, page):
        await page.locator("#asking summary").click()
        await fits(page)
        await reads_well(page)
