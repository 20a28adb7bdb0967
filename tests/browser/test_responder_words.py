"""What responders wrote and which levels were skipped, at the desk in a real browser."""

import pytest

from tests.browser.looking import SIZES, Opened, check
from tests.integration.console.conftest import Desk
from tests.integration.console.test_responder_words import WORDS, answered, called
from tests.integration.triage.conftest import Reports

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_words_and_skipped_levels_read_well(
    opened: Opened, desk: Desk, report: Reports, size: str, language: str
) -> None:
    case, other = await called(desk, report), await called(desk, report)
    await desk.hotline.admin.pool.execute(
        "insert into notifier.empty_levels select escalation_id, level, $2 from notifier.escalations, "
        "unnest(array['lead', 'manager']) level where subject_id = $1",
        case["case_id"],
        desk.hotline.clock.now(),
    )
    await answered(desk, "superseded", "31", case)
    await answered(desk, "taken", f"31 {WORDS}", case)
    await answered(desk, "asked_back", WORDS, about=(case,))
    await answered(desk, "asked_back", "A child next door has not been fed since Monday", about=(case, other))
    await answered(desk, "asked_back", "我们学校一个孩子身上有伤，想报告" * 3)
    async with opened(size, language) as browser:
        page = await browser.sign_in("carter" if language == "en" else "zhou")
        for name, path in (("queue", "/"), ("case", f"/cases/{case['case_id']}"), ("texts", "/words")):
            await page.goto(f"{browser.url}{path}")
            await browser.shot(page, f"words-{name}-{language}-{size}")
            await check(page)
