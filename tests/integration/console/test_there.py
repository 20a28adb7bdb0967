"""What the desk reads and records about responders on the way and there."""

from typing import Any
from uuid import UUID

import pytest

from infra.vault import Subject
from tests.integration.console.conftest import Desk, token_in
from tests.integration.triage.conftest import Reports

QUESTIONS = {
    "facts": {},
    "check_in": {"arrived_at": True, "checked_in_at": True},
    "responder_help": {"needs_help_at": True},
    "child_not_reached": {"not_reached_at": True},
}


@pytest.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """A case that somebody took by key, and an officer who is signed in."""
    await desk.sign_in()
    event = await report(danger_now="yes")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    await desk.hotline.receive(desk.hotline.escalation(case, acknowledged_by=taker(desk)))
    return case


def taker(desk: Desk) -> UUID:
    return desk.hotline.people["mgr-gao"]


async def says(desk: Desk, case: Any, **said: Any) -> None:
    now = desk.hotline.clock.now()
    known: dict[str, Any] = dict.fromkeys(said, now)
    if "needs_help_at" in said:
        known["needs_help_by"] = taker(desk)
    await desk.hotline.receive(desk.hotline.escalation(case, acknowledged_by=taker(desk), **known))


async def page(desk: Desk, case: Any, language: str = "en") -> str:
    found = await desk.client.get(f"/cases/{case['case_id']}", headers={"accept-language": language})
    return found.text


async def test_facts_not_yet_read_are_shown_with_the_number_to_ring_and_the_look_is_on_record(
    desk: Desk, case: Any
) -> None:
    async with desk.hotline.db.transaction() as tx:
        sealed = await tx.fetchval("select number from triage.phones where person_id = $1", taker(desk))
        number = await desk.hotline.vault.open_text(tx, Subject("person", taker(desk)), "phone", sealed)
    shown = await page(desk, case)
    assert "Facts not yet read by the responder" in shown
    assert f'<a href="tel:{number}">{number}</a>' in shown
    assert any("case.responder_phones" in look["shown"] for look in await desk.looks(case["case_id"]))

    await desk.press(case["case_id"], "question", question="facts", answer="told", question_words="all of it")
    shown = await page(desk, case)
    assert "Facts not yet read" not in shown
    assert number not in shown
    assert "Facts read: I have told the responder the facts" in shown
    assert "all of it" in shown


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", QUESTIONS)
async def test_every_question_is_asked_in_both_languages(desk: Desk, case: Any, name: str, language: str) -> None:
    await says(desk, case, **QUESTIONS[name])
    shown = await page(desk, case, language)
    assert f'id="ask-{name}"' in shown
    assert "desk_ask" not in shown


async def test_a_call_for_help_stands_first_among_the_alarms_until_it_is_answered(desk: Desk, case: Any) -> None:
    await says(desk, case, needs_help_at=True)
    shown = await page(desk, case)
    first = shown[shown.index('class="alarms on"') :].split("</li>")[0]
    assert "THE RESPONDER NEEDS HELP" in first
    assert "settle" not in first, "only the recorded answer ends it"
    refused = await desk.press(case["case_id"], "question", question="responder_help")
    assert refused.status_code == 409
    assert "THE RESPONDER NEEDS HELP" in await page(desk, case)
    sent = await desk.press(case["case_id"], "question", question="responder_help", answer="police_sent")
    assert sent.status_code == 303
    assert "THE RESPONDER NEEDS HELP" not in await page(desk, case)


async def test_what_was_typed_is_kept_when_an_answer_is_refused(desk: Desk, case: Any) -> None:
    await says(desk, case, not_reached_at=True)
    refused = await desk.press(
        case["case_id"], "question", question="child_not_reached", answer="wait", question_words="door is locked"
    )
    assert refused.status_code == 409
    assert "door is locked" in refused.text


async def test_a_number_that_does_not_open_says_so_and_hides_nothing_else(desk: Desk, case: Any) -> None:
    await desk.hotline.admin.pool.execute(
        "update triage.phones set number = '\\x00' where person_id = $1", taker(desk)
    )
    shown = await page(desk, case)
    assert "a number that cannot be opened" in shown
    assert "Facts not yet read by the responder" in shown


async def test_an_alarm_that_asks_a_question_is_not_ended_by_an_address_that_no_page_offers(
    desk: Desk, case: Any
) -> None:
    await says(desk, case, needs_help_at=True)
    shown = await page(desk, case)
    alarm = await desk.hotline.admin.pool.fetchval("select alarm_id from triage.alarms where kind = 'responder_help'")
    fields = {"token": token_in(shown), "back": "/"}
    refused = await desk.client.post(f"/alarms/{alarm}/settle", data=fields)
    assert refused.status_code == 409
    assert "This alarm asks a question" in refused.text
    assert "THE RESPONDER NEEDS HELP" in await page(desk, case)


async def test_of_two_who_are_there_the_page_asks_about_whom(desk: Desk, case: Any) -> None:
    hotline, other = desk.hotline, desk.hotline.people["bj-zhao"]
    await says(desk, case, arrived_at=True, checked_in_at=True)
    assert f'name="about" value="{taker(desk)}"' in await page(desk, case)
    now = hotline.clock.now()
    call = hotline.escalation(case, number=2, acknowledged_by=other, arrived_at=now, checked_in_at=now)
    await hotline.receive(call)

    shown = await page(desk, case)
    for person in (taker(desk), other):
        assert f'type="radio" name="about" value="{person}"' in shown
    for about, status in (("", 409), ("nobody", 409), (str(other), 303)):
        pressed = await desk.press(case["case_id"], "question", question="check_in", answer="has_left", about=about)
        assert pressed.status_code == status

    shown = await page(desk, case)
    assert f'type="hidden" name="about" value="{taker(desk)}"' in shown
    assert str(other) not in shown.split('id="ask-check_in"')[1].split("</section>")[0]
    assert "The responder has left and is safe (recorded by" in shown


async def test_a_call_for_help_after_closing_is_answered_on_the_page(desk: Desk, case: Any) -> None:
    await desk.hotline.had_closed(case["case_id"])
    assert 'id="ask-responder_help"' not in await page(desk, case)
    await says(desk, case, needs_help_at=True)
    assert 'id="ask-responder_help"' in await page(desk, case)

    sent = await desk.press(case["case_id"], "question", question="responder_help", answer="police_sent")

    assert sent.status_code == 303
    assert "THE RESPONDER NEEDS HELP" not in await page(desk, case)
