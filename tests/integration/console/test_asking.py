"""Danger questions asked at the desk: a form without script, and both answers with who said them."""

import re
from typing import Any

import pytest

from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Reports

QUESTION = "想了解一下你们的服务。"


@pytest.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """A routine case in which nothing dangerous was asked, and an officer who is signed in."""
    await desk.sign_in()
    event = await report(QUESTION, danger_now="no")
    await desk.hotline.receive(event)
    return await desk.hotline.case_of(event.report_id)


async def page_of(desk: Desk, case: Any, language: str = "en") -> str:
    page = (await desk.client.get(f"/cases/{case['case_id']}?language={language}")).text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_the_page_offers_every_answer_to_every_question(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "Record answers to the danger questions (not asked yet: 4)" in page
    form = page[page.index("/answers") :]
    form = form[: form.index("</form>")]
    for value in ("yes", "no", "does_not_know", "would_not_say", "not_asked"):
        assert form.count(f'<option value="{value}"') == (5 if value in ("not_asked", "would_not_say") else 4), value
    assert form.count("not asked yet") == 4
    assert 'name="asked_at" type="time" value="20:00"' in form or 'value="12:00"' in form


async def test_an_answer_raises_and_stands_beside_what_the_reporter_said(desk: Desk, case: Any) -> None:
    answer = await desk.press(
        case["case_id"], "answers", asked_of="child", asked_at="11:58", zone="Asia/Shanghai", danger_now="yes",
        child_alone="would_not_say",
    )  # fmt: skip

    assert answer.headers["location"] == f"/cases/{case['case_id']}?done=answers"
    assert (await desk.hotline.case_of_id(case["case_id"]))["urgency"] == "immediate"
    page = await page_of(desk, case)
    said = page[page.index("Answers to the danger questions ") :]
    assert "Is a child in danger now? no in the report yes the child, asked by 周敏 11:58:00" in said
    assert "Is the child alone? not asked in the report would not say the child, asked by 周敏 11:58:00" in said
    assert "周敏 asked the child. Is a child in danger now? — yes" in page
    chinese = await page_of(desk, case, "zh")
    assert "孩子独自一人吗？ 未问 报告中所说 不愿说 孩子，由周敏询问" in chinese
    assert "未问：3" in chinese


async def test_without_who_was_asked_nothing_is_kept_and_nothing_is_lost(desk: Desk, case: Any) -> None:
    refused = await desk.press(
        case["case_id"], "answers", asked_of="", asked_at="11:58", zone="Asia/Shanghai", injury="serious"
    )

    assert refused.status_code == 409
    assert "Choose who was asked." in refused.text
    assert '<option value="serious" selected>' in refused.text
    assert re.search(r'id="asking">\s*<details open>', refused.text)
    assert await desk.hotline.admin.pool.fetchval("select count(*) from triage.desk_answers") == 0
    for fields in ({"danger_now": "perhaps"}, {"danger_now": "not_asked"}):
        refused = await desk.press(case["case_id"], "answers", asked_of="reporter", **fields)
        assert "Choose what was answered" in refused.text


async def test_the_queue_tells_the_most_dangerous_answer_of_all(desk: Desk, case: Any) -> None:
    await desk.press(case["case_id"], "answers", asked_of="professional", person_of_concern_has_access="yes")

    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (await desk.client.get("/")).text))

    assert "Person of concern can reach the child yes" in page


async def test_open_questions_of_trees_are_answered_beside_the_danger_questions(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    event = await report("楼下的孩子总是被打。", danger_now="no")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text
    assert 'name="tree_strangulation"' in page

    refused = await desk.press(case["case_id"], "answers", asked_of="child", tree_strangulation="perhaps")
    assert refused.status_code == 409
    refused = await desk.press(case["case_id"], "answers", asked_of="", tree_strangulation="yes")
    assert re.search(r'name="tree_strangulation">.*?<option value="yes" selected>', refused.text)

    answer = await desk.press(case["case_id"], "answers", asked_of="child", tree_strangulation="no")
    assert answer.status_code == 303
    page = await page_of(desk, case)
    assert "周敏 asked the child. Has anybody put hands or a cord" in page
    assert 'name="tree_strangulation"' not in (await desk.client.get(f"/cases/{case['case_id']}")).text
    assert "问了孩子" in await page_of(desk, case, "zh")
    tree = (await desk.client.get(f"/cases/{case['case_id']}/trees/physical?language=en")).text
    assert "said not to be so" in tree
