"""A case lives again, and one of low urgency is looked at again: nothing rests for good."""

from datetime import timedelta

import pytest

from infra.inbox import DeadLetter, Envelope
from infra.outbox import Trace
from tests.integration.triage.conftest import ASKED, Hotline, Reports, Updates
from tests.integration.triage.test_closing import MILD, SAFE, SERVED, ask, case_id_of, read, status
from triage.domain.case import Refusal
from triage.handlers import closing, on_dead_letter


async def test_words_that_nobody_can_process_open_a_closed_case_and_are_read_in_two_minutes(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    await ask(hotline, case_id)
    hotline.clock.advance(timedelta(hours=1))
    told = await update(event, "又听见孩子哭。")
    envelope = Envelope(event.report_id, told.type, told.key, told.model_dump(mode="json"), Trace.begin())

    async with hotline.turn() as turn:
        await on_dead_letter(DeadLetter(envelope, "broken", turn.now), turn)

    assert await status(hotline, case_id) == "open"
    clock = await hotline.clock_of(case_id, "read")
    assert clock["due_at"] == hotline.clock.now() + timedelta(minutes=2)


async def test_a_new_report_linked_to_a_closed_case_is_a_case_of_its_own(hotline: Hotline, report: Reports) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    await ask(hotline, case_id)

    later = await report(MILD, **SAFE, linked_to=event.report_id)
    await hotline.receive(later)

    assert await case_id_of(hotline, later) != case_id
    assert await status(hotline, case_id) == "closed"


@pytest.mark.parametrize(
    ("words", "urgency", "days"),
    [(MILD, "routine", 7), ("孩子已经好几个星期没来上学了，六岁。", "priority", 3)],
)
async def test_a_case_of_low_urgency_has_a_review_that_alarms_and_calls_nobody(
    hotline: Hotline, report: Reports, words: str, urgency: str, days: int
) -> None:
    event = await report(words, **SAFE)
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    case_id = case["case_id"]
    assert case["urgency"] == urgency
    await read(hotline, case_id)
    review = await hotline.clock_of(case_id, "review")
    assert review["due_at"] - review["started_at"] == timedelta(days=days)
    await hotline.admin.pool.execute(
        "update triage.clocks set ended_at = started_at where case_id = $1 and name <> 'review'", case_id
    )

    hotline.clock.advance(timedelta(days=days, minutes=1))
    before = await hotline.admin.pool.fetchval("select count(*) from triage.assignments")
    await hotline.take_due()

    assert await hotline.admin.pool.fetchval("select count(*) from triage.assignments") == before
    kinds = [row["kind"] for row in await hotline.admin.pool.fetch("select kind from triage.alarms")]
    assert "clock_missed/review" in kinds
    again = await hotline.clock_of(case_id, "review")
    assert again["due_at"] == hotline.clock.now() + timedelta(days=days)
    assert await status(hotline, case_id) == "open"


async def test_a_report_that_cannot_be_opened_calls_for_a_second_person(hotline: Hotline, report: Reports) -> None:
    event = await report(MILD, danger_now="no", answers=ASKED)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    await hotline.admin.pool.execute("alter table ingest.reports disable trigger user")
    await hotline.admin.pool.execute(
        "update ingest.reports set facts = $1", b"broken beyond opening, but long enough"
    )

    await ask(hotline, case_id)

    assert await status(hotline, case_id) == "open"
    grounds = await hotline.admin.pool.fetchval("select grounds from triage.closings")
    assert grounds == ["age_unknown"]


async def test_a_press_from_an_older_page_closes_nothing(hotline: Hotline, report: Reports) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    old = await hotline.press(case_id)
    await read(hotline, case_id)
    with pytest.raises(Refusal, match="refusal_changed"):
        async with hotline.turn() as turn:
            await closing.ask_close(turn, old, SERVED)
