"""The decision trees in a real browser: drawn and listed on a wide desk, listed on a phone, light and dark."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.looking import LOCALES, SIZES, Album, NewContext, fits, looking, reads_well
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Reports

pytestmark = pytest.mark.browser
TOLD = "爸爸昨晚用皮带打孩子，胳膊上有淤青。没有拿刀。孩子不敢回家，妈妈知道也不管。"


@pytest.fixture
async def case_id(desk: Desk, report: Reports) -> Any:
    """An urgent case that opened the tree of physical harm."""
    event = await report(TOLD, danger_now="no", answers={"injury": "unknown"})
    await desk.hotline.receive(event)
    return (await desk.hotline.case_of(event.report_id))["case_id"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
async def test_a_tree_reads_well(
    desk: Desk, case_id: Any, new_context: NewContext, shots: Album, size: str, language: str
) -> None:
    width, height = SIZES[size]
    dark = (size, language) in (("wide", "zh"), ("phone", "en"))
    context = await new_context(
        viewport={"width": width, "height": height},
        locale=LOCALES[language],
        color_scheme="dark" if dark else "light",
    )
    async with looking(desk, context, case_id, shots, ".trees") as (at, page):
        await page.locator(".trees a").first.focus()
        await at.shot(page, f"case-trees-{language}-{size}")
        await page.locator(".trees a[href$='/trees/physical']").focus()
        await page.keyboard.press("Enter")

        await expect(page.locator(".steps li.answer")).to_be_visible()
        await expect(page.locator("svg.tree")).to_be_visible(visible=size == "wide")
        await at.shot(page, f"tree-{language}-{size}")
        await fits(page)
        await reads_well(page)
        await page.locator(".steps a").first.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**#reason-*")


async def test_a_drawing_has_its_style_by_the_policy_of_the_pages_and_no_script(desk: Desk, case_id: Any) -> None:
    await desk.sign_in()
    answer = await desk.client.get(f"/cases/{case_id}/trees/physical")

    assert "style-src 'self'" in answer.headers["content-security-policy"]
    assert '<link rel="stylesheet" href="/static/tree.css">' in answer.text
    assert "<style" not in answer.text
