"""The pages of second readings: what is shown to whom, blind first, then what had been said."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from infra.ids import new_id
from infra.vault import Subject
from schemas.report import Facts, Person
from tests.integration.console.conftest import Desk, token_in
from tests.integration.console.test_recordings import SOUND, note
from tests.integration.console.test_unread import BROKEN, tamper
from tests.integration.triage.conftest import Reports, Updates
from tests.integration.watching.conftest import DUE, Cases, alarm_kinds, draw, entry_of, move_to, plan

WORDS = "邻居家的孩子这几天总在楼道里坐着，没有大人管。"


async def sampled(desk: Desk, case: Any) -> UUID:
    """The entry of a case, drawn at the end of its week."""
    await plan(desk.hotline)
    move_to(desk.hotline, DUE)
    await draw(desk.hotline)
    return await entry_of(desk.hotline, case)


async def give(client: httpx.AsyncClient, entry: UUID, **fields: str) -> httpx.Response:
    page = await client.get(f"/second-readings/{entry}")
    return await client.post(f"/second-readings/{entry}", data={"token": token_in(page.text)} | fields)


def main_of(page: str) -> str:
    """What a page says below its alarms."""
    return page.partition("<main")[2]


async def test_a_reader_sees_words_and_answers_and_nothing_of_the_judgement(desk: Desk, report: Reports) -> None:
    hotline = desk.hotline
    event = await report(WORDS, danger_now="would_not_say", answers={"child_age_years": 4})
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    entry = await sampled(desk, case)
    await desk.sign_in()

    page = main_of((await desk.client.get(f"/second-readings/{entry}")).text)

    assert WORDS in page
    assert "would not say" in page
    assert "4 years" in page
    assert "六岁" in page
    for hidden in (case["alias"], str(case["case_id"]), "badge", "Reasons", "neighbour", "小雨", "web"):
        assert hidden not in page, hidden
    # The four urgencies stand there as choices alone, none of them chosen.
    assert page.count("urgent · within 24 h") == 1
    assert "checked" not in page


async def test_whom_the_reporter_suspects_is_left_out(desk: Desk, report: Reports, update: Updates) -> None:
    hotline = desk.hotline
    event = await report(WORDS)
    await hotline.receive(event)
    sealed = await people_sealed(desk, event.report_id)
    await tamper(desk, "update ingest.reports set facts = $1 where report_id = $2", sealed, event.report_id)
    entry = await sampled(desk, await hotline.case_of(event.report_id))
    await desk.sign_in()

    page = main_of((await desk.client.get(f"/second-readings/{entry}?language=zh")).text)

    assert "当事儿童" in page
    assert "八岁" in page
    assert "十二岁" in page
    for hidden in ("疑似侵害人 ", "疑似侵害人<", "继父", "四十岁", "刘某", "孩子甲", "孩子乙"):
        assert hidden not in page, hidden


async def people_sealed(desk: Desk, report_id: UUID) -> bytes:
    """The facts of a report with a child, a person of concern who is a carer too, and a child who is both."""
    child = Person(roles=("child_of_concern",), name="孩子甲", age="八岁")
    feared = Person(roles=("carer", "person_of_concern"), name="刘某", age="四十岁", note="继父")
    both = Person(roles=("child_of_concern", "person_of_concern"), name="孩子乙", age="十二岁")
    facts = Facts(narrative=WORDS, people=(child, feared, both)).model_dump_json()
    async with desk.hotline.turn() as turn:
        return await desk.hotline.vault.seal(turn.tx, Subject("report", report_id), "facts", facts)


async def test_words_that_came_after_the_draw_are_not_judged(desk: Desk, report: Reports, update: Updates) -> None:
    event = await report(WORDS)
    await desk.hotline.receive(event)
    entry = await sampled(desk, await desk.hotline.case_of(event.report_id))
    desk.hotline.clock.advance(timedelta(minutes=1))
    await desk.hotline.receive(await update(event, "后来听说孩子被打了。"))
    await desk.sign_in()

    page = (await desk.client.get(f"/second-readings/{entry}")).text

    assert WORDS in page
    assert "后来听说" not in page


async def test_a_look_is_on_record_with_what_was_shown(desk: Desk, cases: Cases) -> None:
    (case,) = await cases("routine")
    entry = await sampled(desk, case)
    await desk.sign_in()

    await desk.client.get("/second-readings")
    assert await desk.looks(case["case_id"]) == []
    await desk.client.get(f"/second-readings/{entry}")

    (look,) = await desk.looks(case["case_id"])
    assert (look["purpose"], look["action"]) == ("second_reading", "second_reading_shown")
    assert "report.narrative" in look["shown"]
    assert "case.urgency" not in look["shown"]


async def test_after_the_reading_what_had_been_said_is_shown_and_the_raise_offered(desk: Desk, cases: Cases) -> None:
    (case,) = await cases("routine")
    entry = await sampled(desk, case)
    await desk.sign_in()

    answer = await give(desk.client, entry, urgency="urgent", certainty="unsure")
    page = (await desk.client.get(answer.headers["location"])).text

    assert answer.status_code == 303
    assert "Your reading was kept." in page
    assert f"Case {case['alias']}: a second reading finds it graver (urgent · within 24 h)" in page
    assert "Raise to urgent" in page
    assert [each["action"] for each in await desk.looks(case["case_id"])][-1] == "second_reading_compared"
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    raised = await desk.client.post(
        f"/second-readings/{entry}/raise", data={"token": token_in(page), "version": version[1]}
    )
    assert raised.headers["location"] == f"/cases/{case['case_id']}?done=raise"
    assert (await desk.hotline.case_of_id(case["case_id"]))["urgency"] == "urgent"
    assert await alarm_kinds(desk.hotline) == []


async def test_a_raise_from_an_older_page_is_refused_in_words(desk: Desk, cases: Cases) -> None:
    (case,) = await cases("routine")
    entry = await sampled(desk, case)
    await desk.sign_in()
    await give(desk.client, entry, urgency="urgent", certainty="sure")
    page = (await desk.client.get(f"/second-readings/{entry}")).text

    for version in ("0", "", "many"):
        answer = await desk.client.post(
            f"/second-readings/{entry}/raise", data={"token": token_in(page), "version": version}
        )
        assert answer.status_code == 409
        assert "This case has changed since you opened it" in answer.text

    assert (await desk.hotline.case_of_id(case["case_id"]))["urgency"] == "routine"


async def test_an_equal_reading_offers_nothing(desk: Desk, cases: Cases) -> None:
    (case,) = await cases("routine")
    entry = await sampled(desk, case)
    await desk.sign_in()

    await give(desk.client, entry, urgency="routine", certainty="sure")
    page = main_of((await desk.client.get(f"/second-readings/{entry}")).text)

    assert "/raise" not in page
    assert case["alias"] in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"certainty": "sure"}, "Choose an urgency."),
        ({"urgency": "urgent"}, "Choose how sure you are."),
        ({"urgency": "whenever", "certainty": "sure"}, "Choose an urgency."),
    ],
)
async def test_what_is_missing_is_said_and_what_was_chosen_stays(
    desk: Desk, cases: Cases, fields: dict[str, str], sentence: str
) -> None:
    (case,) = await cases("routine")
    entry = await sampled(desk, case)
    await desk.sign_in()

    answer = await give(desk.client, entry, **fields)

    assert answer.status_code == 409
    assert sentence in answer.text
    chosen = set(fields.values()) & {"urgent", "sure"}
    assert len(re.findall(r"<input[^>]* checked", answer.text)) == len(chosen)


async def test_what_does_not_wait_for_a_person_is_not_shown_to_them(desk: Desk, cases: Cases) -> None:
    (case,) = await cases("routine", words=WORDS)
    entry = await sampled(desk, case)
    await desk.sign_in()
    form = token_in((await desk.client.get(f"/second-readings/{entry}")).text)
    await desk.client.get(f"/cases/{case['case_id']}")

    page = await desk.client.get(f"/second-readings/{entry}")
    kept = await desk.client.post(
        f"/second-readings/{entry}", data={"token": form, "urgency": "urgent", "certainty": "sure"}
    )
    listed = await desk.client.get("/second-readings")

    assert page.status_code == 404
    assert WORDS not in page.text
    assert kept.status_code == 409
    assert "This one does not wait for you" in kept.text
    assert str(entry) not in listed.text
    assert (await desk.client.get(f"/second-readings/{new_id()}")).status_code == 404
    assert await desk.hotline.admin.pool.fetchval("select count(*) from triage.second_readings") == 0


async def test_a_report_that_cannot_be_opened_says_so(desk: Desk, report: Reports) -> None:
    event = await report(WORDS)
    await desk.hotline.receive(event)
    entry = await sampled(desk, await desk.hotline.case_of(event.report_id))
    await tamper(desk, "update ingest.reports set facts = $1", BROKEN)
    await desk.sign_in()

    page = await desk.client.get(f"/second-readings/{entry}")

    assert page.status_code == 200
    assert "Cannot be opened: needs a person" in page.text


async def test_a_recording_is_heard_here_by_whom_it_waits_for(desk: Desk, report: Reports) -> None:
    event = await report("")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    recording = await note(desk.hotline, event.report_id, SOUND)
    entry = await sampled(desk, case)
    await desk.sign_in()
    sound = f"/second-readings/{entry}/recordings/{recording}"

    assert sound in (await desk.client.get(f"/second-readings/{entry}")).text
    assert (await desk.client.get(sound)).content == SOUND
    look = (await desk.looks(case["case_id"]))[-1]
    assert (look["action"], look["shown"]) == ("second_reading_shown", ["report.recording"])
    # Whoever is on duty has still to listen to it, and this reader is no other's witness.
    assert "recording_heard" not in await desk.hotline.kinds(case["case_id"])
    await give(desk.client, entry, urgency="routine", certainty="unsure")
    assert (await desk.client.get(sound)).status_code == 404
