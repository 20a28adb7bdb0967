"""Closing a case and marking it, as pressed on its page without script."""

from typing import Any

import httpx
import pytest

from infra.locales import Locales
from tests.integration.console.conftest import PASSWORD, Desk, sign_in, token_in
from tests.integration.triage.conftest import ASKED, Reports
from tests.staffed import packs
from triage.console.actions import ACTS
from triage.domain.closing import Ground, Hindrance
from triage.seed import LOCALES

MILD = "想了解一下你们的服务，孩子六岁。"
SERVED = {"close_code": "served_safe", "close_words": "a social worker saw the child at noon"}


async def opened(desk: Desk, report: Reports, words: str, **given: Any) -> Any:
    event = await report(words, **given)
    await desk.hotline.receive(event)
    return await desk.hotline.case_of(event.report_id)


@pytest.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """A routine case that an officer has read, who is signed in."""
    await desk.sign_in()
    case = await opened(desk, report, MILD, danger_now="no", answers=ASKED)
    await desk.press(case["case_id"], "read")
    return case


async def page_of(desk: Desk, case: Any, client: httpx.AsyncClient | None = None) -> str:
    return (await (client or desk.client).get(f"/cases/{case['case_id']}")).text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_hindrance_and_ground_is_said(language: str) -> None:
    t = Locales.load(LOCALES)[language]
    for reason in packs().closing.reasons:
        assert t(f"desk_closing_{reason.code}")
        assert t(f"desk_closing_{reason.code}_tell")
    for step in packs().closing.steps:
        assert t(f"desk_closing_step_{step}") == t(f"desk_field_step_{step}")
    for hindrance in Hindrance:
        assert t(f"desk_hindrance_{hindrance}")
    for ground in Ground:
        assert t(f"desk_ground_{ground}")
    for kind in (
        "closing_asked", "closing_granted", "closing_refused", "closing_voided", "closed", "reopened",
        "reopened_by_words", "malice_marked", "malice_taken_back", "malice_ended",
    ):  # fmt: skip
        assert t(f"desk_event_{kind}", name="x", code="y")


async def test_a_case_is_closed_from_its_page_and_opened_again(desk: Desk, case: Any) -> None:
    page = await page_of(desk, case)
    assert "No second person is needed" in page
    assert "These deadlines end with it: Response, Review" in page

    answer = await desk.press(case["case_id"], "close", **SERVED)
    assert answer.headers["location"].endswith("?done=close")
    page = await page_of(desk, case)
    assert "Closed · 周敏" in page
    assert "a social worker saw the child at noon" in page
    assert "周敏 closed it: Served, and the child is safe" in page
    assert "I take it" not in page
    assert case["alias"] not in (await desk.client.get("/")).text

    refused = await desk.press(case["case_id"], "reopen", reopen_words="")
    assert "Write a few words." in refused.text
    await desk.press(case["case_id"], "reopen", reopen_words="the child is back at home")
    page = await page_of(desk, case)
    assert "周敏 opened it again" in page
    assert "the child is back at home" in page
    assert case["alias"] in (await desk.client.get("/")).text


async def test_what_hinders_and_who_must_agree_is_said_and_what_was_typed_stays(
    desk: Desk, report: Reports, case: Any
) -> None:
    grave = await opened(desk, report, "隔壁有人正在打孩子，手里还拿着刀。", danger_now="does_not_know")
    page = await page_of(desk, grave)
    assert "It cannot be closed yet:" in page
    for sentence in ("Something in it has not been read", "A danger question has not been asked", "People are being"):
        assert sentence in page
    assert "It is or was immediate or urgent" in page
    assert 'name="close_words"' not in page

    refused = await desk.press(grave["case_id"], "close", **SERVED)
    assert refused.status_code == 409
    assert "Something in it has not been read. Read everything first." in refused.text
    assert "a social worker saw the child at noon" in refused.text

    refused = await desk.press(
        case["case_id"], "close", close_code="not_located", close_words="nobody at home", step_visited="yes"
    )
    assert "Choose at least 3 steps" in refused.text
    assert 'name="step_visited" value="yes" checked' in refused.text


async def test_the_second_person_sees_why_and_decides(desk: Desk, case: Any) -> None:
    await desk.press(case["case_id"], "close", **SERVED, disputed="yes")
    page = await page_of(desk, case)
    assert "周敏 asks to close this case" in page
    assert "The reporter disagrees, or added words" in page
    assert 'action="/cases/' + str(case["case_id"]) + "/decide-close" not in page
    assert "second person wanted" in (await desk.client.get("/")).text

    async with desk.browser() as other:
        await sign_in(other, "lu", PASSWORD)
        page = await page_of(desk, case, other)
        assert "Agree and close" in page
        version = (await desk.hotline.case_of_id(case["case_id"]))["version"]
        fields = {"token": token_in(page), "version": str(version), "granted": "yes"}
        await other.post(f"/cases/{case['case_id']}/decide-close", data=fields)
        page = await page_of(desk, case, other)
    assert "A second person agreed, as was needed:" in page
    assert "Second person:" in page
    assert (await desk.hotline.case_of_id(case["case_id"]))["status"] == "closed"


async def test_a_mark_stands_beside_the_case_in_words_here_and_in_the_queue(desk: Desk, case: Any) -> None:
    await desk.press(case["case_id"], "malice", malice_words="laughing in the background")
    for place in (f"/cases/{case['case_id']}", "/"):
        assert '<strong class="tag">Suspected malicious</strong>' in (await desk.client.get(place)).text
    page = await page_of(desk, case)
    assert "laughing in the background" in page
    assert "It is marked as suspected malicious" in page

    await desk.press(case["case_id"], "no-malice")
    assert "Suspected malicious</strong>" not in (await desk.client.get("/")).text
    assert "周敏 took back the mark of suspected malice" in await page_of(desk, case)


async def test_no_other_press_closes_a_case(desk: Desk, report: Reports, case: Any) -> None:
    team = await desk.hotline.admin.pool.fetchval("select team_id from triage.teams where is_last_resort")
    fields = SERVED | {
        "granted": "yes", "urgency": "urgent", "reason": "why", "team": str(team), "note": "words",
        "called": "not_needed", "not_needed": "why", "asked_of": "reporter", "danger_now": "no",
        "done_by_whom": "who", "clock": "response", "malice_words": "why", "reopen_words": "why",
        "zone": "Asia/Shanghai",
    }  # fmt: skip
    for act in ACTS:
        if act not in ("close", "decide-close"):
            await desk.press(case["case_id"], act, **fields)
            assert (await desk.hotline.case_of_id(case["case_id"]))["status"] != "closed", act


async def test_looking_at_a_closed_case_is_on_record_with_what_was_shown(desk: Desk, case: Any) -> None:
    await desk.press(case["case_id"], "close", **SERVED)
    await page_of(desk, case)

    looks = await desk.looks(case["case_id"])
    assert looks[-1]["action"] == "case_shown"
    assert {"case.closing", "case.suspected_malice"} <= set(looks[-1]["shown"])
    assert "ask_close" in [each["action"] for each in looks]
