"""Why a team has a case and who is called first, as the desk reads it in both languages."""

from typing import Any, get_args

import pytest

from infra.locales import Locales
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import Reports
from triage.domain.assignment import Because
from triage.seed import LOCALES

TOUCHED = "继父昨天摸了她的下体，性侵了孩子。"


@pytest.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """A case that asks for a skill, told of by the home, and an officer who is signed in."""
    await desk.sign_in()
    event = await report(TOUCHED, danger_now="yes", area_place="home")
    await desk.hotline.receive(event)
    return await desk.hotline.case_of(event.report_id)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("reason", get_args(Because))
def test_every_reason_is_a_sentence_in_both_languages(language: str, reason: str) -> None:
    filled = {"team": "T", "language": "L", "skills": "S", "missing": "M"}
    assert Locales.load(LOCALES)[language](f"desk_assigned_{reason}", **filled)


async def test_the_page_says_why_in_sentences(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert 'href="#assigned"' in page
    assert "The area is that of the home: nobody gave that of where the child is now." in page
    assert "Dongcheng child protection team covers this area" in page
    assert "<h3>Called first: 王若溪</h3>" in page
    assert "Speaks Chinese." in page
    assert "Is able to do what the case asks for: forensic interview of children." in page


async def test_the_page_says_it_in_chinese(desk: Desk, case: Any) -> None:
    answer = await desk.client.get(f"/cases/{case['case_id']}", headers={"accept-language": "zh"})

    assert "按住处的地区确定：没有人给出孩子现在所在的地区。" in answer.text
    assert "具备该个案所需的能力：儿童取证询问。" in answer.text


async def test_that_the_person_of_concern_is_staff_is_a_conflict_to_ask_about(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    event = await report("体育老师昨天摸了孩子的下体，性侵了孩子。", danger_now="yes")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "nobody who works with them may be called" in page


async def test_nothing_is_said_of_a_conflict_where_nobody_is_staff(desk: Desk, case: Any) -> None:
    assert "may be called. Ask" not in (await desk.client.get(f"/cases/{case['case_id']}")).text


async def test_what_is_missing_is_named(desk: Desk, case: Any) -> None:
    await desk.hotline.admin.pool.execute(
        "update triage.assignments set first_responder_id = null, reasons = $1",
        [{"reasons": ["nobody_on_call"]}, {"reasons": ["has_skill"], "skills": ["x_y"], "missing": ["crisis_talk"]}],
    )
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "<h3>Called first: nobody</h3>" in page
    assert "the next level is called at once." in page
    assert "Is able to do what the case asks for: x y." in page
    assert "Find somebody for: talking in a crisis of suicide or self-harm." in page


async def test_a_case_from_before_reasons_were_kept_says_so(desk: Desk, case: Any) -> None:
    await desk.hotline.admin.pool.execute("update triage.cases set team_reasons = '{}'")
    await desk.hotline.admin.pool.execute("update triage.assignments set reasons = '[]'")
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert "The reasons were not kept yet" in page


async def test_a_full_team_is_an_alarm_at_the_desk(desk: Desk, case: Any, report: Reports) -> None:
    await desk.hotline.admin.pool.execute("update triage.teams set capacity = 1 where slug = 'dongcheng'")
    await desk.hotline.receive(await report(danger_now="yes"))
    page = (await desk.client.get("/")).text

    assert "Dongcheng child protection team is at its capacity (live cases: 1)." in page


async def test_the_look_at_the_reasons_is_on_record(desk: Desk, case: Any) -> None:
    await desk.client.get(f"/cases/{case['case_id']}")

    (look,) = [each for each in await desk.looks(case["case_id"]) if each["action"] == "case_shown"]
    assert "case.assignment_reasons" in look["shown"]
