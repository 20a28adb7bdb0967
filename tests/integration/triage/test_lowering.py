"""A lower urgency: asked for by one named person, decided by another, and never over what nobody read or asked."""

from typing import Any

import pytest

from schemas.events import ReportReceived
from schemas.terms import Role, Urgency
from tests.integration.triage.conftest import ASKED, Hotline, Reports, Updates
from triage.domain.case import Refusal
from triage.handlers import presses, second_person


@pytest.fixture
async def received(hotline: Hotline, report: Reports) -> ReportReceived:
    """An immediate report that answers every danger question."""
    event = await report(danger_now="yes", answers=ASKED)
    await hotline.receive(event)
    return event


@pytest.fixture
async def case(hotline: Hotline, received: ReportReceived) -> Any:
    """The case of that report."""
    return await hotline.case_of(received.report_id)


async def read(hotline: Hotline, case_id: Any) -> None:
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case_id))


async def ask(hotline: Hotline, case_id: Any, urgency: Urgency = Urgency.PRIORITY) -> None:
    async with hotline.turn() as turn:
        press = await hotline.press(case_id)
        await second_person.ask_lower_urgency(turn, press, urgency, "孩子已由外婆接走")


async def decide(hotline: Hotline, case_id: Any, is_granted: bool = True) -> None:
    async with hotline.turn() as turn:
        press = await hotline.press(case_id, "sup-lu", Role.SUPERVISOR)
        await second_person.decide_lower_urgency(turn, press, is_granted)


async def test_lowering_needs_a_reading_and_a_second_person(hotline: Hotline, case: Any) -> None:
    case_id = case["case_id"]
    press = await hotline.press(case_id)
    with pytest.raises(Refusal, match="refusal_unread"):
        async with hotline.turn() as turn:
            await second_person.ask_lower_urgency(turn, press, Urgency.PRIORITY, "孩子已由外婆接走")
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case_id))
    async with hotline.turn() as turn:
        press = await hotline.press(case_id)
        await second_person.ask_lower_urgency(turn, press, Urgency.PRIORITY, "孩子已由外婆接走")
    assert (await hotline.case_of_id(case_id))["urgency"] == "immediate"

    own = await hotline.press(case_id, role=Role.SUPERVISOR)
    with pytest.raises(Refusal, match="refusal_second_person"):
        async with hotline.turn() as turn:
            await second_person.decide_lower_urgency(turn, own, True)
    async with hotline.turn() as turn:
        await second_person.decide_lower_urgency(turn, await hotline.press(case_id, "sup-lu", Role.SUPERVISOR), True)

    assert (await hotline.case_of_id(case_id))["urgency"] == "priority"
    assert "lowered" in await hotline.kinds(case_id)


async def test_a_request_from_before_a_raise_is_void(hotline: Hotline, report: Reports, update: Updates) -> None:
    event = await report("想了解一下你们的服务。", danger_now="does_not_know", answers=ASKED)
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    await read(hotline, case_id)
    await ask(hotline, case_id, Urgency.ROUTINE)

    await hotline.receive(await update(event, "他拿着刀，孩子现在有危险。", danger_now="yes"))

    with pytest.raises(Refusal, match="refusal_not_asked"):
        await decide(hotline, case_id)
    assert (await hotline.case_of_id(case_id))["urgency"] == "immediate"
    assert "lower_voided" in await hotline.kinds(case_id)
    await read(hotline, case_id)
    await ask(hotline, case_id)
    await decide(hotline, case_id)
    assert (await hotline.case_of_id(case_id))["urgency"] == "priority"


async def test_nothing_is_granted_over_words_that_nobody_read(
    hotline: Hotline, received: ReportReceived, case: Any, update: Updates
) -> None:
    await read(hotline, case["case_id"])
    await ask(hotline, case["case_id"])
    await hotline.receive(await update(received, "又听见孩子哭。"))

    with pytest.raises(Refusal, match="refusal_unread"):
        await decide(hotline, case["case_id"])

    await read(hotline, case["case_id"])
    await decide(hotline, case["case_id"])
    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "priority"


async def test_a_request_for_another_urgency_than_the_present_one_is_not_granted(hotline: Hotline, case: Any) -> None:
    await read(hotline, case["case_id"])
    await ask(hotline, case["case_id"])
    await hotline.admin.pool.execute("update triage.urgency_requests set urgency_from = 'urgent'")

    with pytest.raises(Refusal, match="refusal_raised_since"):
        await decide(hotline, case["case_id"])

    await decide(hotline, case["case_id"], is_granted=False)
    assert (await hotline.case_of_id(case["case_id"]))["urgency"] == "immediate"


async def test_nothing_is_lowered_while_a_danger_question_was_not_asked(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    await read(hotline, case_id)
    with pytest.raises(Refusal, match="refusal_question_open"):
        await ask(hotline, case_id)

    await hotline.receive(await update(event, "孩子在外婆家。", **ASKED))
    await read(hotline, case_id)
    await ask(hotline, case_id)
    await decide(hotline, case_id)

    assert (await hotline.case_of_id(case_id))["urgency"] == "priority"


async def test_a_question_that_one_report_of_a_case_answers_is_not_open_for_another(
    hotline: Hotline, received: ReportReceived, case: Any, report: Reports
) -> None:
    await hotline.receive(await report("又听见孩子哭。", linked_to=received.report_id))
    await read(hotline, case["case_id"])

    await ask(hotline, case["case_id"])

    assert "lower_asked" in await hotline.kinds(case["case_id"])


async def test_what_was_lowered_and_is_handed_back_is_nobodys_and_alarms_the_desk(
    hotline: Hotline, case: Any
) -> None:
    case_id, li = case["case_id"], hotline.people["bj-li"]
    await hotline.receive(hotline.escalation(case, acknowledged_by=li))
    await read(hotline, case_id)
    await ask(hotline, case_id, Urgency.ROUTINE)
    await decide(hotline, case_id)
    back: dict[str, Any] = {"handed_back_at": hotline.clock.now(), "handed_back_by": li}
    await hotline.receive(hotline.escalation(case, acknowledged_by=li, **back))

    row = await hotline.case_of_id(case_id)
    assert (row["urgency"], row["taken_by"]) == ("routine", None)
    assert len(await hotline.assignments(case_id)) == 1, "its plan calls nobody"
    kinds = await hotline.admin.pool.fetch("select kind from triage.alarms where settled_at is null")
    assert "left_to_desk/handed_back" in {each["kind"] for each in kinds}
