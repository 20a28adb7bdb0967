"""Cases of the same child in a real browser: without script, by keyboard, on a phone and on a wide screen."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.looking import LOCALES, SIZES, Album, NewContext, fits, looking, reads_well
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Reports

pytestmark = pytest.mark.browser
TOLD = ("想了解一下你们的服务。", "隔壁的孩子一直在哭，手里拿着刀的人还在。", "阳光小区有个孩子半夜在楼道里。")


@pytest.fixture
async def cases(desk: Desk, report: Reports) -> list[Any]:
    """Three cases in which the child has one name, age and place."""
    made = []
    for words in TOLD:
        event = await report(words)
        await desk.hotline.receive(event)
        made.append((await desk.hotline.case_of(event.report_id))["case_id"])
        desk.hotline.clock.advance(timedelta(minutes=1))
    return made


async def press(page: Page, act: str) -> None:
    await page.locator(f"#same-child form[action*='/{act}'] button").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".done")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
async def test_cases_are_tied_and_untied_without_script_and_by_keyboard(
    desk: Desk, cases: list[Any], new_context: NewContext, shots: Album, size: str, language: str
) -> None:
    width, height = SIZES[size]
    context = await new_context(
        viewport={"width": width, "height": height}, locale=LOCALES[language], java_script_enabled=False
    )
    async with looking(desk, context, cases[0], shots, "#same-child") as (at, page):
        await at.shot(page, f"same-offered-{language}-{size}")
        await press(page, "same_matter")
        await press(page, "same_child")
        await at.shot(page, f"same-tied-{language}-{size}")
        assert await page.locator("#same-child form[action*='/undo_same']").count() == 2
        await press(page, "undo_same")
        await press(page, "undo_same")

    standing = await desk.hotline.admin.pool.fetchval("select count(*) from triage.pairings where undone_at is null")
    assert standing == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
async def test_what_is_offered_and_what_is_inside_fits_and_reads_well(
    desk: Desk, cases: list[Any], new_context: NewContext, shots: Album, size: str, language: str
) -> None:
    width, height = SIZES[size]
    context = await new_context(viewport={"width": width, "height": height}, locale=LOCALES[language])
    async with looking(desk, context, cases[0], shots, "#same-child") as (at, page):
        await press(page, "same_matter")
        await fits(page)
        await reads_well(page)
        await page.goto(f"{at.url}/cases/{cases[2]}")
        await fits(page)
        await reads_well(page)
