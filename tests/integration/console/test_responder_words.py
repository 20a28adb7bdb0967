"""What responders answer and no event tells reaches the desk: late answers, and words that no rule took."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio

from infra.ids import new_id
from infra.vault import Subject
from tests.integration.console.conftest import Desk, alert, token_in
from tests.integration.triage.conftest import Reports

WORDS = "他有刀 我在门口"


@pytest_asyncio.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """A case for which somebody is called, and an officer who is signed in."""
    await desk.sign_in()
    return await called(desk, report)


async def called(desk: Desk, report: Reports) -> Any:
    event = await report(danger_now="yes")
    await desk.hotline.receive(event)
    case = await desk.hotline.case_of(event.report_id)
    await alert(desk.hotline, case, "bj-li", "first")
    return case


async def answered(desk: Desk, effect: str, words: str, of: Any = None, *, about: tuple[Any, ...] = ()) -> UUID:
    """An answer of Li as the notifier keeps it: to the calling of a case, or one without its number."""
    hotline, answer_id, person = desk.hotline, new_id(), desk.hotline.people["bj-li"]
    escalation = "select escalation_id from notifier.escalations where subject_id = $1"
    async with hotline.admin.transaction() as tx:
        sealed = await hotline.vault.seal(tx, Subject("person", person), "answer", words)
        await tx.execute(
            "insert into notifier.answers (answer_id, escalation_id, person_id, via, act, effect, words, "
            "answered_at, says_more) values ($1, $2, $3, 'sms', $4, $5, $6, $7, $8)",
            answer_id,
            await tx.fetchval(escalation, of["case_id"]) if of else None,
            person,
            "take" if of else "unclear",
            effect,
            sealed,
            hotline.clock.now(),
            not words.isdecimal(),
        )
        for each in about:
            found = await tx.fetchval(escalation, each["case_id"])
            await tx.execute("insert into notifier.answers_about values ($1, $2)", answer_id, found)
    return answer_id


async def alarms(desk: Desk, language: str = "en") -> str:
    return (await desk.client.get(f"/alarms?language={language}")).text


async def timeline(desk: Desk, case: Any, language: str = "en") -> str:
    page = (await desk.client.get(f"/cases/{case['case_id']}?language={language}")).text
    return page[page.index('id="timeline-title"') :]


async def press_read(desk: Desk, answer_id: UUID) -> int:
    page = (await desk.client.get("/words")).text
    fields = {"token": token_in(page), "back": "/words"}
    return (await desk.client.post(f"/words/{answer_id}/read", data=fields)).status_code


async def test_an_answer_to_a_replaced_call_is_told_at_the_desk(desk: Desk, case: Any) -> None:
    desk.hotline.clock.advance(timedelta(seconds=30))
    await answered(desk, "superseded", "31", case)

    english, chinese = await timeline(desk, case), await timeline(desk, case, "zh")
    assert "李明远 answered call number 1, which another call had replaced (Responders): I take it, by SMS" in english
    assert "李明远答复了已被新呼叫取代的第 1 次呼叫（呼叫处置人员）：我来接手（短信）" in chinese
    assert "not understood" not in await alarms(desk)


async def test_what_an_event_tells_is_told_once_with_the_words_beside_it(desk: Desk, case: Any) -> None:
    await answered(desk, "taken", "31", case)
    assert "wrote beside the answer" not in await timeline(desk, case)

    await answered(desk, "taken", f"31 {WORDS}", case)
    told = await timeline(desk, case)
    assert told.count("wrote beside the answer") == 1
    assert f'<p class="words">31 {WORDS}</p>' in told


async def test_words_beside_an_answer_alarm_until_somebody_has_read_them(desk: Desk, case: Any) -> None:
    await answered(desk, "taken", "31", case)
    assert "more than an answer" not in await alarms(desk)

    answer_id = await answered(desk, "taken", f"31 {WORDS}", case)
    part = await alarms(desk)
    assert re.search(
        rf'href="/cases/{case["case_id"]}">Case {case["alias"]}: [^<]+ wrote more than an answer. Read it', part
    )
    assert f'action="/words/{answer_id}/read"' in part
    assert "在答复之外另有说明" in await alarms(desk, "zh")
    assert WORDS not in part
    page = (await desk.client.get("/words?language=en")).text
    assert f'<p class="words">31 {WORDS}</p>' in page
    assert "Written beside an answer to:" in page

    assert await press_read(desk, answer_id) == 303
    assert "more than an answer" not in await alarms(desk)
    assert WORDS in await timeline(desk, case)


async def test_words_that_were_not_understood_alarm_until_somebody_has_read_them(desk: Desk, case: Any) -> None:
    answer_id = await answered(desk, "asked_back", WORDS, about=(case,))

    part = await alarms(desk)
    assert re.search(
        rf'href="/cases/{case["case_id"]}">Case {case["alias"]}: [^<]+ wrote what was not understood', part
    )
    assert f'action="/words/{answer_id}/read"' in part
    assert f"个案 {case['alias']}：" in await alarms(desk, "zh")
    assert WORDS not in part
    told = await timeline(desk, case)
    assert "it was not understood, and they were asked back" in told
    assert f'<p class="words">{WORDS}</p>' in told
    assert "case.answers" in (await desk.looks(case["case_id"]))[-1]["shown"]

    assert await press_read(desk, answer_id) == 303
    assert "not understood" not in await alarms(desk)
    assert WORDS in await timeline(desk, case), "what was read is not lost"
    assert await press_read(desk, answer_id) == 409


async def test_words_that_belong_to_no_case_are_opened_by_a_look_on_record(desk: Desk, case: Any) -> None:
    answer_id = await answered(desk, "asked_back", WORDS)

    part = await alarms(desk)
    assert re.search(rf'href="/words#{answer_id}">[^<]+ wrote what belongs to no case', part)
    assert f"/words/{answer_id}/read" not in part, "nothing else shows them: they are read before they are settled"
    assert "不属于任何个案" in await alarms(desk, "zh")
    assert WORDS not in await timeline(desk, case)

    page = (await desk.client.get("/words")).text
    assert f'<p class="words">{WORDS}</p>' in page
    look = await desk.hotline.admin.pool.fetchrow("select * from infra.audit order by seq desc limit 1")
    assert look
    assert (look["action"], look["subject_id"]) == ("words_shown", desk.hotline.people["bj-li"])
    assert WORDS not in str(await desk.hotline.admin.pool.fetch("select * from infra.audit"))

    assert await press_read(desk, answer_id) == 303
    assert "belongs to no case" not in await alarms(desk)
    assert "Every text has been read" in (await desk.client.get("/words?language=en")).text


async def test_words_that_may_be_about_two_cases_stand_beside_both(desk: Desk, case: Any, report: Reports) -> None:
    other = await called(desk, report)
    answer_id = await answered(desk, "asked_back", WORDS, about=(case, other))

    assert re.search(rf'href="/words#{answer_id}">[^<]+any of 2 cases', await alarms(desk))
    for each in (case, other):
        assert WORDS in await timeline(desk, each)
        assert f'<a href="/cases/{each["case_id"]}">{each["alias"]}</a>' in (await desk.client.get("/words")).text


async def test_a_bare_number_stands_in_the_timeline_and_alarms_nobody(desk: Desk, case: Any) -> None:
    await answered(desk, "asked_back", "1", about=(case,))

    assert '<p class="words">1</p>' in await timeline(desk, case)
    assert "not understood" not in await alarms(desk)


async def test_what_an_older_process_kept_is_read_too(desk: Desk, case: Any) -> None:
    answer_id = await answered(desk, "asked_back", WORDS)
    await desk.hotline.admin.pool.execute(
        "update notifier.answers set says_more = null where answer_id = $1", answer_id
    )

    assert "belongs to no case" in await alarms(desk)


async def test_a_broken_seal_hides_nothing_else(desk: Desk, case: Any) -> None:
    await answered(desk, "asked_back", WORDS, about=(case,))
    broken = await answered(desk, "asked_back", WORDS, about=(case,))
    await desk.hotline.admin.pool.execute("update notifier.answers set words = 'x' where answer_id = $1", broken)

    for page in (await timeline(desk, case), (await desk.client.get("/words?language=en")).text):
        assert page.count(WORDS) == 1
        assert "Cannot be opened: needs a person" in page
