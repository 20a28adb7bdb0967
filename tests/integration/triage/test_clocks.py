"""Clocks of a pack: from which event they run, and what is done when they are missed."""

from datetime import timedelta

import pytest

from schemas.terms import Purpose, Urgency
from tests.integration.triage.conftest import CAMDEN, Hotline, Reports, Updates
from triage.domain.case import Refusal
from triage.handlers import presses


async def test_delivery_to_police_runs_from_the_commit_of_the_report(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    hotline.clock.advance(timedelta(minutes=3))
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]

    delivery = await hotline.clock_of(case_id, "police_delivery")

    assert delivery["started_at"] == event.received_at
    assert delivery["due_at"] == event.received_at + timedelta(minutes=15)


async def test_a_missed_delivery_calls_the_supervisor(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case_id))

    hotline.clock.advance(timedelta(minutes=15))
    await hotline.take_due()

    (called,) = await hotline.assignments(case_id, Purpose.READ)
    assert called["because"] == "clock_missed"
    assert [rung["level"] for rung in called["ladder"]["rungs"]] == ["lead", "manager"]
    assert len(await hotline.assignments(case_id)) == 1
    kinds = await hotline.admin.pool.fetch("select kind from triage.alarms")
    assert "clock_missed/police_delivery" in {row["kind"] for row in kinds}


async def test_a_delivery_starts_the_clock_of_the_result(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    assert await hotline.clock_of(case_id, "result_owed_to_reporter") is None

    async with hotline.turn() as turn:
        await presses.answer_clock(turn, await hotline.press(case_id), "police_delivery")

    owed = await hotline.clock_of(case_id, "result_owed_to_reporter")
    assert owed["due_at"] == hotline.clock.now() + timedelta(days=7)


async def test_nothing_is_delivered_of_what_nothing_was_found_in(hotline: Hotline, report: Reports) -> None:
    event = await report("想了解一下你们的服务。")
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    assert await hotline.clock_of(case_id, "police_delivery") is None

    async with hotline.turn() as turn:
        await presses.raise_urgency(turn, await hotline.press(case_id), Urgency.URGENT)

    delivery = await hotline.clock_of(case_id, "police_delivery")
    assert delivery["due_at"] == hotline.clock.now() + timedelta(minutes=15)


async def test_a_clock_limited_to_rules_runs_once_one_of_them_fires(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report("A neighbour's child.", area=CAMDEN, jurisdiction="GB-ENG", language="en")
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    assert await hotline.clock_of(case_id, "acknowledge_and_decide") is not None
    assert await hotline.clock_of(case_id, "fgm_to_police") is None

    told = "She told me she was cut: it was FGM, and she has an injury."
    await hotline.receive(await update(event, told))

    assert await hotline.clock_of(case_id, "fgm_to_police") is not None


async def test_the_watch_over_a_childs_safety_is_not_ended_by_a_press(hotline: Hotline, report: Reports) -> None:
    until = hotline.clock.now() + timedelta(hours=4)
    event = await report("他说话很难听。", child_safe_until=until)
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    assert await hotline.clock_of(case_id, "safety_ends") is not None

    with pytest.raises(Refusal, match="refusal_no_clock"):
        async with hotline.turn() as turn:
            await presses.answer_clock(turn, await hotline.press(case_id), "safety_ends")
