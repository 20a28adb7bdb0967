"""The desk offers cases that may be about the same child, says why, and keeps what people say of them."""

from datetime import timedelta
from typing import Any

import pytest

from infra import audit
from tests.integration.console.conftest import Desk
from tests.integration.triage.conftest import CAMDEN, Reports, Updates
from triage.handlers import past, same_child
from triage.store.pairings import Says

QUESTION = "想了解一下你们的服务。"


@pytest.fixture
async def pair(desk: Desk, report: Reports) -> tuple[Any, Any]:
    """Two cases of one child (the same name, age and place), and an officer who is signed in."""
    await desk.sign_in()
    made = []
    for words in (QUESTION, "窗户被砸了。"):
        event = await report(words)
        await desk.hotline.receive(event)
        made.append(await desk.hotline.case_of(event.report_id))
        desk.hotline.clock.advance(timedelta(minutes=1))
    return made[0], made[1]


async def page_of(desk: Desk, case: Any) -> str:
    return (await desk.client.get(f"/cases/{case['case_id']}")).text


async def test_another_case_is_offered_with_reasons_and_no_values(desk: Desk, pair: tuple[Any, Any]) -> None:
    first, second = pair
    page = await page_of(desk, first)

    assert "May be about the same child: 1 other case(s)" in page
    assert f'href="/cases/{second["case_id"]}"' in page
    offered = page[page.index('id="same-child"') : page.index('id="timeline-title"')]
    assert "same sound of the given name, same year of birth, same area" in offered
    assert "same place, on the same day or the next" in offered
    assert "小雨" not in offered
    assert "三号楼" not in offered


async def test_the_reasons_are_told_in_the_officers_language(desk: Desk, pair: tuple[Any, Any]) -> None:
    page = (await desk.client.get(f"/cases/{pair[0]['case_id']}?language=zh")).text

    assert "名字读音相同，出生年份相同，地区相同" in page
    assert "同一件事：并入本个案" in page


async def test_it_is_on_record_that_other_cases_were_shown(desk: Desk, pair: tuple[Any, Any]) -> None:
    await page_of(desk, pair[0])

    (look,) = [each for each in await desk.looks(pair[0]["case_id"]) if each["action"] == "case_shown"]
    assert "other_case.likeness" in look["shown"]


@pytest.mark.parametrize("says", [None, "same_child", "not_same"])
async def test_a_case_that_was_shown_beside_another_has_that_look_in_its_own_record(
    desk: Desk, pair: tuple[Any, Any], says: str | None
) -> None:
    first, second = pair
    if says is not None:
        await desk.press(first["case_id"], says, other=str(second["case_id"]))
    before = len(await desk.looks(second["case_id"]))

    await desk.client.get(f"/cases/{first['case_id']}?purpose=review")

    looks = await desk.looks(second["case_id"])
    assert [each["action"] for each in looks[before:]] == ["case_shown_beside"]
    assert looks[-1]["actor"] == str(desk.hotline.people["duty-zhou"])
    assert looks[-1]["purpose"] == "review"
    assert "case.urgency" in looks[-1]["shown"]
    assert not [each for each in looks[-1]["shown"] if each.startswith("report.")]
    async with desk.hotline.db.transaction() as tx:
        assert await audit.verify(tx, second["case_id"]) == len(looks)


async def test_the_case_that_one_is_inside_of_is_put_on_record_too(desk: Desk, pair: tuple[Any, Any]) -> None:
    first, second = pair
    await desk.press(first["case_id"], "same_matter", other=str(second["case_id"]))

    await page_of(desk, second)

    assert (await desk.looks(first["case_id"]))[-1]["action"] == "case_shown_beside"


async def test_the_history_is_looked_up_once_a_page(
    desk: Desk, pair: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, of_case = [], past.of_case

    async def counted(tx: Any, case_id: Any) -> Any:
        asked.append(case_id)
        return await of_case(tx, case_id)

    monkeypatch.setattr(past, "of_case", counted)

    await page_of(desk, pair[0])

    assert asked == [pair[0]["case_id"]]


async def test_a_tie_of_two_closed_cases_is_undone_on_the_page(desk: Desk, pair: tuple[Any, Any]) -> None:
    first, second = pair
    await desk.press(first["case_id"], "same_matter", other=str(second["case_id"]))
    for case in pair:
        await desk.hotline.had_closed(case["case_id"])
    assert "Inside this case" in await page_of(desk, first)

    answer = await desk.press(first["case_id"], "undo_same", other=str(second["case_id"]))

    page = (await desk.client.get(answer.headers["location"])).text
    assert "Undone." in page
    assert "Inside this case" not in page


async def test_a_child_elsewhere_with_another_name_is_not_offered(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    first = await report(QUESTION)
    await desk.hotline.receive(first)
    desk.hotline.clock.advance(timedelta(days=30))
    second = await report(QUESTION, area=CAMDEN, jurisdiction="GB-ENG")
    await desk.hotline.receive(second)

    page = await page_of(desk, await desk.hotline.case_of(second.report_id))
    assert "May be about the same child" not in page


async def test_the_same_child_becomes_history_on_both_pages(desk: Desk, pair: tuple[Any, Any]) -> None:
    first, second = pair
    answer = await desk.press(second["case_id"], "same_child", other=str(first["case_id"]))
    assert answer.status_code == 303

    page = (await desk.client.get(answer.headers["location"])).text
    assert "Same child: recorded. Both cases were judged again." in page
    assert "Earlier reports of this child: 1. Closed in a row: 0." in page
    assert "May be about the same child" not in page
    assert f"周敏: same child as case {second['alias']}" in await page_of(desk, first)


async def test_the_same_matter_is_shown_inside_with_its_words_and_clocks(desk: Desk, pair: tuple[Any, Any]) -> None:
    first, second = pair
    await desk.press(first["case_id"], "same_matter", other=str(second["case_id"]))

    page = await page_of(desk, first)
    assert "Inside this case" in page
    assert "窗户被砸了。" in page
    inner = await page_of(desk, second)
    assert f"This case is inside case {first['alias']}: go on there." in inner
    (look,) = [each for each in await desk.looks(second["case_id"]) if each["action"] == "case_shown_inside"]
    assert "report.narrative" in look["shown"]
    async with desk.hotline.db.transaction() as tx:
        assert await audit.verify(tx, second["case_id"]) >= 2


async def test_what_was_said_inside_without_words_is_shown_too(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    made = []
    for given in ({}, {"danger_now": "yes", "keys": ("1", "2")}):
        event = await report("" if given else QUESTION, **given)
        await desk.hotline.receive(event)
        made.append(await desk.hotline.case_of(event.report_id))
    await desk.press(made[0]["case_id"], "same_matter", other=str(made[1]["case_id"]))

    page = await page_of(desk, made[0])
    inside = page[page.index("Inside this case") :]
    assert "1, 2" in inside
    assert "三号楼二层" in inside
    assert "Is a child in danger now?" in inside[: inside.index("timeline-title")]
    (look,) = [each for each in await desk.looks(made[1]["case_id"]) if each["action"] == "case_shown_inside"]
    assert {"report.answers", "report.places", "report.contact"} <= set(look["shown"])


async def test_new_words_inside_make_an_open_page_stale(
    desk: Desk, pair: tuple[Any, Any], report: Reports, update: Updates
) -> None:
    first, second = pair
    await desk.press(first["case_id"], "same_matter", other=str(second["case_id"]))
    before = (await desk.client.get(f"/cases/{first['case_id']}/version")).json()
    told = await desk.hotline.admin.pool.fetchval(
        "select report_id from triage.case_reports where case_id = $1", second["case_id"]
    )
    event = (await report(QUESTION)).model_copy(update={"report_id": told})

    await desk.hotline.receive(await update(event, "又砸了一次。"))

    assert (await desk.client.get(f"/cases/{first['case_id']}/version")).json() != before
    assert "又砸了一次。" in await page_of(desk, first)


async def test_what_is_not_the_same_is_offered_again_only_when_that_is_undone(
    desk: Desk, pair: tuple[Any, Any]
) -> None:
    first, second = pair
    await desk.press(first["case_id"], "not_same", other=str(second["case_id"]))
    for case in pair:
        page = await page_of(desk, case)
        assert "May be about the same child" not in page
        assert "<b>Not the same</b>" in page

    answer = await desk.press(second["case_id"], "undo_same", other=str(first["case_id"]))
    page = (await desk.client.get(answer.headers["location"])).text
    assert "Undone. What has risen stays as urgent as it is." in page
    assert "May be about the same child" in page


async def test_a_refusal_is_told_in_words(desk: Desk, pair: tuple[Any, Any]) -> None:
    first, second = pair
    await desk.press(first["case_id"], "same_matter", other=str(second["case_id"]))

    again = await desk.press(second["case_id"], "same_matter", other=str(first["case_id"]))
    assert again.status_code == 409
    assert f"Somebody has said of this case and {first['alias']} already" in again.text
    nothing = await desk.press(first["case_id"], "same_child", other="nonsense")
    assert nothing.status_code == 409
    assert "Choose which case is meant." in nothing.text
    gone = await desk.press(first["case_id"], "same_child", other="00000000-0000-7000-8000-000000000000")
    assert "There is no such case." in gone.text


async def test_a_fourth_report_of_a_young_child_says_that_it_must_be_assigned(desk: Desk, report: Reports) -> None:
    await desk.sign_in()
    made = []
    for _ in range(4):
        event = await report("孩子三岁。")
        await desk.hotline.receive(event)
        made.append(await desk.hotline.case_of(event.report_id))
        desk.hotline.clock.advance(timedelta(minutes=1))
    for case in made[:3]:
        await desk.press(made[3]["case_id"], "same_child", other=str(case["case_id"]))
        await desk.hotline.had_closed(case["case_id"])

    page = await page_of(desk, made[3])
    assert "Earlier reports of this child: 3. Closed in a row: 3." in page
    assert "The fourth report in a row with a child under five" in page


async def test_the_queue_says_what_is_inside_another_case(desk: Desk, pair: tuple[Any, Any]) -> None:
    first, second = pair
    await desk.press(first["case_id"], "same_matter", other=str(second["case_id"]))

    assert f"inside {first['alias']}" in (await desk.client.get("/")).text


async def test_a_case_inside_one_that_is_closed_says_so_and_sends_nobody_there(
    desk: Desk, pair: tuple[Any, Any]
) -> None:
    first, second = pair
    hotline = desk.hotline
    async with hotline.turn() as turn:
        await same_child.say(turn, await hotline.press(first["case_id"]), second["case_id"], Says.SAME_MATTER)
    assert "go on there" in await page_of(desk, second)

    await hotline.had_closed(first["case_id"])

    page = await page_of(desk, second)
    assert "go on there" not in page
    assert f"This case is inside case {first['alias']}, which is closed: go on here." in page
