"""*Safe until* is a clock: what nears or passes it is judged again and calls."""

from datetime import timedelta
from typing import Any

from tests.integration.triage.conftest import ASKED, Hotline, Reports, Updates

QUESTION = "想了解一下你们的服务。"
HOUR = timedelta(hours=1)


async def test_an_earlier_end_of_safety_begins_a_calling_that_waits_for_the_morning(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    hotline.clock.advance(11 * HOUR)  # 23:00 in Beijing
    event = await report(QUESTION, danger_now="does_not_know")
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    assert await hotline.assignments(case_id) == []

    await hotline.receive(
        await update(event, "孩子到一点以前安全。", child_safe_until=hotline.clock.now() + 2 * HOUR)
    )

    assert [each["because"] for each in await hotline.assignments(case_id)] == ["began"]
    assert (await hotline.clock_of(case_id, "begin_calling"))["ended_at"] is not None


async def test_a_safety_that_nears_its_end_raises_and_calls_and_its_end_raises_again(
    hotline: Hotline, report: Reports
) -> None:
    until = hotline.clock.now() + 5 * HOUR
    event = await report(QUESTION, child_safe_until=until)
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    assert (await hotline.case_of_id(case_id))["urgency"] == "routine"

    hotline.clock.advance(3 * HOUR + HOUR / 2)
    await hotline.take_due()
    assert (await hotline.case_of_id(case_id))["urgency"] == "urgent"
    assert [each["because"] for each in await hotline.assignments(case_id)] == ["raised"]
    assert (await hotline.assignments(case_id))[0]["deadline_at"] == until - timedelta(minutes=45)
    assert (await hotline.clock_of(case_id, "response"))["due_at"] == until - timedelta(minutes=45)

    hotline.clock.advance(HOUR + HOUR / 2)
    await hotline.take_due()
    assert (await hotline.case_of_id(case_id))["urgency"] == "immediate"
    assert (await hotline.assignments(case_id))[-1]["urgency"] == "immediate"
    assert (await hotline.clock_of(case_id, "safety_ends"))["ended_at"] == hotline.clock.now()


async def test_who_is_there_keeps_the_case_and_the_desk_is_alarmed(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="does_not_know", child_safe_until=hotline.clock.now() + 2 * HOUR)
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    person = hotline.people["bj-li"]
    await hotline.receive(hotline.escalation(case, acknowledged_by=person))
    now = hotline.clock.now()
    there: dict[str, Any] = {"begun_at": now, "arrived_at": now, "checked_in_at": now}
    await hotline.receive(hotline.escalation(case, acknowledged_by=person, **there))

    hotline.clock.advance(3 * HOUR)
    await hotline.take_due()

    assert (await hotline.case_of_id(case["case_id"]))["taken_by"] == person
    assert len(await hotline.assignments(case["case_id"])) == 1
    kinds = await hotline.admin.pool.fetch("select kind from triage.alarms")
    assert "clock_missed/safety_ends" in {row["kind"] for row in kinds}


async def test_safe_now_said_after_the_end_holds_over_it(hotline: Hotline, report: Reports, update: Updates) -> None:
    event = await report(QUESTION, child_safe_until=hotline.clock.now() + 3 * HOUR)
    hotline.clock.advance(4 * HOUR)
    await update(event, "孩子已经到外婆家。", child_safe_now="yes")

    await hotline.receive(event)

    assert (await hotline.case_of(event.report_id))["urgency"] == "routine"


async def test_an_answer_of_safety_is_open_again_after_newer_words(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report("孩子误服了农药。", danger_now="no", answers=ASKED)
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    assert case["urgency"] == "urgent"

    await hotline.receive(await update(event, "没有受伤", injury="none"))
    assert (await hotline.case_of(event.report_id))["urgency"] == "urgent"

    await hotline.receive(await update(event, "刚才他爸来接走了，把他胳膊打断了，骨折了。"))
    assert (await hotline.case_of(event.report_id))["urgency"] == "immediate"
