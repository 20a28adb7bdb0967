"""Decision trees at the desk: what a case opened, the way it took, and the record of the look."""

import re
from typing import Any

import pytest

from infra import audit
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import CAMDEN, Reports

BELT = "爸爸昨晚用皮带打孩子，胳膊上有淤青。没有拿刀。<i>"


@pytest.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """A case of a child who was hit, and an officer who is signed in."""
    await desk.sign_in()
    event = await report(BELT, danger_now="no")
    await desk.hotline.receive(event)
    return await desk.hotline.case_of(event.report_id)


async def test_the_case_names_its_trees_what_each_says_and_what_is_worth_asking(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}")).text

    assert f'<a href="/cases/{case["case_id"]}/trees/physical">Physical harm</a>' in page
    assert "/trees/sexual" not in page
    ask = page.split('<ol class="ask">')[1].split("</ol>")[0]
    assert re.search(r"hurt the child who can reach the child again tonight\? .*if yes: immediate · now", ask)
    assert "Record what was answered beside the danger questions" in page
    assert "hurt-and-reachable-tonight" not in re.sub(r"<[^>]+>", "", page), "questions are asked in words"


async def test_a_tree_shows_the_way_with_the_reasons_in_a_list_and_as_a_drawing(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}/trees/physical")).text

    steps = re.findall(r'<li class="(\w+(?: \w+)?)">\s*<p>(\d+)\. ([^<]+)</p>', page)
    standings = {question: standing for standing, _, question in steps}
    assert [int(number) for _, number, _ in steps] == list(range(1, len(steps) + 1))
    assert standings["Has anybody got a weapon in hand, or threatened with one?"] == "denied"
    assert standings["Has being hit left a mark on the child?"] == "yes answer"
    assert standings["Was the child hit with a thing, such as a belt or a stick?"] == "yes beyond"
    assert re.search(rf'<a href="/cases/{case["case_id"]}#reason-\d+">Reason \d+</a> Bruise', page)
    assert "have a doctor look and photograph soon" in page
    assert '<svg class="tree"' in page
    assert 'class="step yes walked"' in page
    assert 'class="step denied walked"' in page
    assert " style=" not in page
    assert "<script>" not in page


async def test_a_tree_that_did_not_open_is_shown_with_every_question_open(desk: Desk, case: Any) -> None:
    page = (await desk.client.get(f"/cases/{case['case_id']}/trees/missing")).text

    assert "Nothing in this report opened this tree" in page
    assert 'class="yes' not in page


async def test_what_the_desk_asked_closes_a_question_of_a_tree(desk: Desk, case: Any) -> None:
    question = "Is a child in danger, or not safe, at this very moment?"
    # Not in danger, the report says; whether the child is safe nobody has asked.
    assert await stands(desk, case, question) == "open"

    await desk.press(case["case_id"], "answers", asked_of="reporter", child_safe_now="yes")
    assert await stands(desk, case, question) == "denied"

    await desk.press(case["case_id"], "answers", asked_of="reporter", danger_now="does_not_know")
    assert await stands(desk, case, question) == "unknown"


async def stands(desk: Desk, case: Any, question: str) -> str | None:
    """How the first question of the tree of danger stands on its page."""
    page = (await desk.client.get(f"/cases/{case['case_id']}/trees/danger")).text
    found = re.search(rf'<li class="(\w+)">\s*<p>1\. {re.escape(question)}', page)
    return found and found[1]


async def test_the_tree_of_another_place_has_its_own_questions(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    event = await report(
        "She told me in confidence about the fgm.", jurisdiction="GB-ENG", area=CAMDEN, language="en"
    )
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)

    page = (await desk.client.get(f"/cases/{case['case_id']}/trees/exploitation")).text

    assert "Is it known that a girl was cut" in page
    assert "GB-ENG" in page


async def test_a_look_at_a_tree_is_on_record_with_its_purpose(desk: Desk, case: Any) -> None:
    await desk.client.get(f"/cases/{case['case_id']}/trees/physical?purpose=review")

    (look,) = [each for each in await desk.looks(case["case_id"]) if each["action"] == "tree_shown"]
    assert look["actor"] == str(desk.hotline.people["duty-zhou"])
    assert (look["purpose"], look["shown"]) == ("review", ["case.urgency", "case.reasons"])
    async with desk.hotline.db.transaction() as tx:
        assert await audit.verify(tx, case["case_id"]) >= 1


@pytest.mark.parametrize("path", ["trees/nothing", "trees/physical/x"])
async def test_a_tree_that_is_not_there_is_told_so_and_is_no_look(desk: Desk, case: Any, path: str) -> None:
    answer = await desk.client.get(f"/cases/{case['case_id']}/{path}")

    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert not [each for each in await desk.looks(case["case_id"]) if each["action"] == "tree_shown"]


async def test_a_tree_of_no_case_is_told_so(desk: Desk, case: Any) -> None:
    answer = await desk.client.get("/cases/00000000-0000-7000-8000-000000000000/trees/physical")

    assert answer.status_code == 404


async def test_nobody_sees_a_tree_without_signing_in(desk: Desk, case: Any) -> None:
    async with desk.browser() as stranger:
        answer = await stranger.get(f"/cases/{case['case_id']}/trees/physical")

    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["location"]
