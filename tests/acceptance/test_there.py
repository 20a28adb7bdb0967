"""From *I take it* to *I am there*, and safe: by key, by text, and by silence. The clock moves instead of waiting."""

from typing import Any

import pytest

from infra.emulators.demo.records import until
from infra.emulators.demo.responders import Responder
from infra.emulators.twilio.phones import PhoneCall
from tests.acceptance.world import RUNS, WAIT, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALARM = "select true from triage.alarms where subject_id = $1 and kind = $2 and settled_at is null"


async def runs(hotline: World, case: Any, clock: str) -> None:
    await until(lambda: hotline.one(RUNS, case["case_id"], clock), f"the clock {clock}", WAIT)


async def sounds(hotline: World, case: Any, alarm: str) -> None:
    await until(lambda: hotline.one(ALARM, case["case_id"], alarm), f"the alarm {alarm}", WAIT)


async def taken(hotline: World) -> tuple[Any, Responder, str]:
    """A case that whoever is called first took by text: the case, who, and the text that called them."""
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    assert "You have taken" in await who.replies(text, "1")
    await runs(hotline, case, "arrival")
    return case, who, text


async def rings_back(hotline: World, who: Responder) -> PhoneCall:
    call = await who.phone.calls(hotline.alert_number)
    await call.hears("press star" if who.language == "en" else "星号", within=WAIT)
    return call


async def says_there(hotline: World, case: Any, who: Responder) -> None:
    """By the key of a call back."""
    call = await rings_back(hotline, who)
    await call.press("5")
    await call.hears("Noted: you are there")
    await call.hang_up()
    await runs(hotline, case, "check_in")


async def test_takes_it_hears_the_facts_is_there_falls_silent_and_the_desk_sends_police(hotline: World) -> None:
    case = await hotline.case_of_a_new_report(where_now="12 Harbour Street, back door")
    who, _ = await hotline.first_called(case["alias"])
    call = await who.answers(case["alias"])
    await who.presses(call)
    await hotline.becomes(case["case_id"], "acknowledged")
    await runs(hotline, case, "facts")

    back = await rings_back(hotline, who)
    await back.press("1")
    await back.hears("Enter your PIN", within=WAIT)
    await back.press(f"{who.pin}#")
    assert "Go with: the police" in await back.hears("hear the facts again", within=WAIT)
    await back.press("*")
    await back.hang_up()
    await says_there(hotline, case, who)

    await hotline.passes(minutes=30, seconds=1)
    ringing = await who.phone.rings(within=WAIT)
    await ringing.hang_up()
    await hotline.passes(minutes=3, seconds=1)
    await sounds(hotline, case, "responder_silent")
    await hotline.becomes(case["case_id"], "calling", purpose="safety")
    await hotline.passes(minutes=2, seconds=1)
    await sounds(hotline, case, "send_police/responder_silent")

    desk = await hotline.desk()
    await desk.presses(case["case_id"], "question", question="responder_silent", answer="police_sent")
    await hotline.becomes(case["case_id"], "ended", purpose="safety")
    assert not await hotline.one(ALARM, case["case_id"], "send_police/responder_silent")
    await desk.presses(case["case_id"], "question", question="check_in", answer="has_left")
    await hotline.rest(case)


async def test_whoever_answers_the_ringing_is_safe_and_the_desk_is_not_called(hotline: World) -> None:
    case, who, text = await taken(hotline)
    assert "you are there" in await who.replies(text, "5")
    await runs(hotline, case, "check_in")
    await hotline.passes(minutes=30, seconds=1)
    call = await who.phone.rings(within=WAIT)
    await call.pick_up()
    await call.hears("Are you safe?", within=WAIT)
    assert "you are safe" in await who.presses(call)
    await hotline.becomes(case["case_id"], "acknowledged", purpose="check_in")
    await hotline.passes(minutes=5)
    assert await hotline.newest(case["case_id"], "safety") is None
    assert "have left" in await who.replies(text, "8")
    await hotline.rest(case)


async def test_i_need_help_sounds_the_alarm_and_rings_the_desks_people(hotline: World) -> None:
    case, who, text = await taken(hotline)
    assert "your call for help" in await who.replies(text, "6")
    await sounds(hotline, case, "responder_help")
    calling = await hotline.becomes(case["case_id"], "calling", purpose="safety")

    async def somebody_is_rung() -> Any:
        return await hotline.one(
            "select true from notifier.for_triage_alerts where subject_id = $1 and purpose = 'safety' "
            "and channel = 'voice' and sent_at is not null",
            case["case_id"],
        )

    await until(somebody_is_rung, "an officer's phone", WAIT)
    assert calling["number"] == 1
    desk = await hotline.desk()
    await desk.presses(case["case_id"], "question", question="responder_help", answer="spoke_safe")
    await hotline.becomes(case["case_id"], "ended", purpose="safety")
    await hotline.rest(case)


async def test_cannot_reach_the_child_asks_the_desk_what_next(hotline: World) -> None:
    case, who, text = await taken(hotline)
    assert "what next" in await who.replies(text, "7")
    await sounds(hotline, case, "child_not_reached")
    desk = await hotline.desk()
    assert "The child cannot be reached: what next?" in await desk.get(f"/cases/{case['case_id']}?language=en")
    await desk.presses(case["case_id"], "question", question="child_not_reached", answer="police_enter")
    assert not await hotline.one(ALARM, case["case_id"], "child_not_reached")
    await hotline.rest(case)


async def test_hands_back_at_the_door_and_is_still_asked_after(hotline: World) -> None:
    case, who, text = await taken(hotline)
    await who.replies(text, "5")
    await runs(hotline, case, "check_in")
    assert "handed" in await who.replies(text, "4")
    await hotline.becomes(case["case_id"], "calling", number=2)
    second, _ = await hotline.called_besides(case["alias"], who)
    assert second.name != who.name
    assert await hotline.one(RUNS, case["case_id"], "check_in")
    assert "have left" in await who.replies(text, "8")

    async def nobody_is_there() -> bool:
        return not await hotline.one(RUNS, case["case_id"], "check_in")

    await until(nobody_is_there, "the end of the check-in", WAIT)
    await hotline.rest(case)
