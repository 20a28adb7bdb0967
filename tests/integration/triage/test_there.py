"""Responders on the way and there: what they say, and what their silence does."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from notifier.domain.calling import Escalation, Roster, Step
from notifier.domain.ladder import next_steps
from schemas.ladder import Ladder
from schemas.terms import AcknowledgedVia, AlertChannel, EscalationStatus, Purpose, Urgency
from schemas.ways import Preferences
from tests.integration.triage.conftest import ASKED, BEATEN, Hotline, Reports
from tests.integration.triage.test_same_child import sheet_of
from triage.domain import there
from triage.domain.case import Refusal
from triage.handlers import closing, presses, questions


@pytest_asyncio.fixture
async def case(hotline: Hotline, report: Reports) -> Any:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    return await hotline.case_of(event.report_id)


@pytest.fixture
def li(hotline: Hotline) -> UUID:
    return hotline.people["mgr-gao"]


async def read_and_asked(hotline: Hotline, report: Reports) -> Any:
    """An immediate case that is read, whose questions of danger and of the emergency service are answered."""
    event = await report(danger_now="yes", answers=ASKED)
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case["case_id"]))
    async with hotline.turn() as turn:
        press = await hotline.press(case["case_id"])
        await presses.record_emergency_service(turn, press, {"not_needed": "警察已在现场"})
    return case


async def says(hotline: Hotline, case: Any, li: UUID, number: int = 1, **said: Any) -> None:
    """The taker's escalation says so, now."""
    known = {name: hotline.clock.now() for name, is_said in said.items() if is_said is True}
    await hotline.receive(hotline.escalation(case, number=number, acknowledged_by=li, **said | known))


async def is_there(hotline: Hotline, case: Any, li: UUID, **said: Any) -> None:
    await says(hotline, case, li)
    await says(hotline, case, li, arrived_at=True, checked_in_at=True, **said)


async def passes(hotline: Hotline, **by: float) -> None:
    hotline.clock.advance(timedelta(**by))
    await hotline.take_due()


async def runs(hotline: Hotline, case: Any, name: str) -> bool:
    clock = await hotline.clock_of(case["case_id"], name)
    return clock is not None and clock["ended_at"] is None


async def sounding(hotline: Hotline) -> set[str]:
    rows = await hotline.admin.pool.fetch("select kind from triage.alarms where settled_at is null")
    return {row["kind"] for row in rows}


async def answer(hotline: Hotline, case: Any, name: str, said: str, words: str = "", about: Any = None) -> None:
    async with hotline.turn() as turn:
        await questions.answer_question(turn, await hotline.press(case["case_id"]), name, said, words, about)


async def test_facts_that_were_not_read_are_a_question_until_they_are(hotline: Hotline, case: Any, li: UUID) -> None:
    await says(hotline, case, li)
    assert await runs(hotline, case, "facts")
    await passes(hotline, minutes=5)
    assert "clock_missed/facts" in await sounding(hotline)

    await says(hotline, case, li, facts_at=True)
    assert not await runs(hotline, case, "facts")
    assert "facts_read" in await hotline.kinds(case["case_id"])


async def test_the_desk_that_told_the_facts_says_so(hotline: Hotline, case: Any, li: UUID) -> None:
    await says(hotline, case, li, facts_closed_at=True, facts_closed_for=li)
    assert "facts_closed" in await sounding(hotline)
    await answer(hotline, case, "facts", "told", "read everything to him")
    assert not await runs(hotline, case, "facts")
    assert "facts_closed" not in await sounding(hotline)


async def test_the_desk_is_not_told_to_tell_the_facts_to_who_is_kept_out(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await says(hotline, case, li)
    async with hotline.turn() as turn:
        await presses.reassign(turn, await hotline.press(case["case_id"]), case["team_id"], li)
    assert not await runs(hotline, case, "facts")
    await says(hotline, case, li, facts_closed_at=True, facts_closed_for=li)
    assert "facts_closed" not in await sounding(hotline)
    assert "facts_closed" in await hotline.kinds(case["case_id"])


@pytest.mark.parametrize("via", [AcknowledgedVia.DESK, AcknowledgedVia.LOOPBACK])
async def test_whoever_takes_it_at_the_desk_has_the_facts(
    hotline: Hotline, case: Any, li: UUID, via: AcknowledgedVia
) -> None:
    await says(hotline, case, li, acknowledged_via=via)
    assert not await runs(hotline, case, "facts")


async def test_being_there_ends_what_waits_for_it_and_starts_the_check_in(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await is_there(hotline, case, li)
    for name in ("arrival", "first_action", "response"):
        assert not await runs(hotline, case, name)
    clock = await hotline.clock_of(case["case_id"], "check_in")
    assert clock["due_at"] == hotline.clock.now() + timedelta(minutes=30)
    assert (await hotline.case_of_id(case["case_id"]))["first_action_at"] == hotline.clock.now()
    assert (await hotline.kinds(case["case_id"])).count("checked_in") == 0


async def test_a_check_in_extends_it_and_leaving_ends_it(hotline: Hotline, case: Any, li: UUID) -> None:
    await is_there(hotline, case, li)
    arrived = hotline.clock.now()
    await passes(hotline, minutes=29)
    await says(hotline, case, li, arrived_at=arrived, checked_in_at=True)
    await passes(hotline, minutes=29)
    assert await hotline.assignments(case["case_id"], Purpose.CHECK_IN) == []
    await says(hotline, case, li, arrived_at=arrived, checked_in_at=arrived, left_at=True)
    assert not await runs(hotline, case, "check_in")


async def test_silence_rings_the_responder_then_the_desk_then_asks_for_police(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await is_there(hotline, case, li)
    await passes(hotline, minutes=30)
    (ringing,) = await hotline.assignments(case["case_id"], Purpose.CHECK_IN)
    assert (ringing["first_responder_id"], ringing["status"]) == (li, "calling")
    assert await hotline.assignments(case["case_id"], Purpose.SAFETY) == []

    await passes(hotline, minutes=3)
    (desk,) = await hotline.assignments(case["case_id"], Purpose.SAFETY)
    assert desk["status"] == "calling"
    assert "responder_silent" in await sounding(hotline)
    assert "send_police/responder_silent" not in await sounding(hotline)

    await passes(hotline, minutes=2)
    assert "send_police/responder_silent" in await sounding(hotline)

    await answer(hotline, case, "responder_silent", "police_sent", "110, incident 42")
    assert not await sounding(hotline) & {"responder_silent", "send_police/responder_silent"}
    (desk,) = await hotline.assignments(case["case_id"], Purpose.SAFETY)
    assert desk["status"] == "ended"
    assert (await hotline.clock_of(case["case_id"], "check_in"))["due_at"] == hotline.clock.now() + timedelta(
        minutes=30
    )


async def test_an_answer_to_the_ringing_stops_everything_that_asks_after_them(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await is_there(hotline, case, li)
    await passes(hotline, minutes=30)
    await passes(hotline, minutes=3)
    call = hotline.escalation(case, Purpose.CHECK_IN, acknowledged_by=li, checked_in_at=hotline.clock.now())
    await hotline.receive(call)
    for purpose in (Purpose.CHECK_IN, Purpose.SAFETY):
        (made,) = await hotline.assignments(case["case_id"], purpose)
        assert made["status"] == "ended"
    assert "responder_silent" not in await sounding(hotline)
    assert await runs(hotline, case, "check_in")


async def test_nobody_answering_a_check_in_sounds_one_alarm_and_no_end_of_a_ladder(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await is_there(hotline, case, li)
    await passes(hotline, minutes=30)
    now = hotline.clock.now()
    await hotline.receive(hotline.escalation(case, Purpose.CHECK_IN, status="exhausted", exhausted_at=now))
    await hotline.receive(hotline.escalation(case, Purpose.SAFETY, status="exhausted", exhausted_at=now))
    assert "exhausted/check_in" not in await sounding(hotline)
    assert "exhausted/safety" not in await sounding(hotline), "nobody is called for it yet"


async def test_a_sign_ends_the_alarm_that_nobody_of_the_desk_answered(hotline: Hotline, case: Any, li: UUID) -> None:
    await is_there(hotline, case, li)
    arrived = hotline.clock.now()
    await passes(hotline, minutes=30)
    await passes(hotline, minutes=3)
    now = hotline.clock.now()
    await hotline.receive(hotline.escalation(case, Purpose.SAFETY, status="exhausted", exhausted_at=now))
    assert "exhausted/safety" in await sounding(hotline)
    await says(hotline, case, li, arrived_at=arrived, checked_in_at=True)
    assert "exhausted/safety" not in await sounding(hotline)


async def test_whoever_left_by_the_ringing_is_asked_after_no_more(hotline: Hotline, case: Any, li: UUID) -> None:
    await is_there(hotline, case, li)
    await passes(hotline, minutes=30)
    await hotline.receive(hotline.escalation(case, Purpose.CHECK_IN, acknowledged_by=li, left_at=hotline.clock.now()))
    assert not await runs(hotline, case, "check_in")


async def test_a_call_for_help_stands_until_a_person_records_what_was_done(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await is_there(hotline, case, li)
    arrived = hotline.clock.now()
    await says(hotline, case, li, arrived_at=arrived, checked_in_at=arrived, needs_help_at=True, needs_help_by=li)
    assert "responder_help" in await sounding(hotline)
    assert len(await hotline.assignments(case["case_id"], Purpose.SAFETY)) == 1

    hotline.clock.advance(timedelta(minutes=1))
    await says(hotline, case, li, arrived_at=arrived, checked_in_at=True, needs_help_at=arrived, needs_help_by=li)
    assert "responder_help" in await sounding(hotline)
    (desk,) = await hotline.assignments(case["case_id"], Purpose.SAFETY)
    assert desk["status"] == "calling"

    await passes(hotline, minutes=1)
    assert "send_police/responder_help" in await sounding(hotline)
    await answer(hotline, case, "responder_help", "has_left")
    assert not await sounding(hotline) & {"responder_help", "send_police/responder_help"}
    assert not await runs(hotline, case, "check_in")


async def test_a_call_for_help_wakes_the_desk_however_long_its_case_may_wait(
    hotline: Hotline, report: Reports, li: UUID
) -> None:
    hotline.clock.advance(timedelta(hours=10, minutes=30))  # 22:30 in Beijing
    event = await report("孩子已经好几个星期没来上学了，六岁。")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    assert case["urgency"] == "priority"
    await says(hotline, case, li, needs_help_at=True, needs_help_by=li)

    (desk,) = await hotline.assignments(case["case_id"], Purpose.SAFETY)
    steps = rung_for(desk, hotline.people["duty-zhou"], hotline.clock.now())
    assert AlertChannel.VOICE in {step.channel for step in steps}, "whoever is on duty is in their quiet hours"


def rung_for(assignment: Any, officer: UUID, now: datetime) -> tuple[Step, ...]:
    """Whom the notifier calls first for an assignment whose officer wants quiet from 22:00 to 07:00."""
    asleep = Preferences.model_validate({"time_zone": "Asia/Shanghai", "quiet": {"begins": "22:00", "ends": "07:00"}})
    ladder = Ladder.model_validate(assignment["ladder"])
    calling = Escalation(EscalationStatus.CALLING, Urgency(assignment["urgency"]), ladder, now)
    on_duty = {ladder.rungs[0].level: (officer,)}
    reach = {officer: frozenset({AlertChannel.VOICE, AlertChannel.SMS})}
    return next_steps(calling, (), Roster(on_duty, reach, preferences={officer: asleep}), now).steps


async def test_a_second_call_for_help_sounds_again(hotline: Hotline, case: Any, li: UUID) -> None:
    await says(hotline, case, li, needs_help_at=True, needs_help_by=li)
    await answer(hotline, case, "responder_help", "spoke_safe")
    hotline.clock.advance(timedelta(minutes=1))
    await says(hotline, case, li, needs_help_at=True, needs_help_by=li)
    assert "responder_help" in await sounding(hotline)
    assert len(await hotline.assignments(case["case_id"], Purpose.SAFETY)) == 2


async def test_a_child_that_is_not_reached_is_an_alarm_and_a_question(hotline: Hotline, case: Any, li: UUID) -> None:
    await is_there(hotline, case, li, not_reached_at=True)
    assert "child_not_reached" in await sounding(hotline)
    await passes(hotline, minutes=10)
    assert "clock_missed/child_not_reached" in await sounding(hotline)
    await answer(hotline, case, "child_not_reached", "police_enter")
    assert not {each for each in await sounding(hotline) if "child_not_reached" in each}


async def test_whoever_is_there_is_asked_after_though_others_are_called_now(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await is_there(hotline, case, li)
    arrived = hotline.clock.now()
    await says(
        hotline, case, li, arrived_at=arrived, checked_in_at=arrived, handed_back_at=arrived, handed_back_by=li
    )
    assert len(await hotline.assignments(case["case_id"])) == 2
    assert await runs(hotline, case, "check_in")
    assert not await runs(hotline, case, "arrival")
    hotline.clock.advance(timedelta(minutes=20))
    back: dict[str, Any] = {"handed_back_at": arrived, "handed_back_by": li}
    await says(hotline, case, li, arrived_at=arrived, checked_in_at=True, **back)
    assert (await hotline.clock_of(case["case_id"], "check_in"))["due_at"] == hotline.clock.now() + timedelta(
        minutes=30
    )


async def test_the_longest_silent_of_two_is_asked_after_first(hotline: Hotline, case: Any, li: UUID) -> None:
    wang = hotline.people["duty-zhou"]
    await is_there(hotline, case, li)
    arrived = hotline.clock.now()
    back: dict[str, Any] = {"handed_back_at": arrived, "handed_back_by": li}
    back |= {"arrived_at": arrived, "checked_in_at": arrived}
    await says(hotline, case, li, **back)
    hotline.clock.advance(timedelta(minutes=10))
    await says(hotline, case, wang, number=2)
    await says(hotline, case, wang, number=2, arrived_at=True, checked_in_at=True)
    assert (await hotline.clock_of(case["case_id"], "check_in"))["due_at"] == arrived + timedelta(minutes=30)
    await passes(hotline, minutes=20)
    (ringing,) = await hotline.assignments(case["case_id"], Purpose.CHECK_IN)
    assert ringing["first_responder_id"] == li


async def test_who_has_begun_and_is_not_there_in_an_hour_is_called_again_with_the_others(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await says(hotline, case, li)
    await says(hotline, case, li, begun_at=True)
    await passes(hotline, hours=1)
    assert "clock_missed/arrival" in await sounding(hotline)
    assert [each["because"] for each in await hotline.assignments(case["case_id"])] == ["opened", "arrival_missed"]
    assert (await hotline.case_of_id(case["case_id"]))["taken_by"] is None


async def test_what_is_said_late_or_twice_takes_effect_once(hotline: Hotline, case: Any, li: UUID) -> None:
    await is_there(hotline, case, li)
    late = hotline.escalation(case, version=1, acknowledged_by=li, needs_help_at=hotline.clock.now())
    await hotline.receive(late)
    assert "responder_help" not in await sounding(hotline)
    kinds = await hotline.kinds(case["case_id"])
    assert kinds.count("arrived") == 1


async def test_an_answer_that_is_none_and_a_question_that_is_not_asked_are_refused(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await says(hotline, case, li)
    for name, said in (("facts", "police_sent"), ("read", "told"), ("check_in", there.SAFE)):
        with pytest.raises(Refusal):
            await answer(hotline, case, name, said)
    assert await runs(hotline, case, "facts")


async def test_a_child_director_who_takes_an_immediate_case_does_not_go_alone(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await hotline.admin.pool.execute("update triage.people set skills = '{child_director}' where person_id = $1", li)
    await says(hotline, case, li)
    assert "never_alone" in await sounding(hotline)
    await answer(hotline, case, "company", "police_go")
    assert "never_alone" not in await sounding(hotline)


async def test_the_sheet_says_who_goes_with_the_responder(hotline: Hotline, report: Reports) -> None:
    for words, go_with in ((BEATEN, ("police",)), ("孩子一个人在家。", ("second_person",))):
        event = await report(words, danger_now="yes")
        await hotline.receive(event)
        case = await hotline.case_of(event.report_id)
        assert (await sheet_of(hotline, case["case_id"])).go_with == go_with


async def test_a_child_director_is_called_first_to_an_immediate_case_only_where_nobody_else_is(
    hotline: Hotline, report: Reports
) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    (before,) = await hotline.assignments(case["case_id"])
    director = before["first_responder_id"]
    await hotline.admin.pool.execute(
        "update triage.people set skills = '{child_director}' where person_id = $1", director
    )
    again = await report(danger_now="yes")
    await hotline.receive(again)
    (after,) = await hotline.assignments((await hotline.case_of(again.report_id))["case_id"])
    others = after["first_responder_id"] != director
    assert ("never_alone_left_out" if others else "only_never_alone") in after["reasons"][0]["reasons"]


async def test_a_case_is_not_closed_while_somebody_is_there_and_is_once_they_have_left(
    hotline: Hotline, report: Reports, li: UUID
) -> None:
    case = await read_and_asked(hotline, report)
    await is_there(hotline, case, li)

    with pytest.raises(Refusal, match="desk_hindrance_there"):
        await asks_to_close(hotline, case)
    assert await runs(hotline, case, there.CHECK_IN), "they go on being asked after"

    arrived = hotline.clock.now()
    hotline.clock.advance(timedelta(minutes=1))
    await says(hotline, case, li, arrived_at=arrived, checked_in_at=arrived, left_at=True)
    await asks_to_close(hotline, case)


async def asks_to_close(hotline: Hotline, case: Any) -> None:
    async with hotline.turn() as turn:
        await closing.ask_close(turn, await hotline.press(case["case_id"]), closing.Wanted("served_safe", "母亲陪同"))
