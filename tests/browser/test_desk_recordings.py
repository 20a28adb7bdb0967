"""The desk plays what a caller said, on a narrow phone, and the page reads well with a player on it."""

import pytest

from tests.browser.looking import Opened, check
from tests.integration.console.conftest import Desk
from tests.integration.console.test_recordings import note
from tests.integration.triage.conftest import Reports

pytestmark = pytest.mark.browser

SECOND = 8000
WAV = (
    b"RIFF" + (36 + SECOND).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    + (1).to_bytes(2, "little") * 2 + SECOND.to_bytes(4, "little") * 2 + (1).to_bytes(2, "little")
    + (8).to_bytes(2, "little") + b"data" + SECOND.to_bytes(4, "little") + b"\x80" * SECOND
)  # fmt: skip
"""One second of silence, 8 bits."""


async def test_a_recording_is_played_and_one_that_is_missing_is_told_of(
    opened: Opened, desk: Desk, report: Reports
) -> None:
    event = await report("", danger_now="not_asked")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    await note(desk.hotline, event.report_id, WAV)
    await note(desk.hotline, event.report_id, None)
    async with opened("phone", "zh") as browser:
        page = await browser.sign_in()
        await page.goto(f"{browser.url}/cases/{case['case_id']}")
        await check(page)
        await browser.shot(page, "case-recordings-zh-phone")
        played = await page.evaluate(
            "new Promise((done, fail) => { const it = document.querySelector('audio'); it.muted = true;"
            "it.onended = () => done(it.duration); it.onerror = () => fail(it.error.message); it.play(); })"
        )

    assert played == pytest.approx(1.0, abs=0.1)
    assert "recording_heard" in await desk.hotline.kinds(case["case_id"])
