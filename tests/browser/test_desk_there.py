"""The desk while a responder needs help: what it is asked, and the number to ring, on a wide and a small screen."""

from typing import Any

import pytest

from tests.browser.looking import LOCALES, SIZES, Album, NewContext, looking
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Reports

pytestmark = pytest.mark.browser


@pytest.fixture
async def case_id(desk: Desk, report: Reports) -> Any:
    """A case whose responder is there, cannot reach the child and needs help; a second one is there too."""
    event = await report(danger_now="yes")
    await desk.hotline.receive(event)
    case, now, li = (
        await desk.hotline.case_of(event.report_id),
        desk.hotline.clock.now(),
        desk.hotline.people["mgr-gao"],
    )
    said: dict[str, Any] = dict.fromkeys(("arrived_at", "checked_in_at", "not_reached_at", "needs_help_at"), now)
    await desk.hotline.receive(desk.hotline.escalation(case, acknowledged_by=li))
    await desk.hotline.receive(desk.hotline.escalation(case, acknowledged_by=li, needs_help_by=li, **said))
    zhao = desk.hotline.people["bj-zhao"]
    await desk.hotline.receive(desk.hotline.escalation(case, number=2, acknowledged_by=zhao, arrived_at=now))
    return case["case_id"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LOCALES)
async def test_what_was_done_for_a_responder_is_recorded_without_script(
    desk: Desk, case_id: Any, new_context: NewContext, shots: Album, size: str, language: str
) -> None:
    width, height = SIZES[size]
    context = await new_context(
        viewport={"width": width, "height": height}, locale=LOCALES[language], java_script_enabled=False
    )
    async with looking(desk, context, case_id, shots, "#ask-responder_help") as (at, page):
        await at.shot(page, f"there-asked-{language}-{size}")
        await page.locator("#ask-responder_help [value=police_sent]").focus()
        await page.keyboard.press("Space")
        await page.locator("#ask-responder_help button").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".done")
        assert await page.locator("#ask-responder_help").count() == 0
        await at.shot(page, f"there-recorded-{language}-{size}")
