"""*Suspected malicious*: shown beside a case, changes nothing about it, and ends with the next report from others."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.events import ReportReceived
from schemas.terms import Urgency
from tests.integration.triage.conftest import ASKED, BEATEN, Hotline, Reports, Updates
from tests.integration.triage.test_same_child import say
from triage.domain.case import Refusal
from triage.handlers import malice, presses

PHONE, OTHER = "+8613800000001", "+8613800000002"


@pytest.fixture
async def received(hotline: Hotline, report: Reports) -> ReportReceived:
    """An immediate report by text from a phone, whose responders are being called."""
    event = await report(danger_now="yes", answers=ASKED, came_from=PHONE)
    await hotline.receive(event)
    return event


async def mark(hotline: Hotline, case_id: Any, reason: str = "同一号码今晚第三次，笑声") -> None:
    async with hotline.turn() as turn:
        await malice.mark_malice(turn, await hotline.press(case_id), reason)


async def is_marked(hotline: Hotline, case_id: Any) -> bool:
    found = await hotline.admin.pool.fetchval(
        "select count(*) from triage.malice_marks where case_id = $1 and ended_at is null", case_id
    )
    return bool(found)


async def running(hotline: Hotline, case_id: Any) -> Any:
    return await hotline.admin.pool.fetch(
        "select name, due_at from triage.clocks where case_id = $1 and ended_at is null order by name", case_id
    )


async def test_a_mark_lowers_nothing_and_stops_nobody(hotline: Hotline, received: ReportReceived) -> None:
    case = await hotline.case_of(received.report_id)
    clocks, called = await running(hotline, case["case_id"]), await hotline.assignments(case["case_id"])

    await mark(hotline, case["case_id"])

    after = await hotline.case_of_id(case["case_id"])
    assert (after["urgency"], after["status"], after["unread_since"]) == ("immediate", "open", case["unread_since"])
    assert await running(hotline, case["case_id"]) == clocks
    assert await hotline.assignments(case["case_id"]) == called
    hotline.clock.advance(timedelta(minutes=3))
    await hotline.take_due()
    assert "desk_called" in await hotline.kinds(case["case_id"])


async def test_it_takes_a_reason_kept_sealed_and_is_said_once(hotline: Hotline, received: ReportReceived) -> None:
    case_id = (await hotline.case_of(received.report_id))["case_id"]
    with pytest.raises(Refusal, match="refusal_empty"):
        await mark(hotline, case_id, " ")
    await mark(hotline, case_id)
    with pytest.raises(Refusal, match="refusal_marked"):
        await mark(hotline, case_id)

    (row,) = await hotline.admin.pool.fetch("select * from triage.malice_marks where case_id = $1", case_id)
    assert row["marked_by"] == hotline.people["duty-zhou"]
    assert "笑声".encode() not in row["reason"]
    looks = await hotline.admin.pool.fetch("select action from infra.audit where case_id = $1", case_id)
    assert "mark_malice" in [each["action"] for each in looks]


async def test_anybody_at_the_desk_takes_it_back(hotline: Hotline, received: ReportReceived) -> None:
    case_id = (await hotline.case_of(received.report_id))["case_id"]
    await mark(hotline, case_id)
    async with hotline.turn() as turn:
        await malice.take_back_malice(turn, await hotline.press(case_id, "duty-carter"))

    assert not await is_marked(hotline, case_id)
    with pytest.raises(Refusal, match="refusal_not_marked"):
        async with hotline.turn() as turn:
            await malice.take_back_malice(turn, await hotline.press(case_id))
    assert (await hotline.kinds(case_id))[-1] == "malice_taken_back"


@pytest.mark.parametrize(("came_from", "stays"), [(PHONE, True), (OTHER, False), (None, False)])
async def test_it_ends_with_the_next_report_unless_that_came_from_the_same_phone(
    hotline: Hotline, report: Reports, received: ReportReceived, came_from: str | None, stays: bool
) -> None:
    case_id = (await hotline.case_of(received.report_id))["case_id"]
    await mark(hotline, case_id)

    await hotline.receive(await report(BEATEN, linked_to=received.report_id, came_from=came_from))

    assert await is_marked(hotline, case_id) is stays
    assert ("malice_ended" in await hotline.kinds(case_id)) is not stays


async def test_more_words_of_the_same_report_leave_it_and_may_still_raise(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report("想了解一下你们的服务。", danger_now="no", answers=ASKED, came_from=PHONE)
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    await mark(hotline, case_id)

    await hotline.receive(await update(event, "他拿着刀，孩子现在有危险。", danger_now="yes"))

    assert await is_marked(hotline, case_id)
    assert (await hotline.case_of_id(case_id))["urgency"] == Urgency.IMMEDIATE


async def test_a_person_raises_a_marked_case_like_any_other(hotline: Hotline, report: Reports) -> None:
    event = await report("想了解一下你们的服务。", danger_now="no", answers=ASKED)
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    await mark(hotline, case_id)
    press = await hotline.press(case_id)
    async with hotline.turn() as turn:
        await presses.raise_urgency(turn, press, Urgency.URGENT, "孩子在电话里哭")

    detail = await hotline.admin.pool.fetchval(
        "select detail from triage.timeline where subject_id = $1 and kind = 'raised'", case_id
    )
    assert (detail["from"], detail["to"], detail["seen"]) == ("routine", "urgent", press.version)
    assert detail["pack"].startswith("CN ")


@pytest.mark.parametrize("inner_from", [PHONE, OTHER])
@pytest.mark.parametrize(("came_from", "stays"), [("same", True), ("+8613800000003", False), (None, False)])
async def test_the_mark_of_a_living_case_ends_with_a_report_that_joins_a_case_inside_it(
    hotline: Hotline, report: Reports, received: ReportReceived, inner_from: str, came_from: str | None, stays: bool
) -> None:
    living = (await hotline.case_of(received.report_id))["case_id"]
    inner = await report(danger_now="yes", answers=ASKED, came_from=inner_from)
    await hotline.receive(inner)
    await say(hotline, living, (await hotline.case_of(inner.report_id))["case_id"])
    await mark(hotline, living)

    sender = inner_from if came_from == "same" else came_from
    await hotline.receive(await report(BEATEN, linked_to=inner.report_id, came_from=sender))

    assert await is_marked(hotline, living) is stays
    assert ("malice_ended" in await hotline.kinds(living)) is not stays
