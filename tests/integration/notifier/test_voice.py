"""A call at three in the morning: the facts after the PIN, the desk, what comes next, and ringing back."""

from uuid import UUID

import httpx

from infra.emulators.twilio.phones import PhoneCall
from infra.vault import Subject
from schemas.terms import AssignmentStatus, Level, Purpose
from tests.integration.notifier.conftest import ALERT_NUMBER, DESK_NUMBER, PIN, SMS, VOICE, Night, ladder


async def rung(night: Night) -> tuple[UUID, UUID, PhoneCall]:
    """Somebody whose phone rings for a case, and who picks up; person, case, call."""
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    call = await night.phone(li).rings()
    await call.pick_up()
    await call.hears("press star")
    return li, case, call


async def takes(night: Night, li: UUID, case: UUID, call: PhoneCall) -> None:
    await call.press((await night.keys(li))[0])
    await call.hears("You have taken")
    await night.status(case, "acknowledged")


async def rings_back(night: Night, li: UUID) -> PhoneCall:
    call = await night.phone(li).calls(ALERT_NUMBER)
    await call.hears("press star")
    return call


async def test_the_facts_are_read_aloud_after_the_pin_and_again_without_it(night: Night) -> None:
    li, case, call = await rung(night)
    await night.seal_facts(case, go_with=("police",), desk_phone=DESK_NUMBER)
    await takes(night, li, case, call)
    assert "Do not go alone" in await call.hears("hear the facts")

    await call.press("1")
    assert "Maple" not in await call.hears("Enter your PIN")
    await call.press(f"{PIN}#")
    heard = await call.hears("hear the facts again", within=15)
    for said in ("Where: Maple Street 7", "Child: Xiaoming, 6", "a dog in the yard", "Go with: the police"):
        assert heard.count(said) == 1
    await call.press("1")
    await night.until("select count(*) = 2 from infra.audit where action = 'facts_read_aloud'")

    assert await night.one("select facts_at is not null from notifier.escalations where subject_id = $1", case)
    assert (await night.events(case))[-1] == "facts.read"


async def test_another_call_asks_for_the_pin_again(night: Night) -> None:
    li, case, call = await rung(night)
    await night.seal_facts(case)
    await takes(night, li, case, call)
    await call.press("1")
    await call.hears("Enter your PIN")
    await call.press(f"{PIN}#")
    await call.hears("Maple Street")
    await call.hang_up()

    back = await rings_back(night, li)
    await back.press("1")
    assert "Maple" not in await back.hears("Enter your PIN")


async def test_three_wrong_pins_over_page_and_phone_close_both_and_the_desk_is_told(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS, VOICE, links=True))))
    await night.seal_facts(case)
    url = "http://" + (await night.phone(li).receives("/a/")).split("http://")[1]
    call = await night.phone(li).rings()
    await call.pick_up()
    await call.press("1")
    await call.hears("Enter your PIN")
    await call.press("0000#")
    await call.hears("Tries left: 2")
    await call.press("1111#")
    await call.hears("Tries left: 1")
    async with httpx.AsyncClient() as browser:
        third = await browser.post(url, data={"act": "pin", "pin": "2222"})
        right = await browser.post(url, data={"act": "pin", "pin": PIN})
    assert (third.status_code, right.status_code) == (403, 403)
    await call.press(f"{PIN}#")
    assert "Maple" not in await call.hears("closed after three wrong PINs")

    assert (await night.events(case))[-1] == "facts.closed"
    assert await night.one("select facts_closed_for from notifier.escalations where subject_id = $1", case) == li
    await night.status(case, "calling")


async def test_somebody_without_a_pin_is_sent_to_the_desk(night: Night) -> None:
    li, case, call = await rung(night)
    await night.seal_facts(case)
    await night.one("update triage.people set pin_hash = null where person_id = $1 returning true", li)
    await call.press("1")
    await call.hears("Enter your PIN")
    await call.press(f"{PIN}#")
    assert "Maple" not in await call.hears("No PIN is on file")


async def test_the_call_is_joined_to_the_desk_and_comes_back(night: Night) -> None:
    li, case, call = await rung(night)
    await call.press("0")
    desk = await night.phones.phone(DESK_NUMBER).rings()
    await desk.pick_up()
    await desk.hang_up()
    await call.press((await night.keys(li))[0])
    await call.hears("You have taken")
    await night.status(case, "acknowledged")


async def test_a_desk_that_does_not_answer_is_told_and_the_call_goes_back(night: Night) -> None:
    _, case, call = await rung(night)
    await call.press("0")
    desk = await night.phones.phone(DESK_NUMBER).rings()
    await desk.hang_up()
    await call.hears("does not answer")
    await call.press("*")
    await night.status(case, "calling")


async def test_a_key_pressed_twice_in_haste_says_one_thing(night: Night) -> None:
    li, case, call = await rung(night)
    drawn = (await night.keys(li))[:2]
    await takes(night, li, case, call)
    await call.press(drawn[0])
    await night.until("select count(*) = 1 from notifier.answers where act = 'take'")
    await call.press(next(digit for digit in "5678" if digit not in drawn))
    await call.hears("You have taken")
    assert await night.events(case) == ["escalation.started", "escalation.acknowledged"]


async def test_a_key_that_came_too_early_counts_once_the_case_is_taken(night: Night) -> None:
    li, case, call = await rung(night)
    begun = f"{call.sid}:3"
    for _ in range(2):
        await call.press("3")
        await call.hears("Nobody has taken")
    await takes(night, li, case, call)
    for _ in range(2):
        await call.press("3")
        await night.until("select true from notifier.answers where effect = 'begun' and provider_sid = $1", begun)
    assert await night.one("select begun_at is not null from notifier.escalations")
    said = "select array_agg(effect order by answered_at) from notifier.answers"
    assert await night.one(said) == ["not_taken", "taken", "begun"]
    assert await night.events(case) == ["escalation.started", "escalation.acknowledged", "first_action.begun"]


async def test_who_rings_back_says_where_they_are_by_the_digits_of_the_texts(night: Night) -> None:
    li, case, call = await rung(night)
    await takes(night, li, case, call)
    await call.hang_up()
    said = {"5": "you are there", "7": "you cannot reach the child", "8": "you have left"}
    for digit, words in (*said.items(), ("5", "you are there"), ("5", "you are safe")):
        back = await rings_back(night, li)
        await back.press(digit)
        await back.hears(f"Noted: {words}")
        await back.hang_up()
    assert (await night.events(case))[2:] == [
        "responder.arrived",
        "child.not_reached",
        "responder.left",
        "responder.arrived",
        "responder.checked_in",
    ]


async def test_a_call_for_help_by_text_key_and_cry(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    there = ladder(SMS).model_copy(update={"emergency": "112"})
    case = await night.hears(night.case(night.assignment(ladder=there)))
    await night.phone(li).receives("KD472")
    heard = "the desk has your call for help and is being rung. In danger ring 112."
    for body, said in (("31", "taken KD472"), ("36", heard), ("Help!", heard)):
        await night.phone(li).text(body, ALERT_NUMBER)
        await night.phone(li).receives(said)
    assert (await night.events(case))[2:] == ["responder.needs_help", "responder.needs_help"]
    assert await night.one("select needs_help_by from notifier.escalations where subject_id = $1", case) == li


async def test_whoever_has_a_case_gets_its_digits_when_not_understood(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await night.phone(li).text("31", ALERT_NUMBER)
    await night.phone(li).receives("已接手")
    await night.phone(li).text("我快到了", ALERT_NUMBER)
    assert "35我已到达，36我需要帮助" in await night.phone(li).receives("完整的数字")


async def check_in(night: Night) -> tuple[UUID, UUID, PhoneCall]:
    """A responder who is asked in a call whether they are safe, others being on call at their level."""
    await night.person("Wang", Level.FIRST)
    li = await night.person("Li", language="en")
    asking = night.assignment(purpose=Purpose.CHECK_IN, first_responder_id=li, ladder=ladder(VOICE))
    case = await night.hears(night.case(asking))
    call = await night.phone(li).rings()
    await call.pick_up()
    await call.hears("Are you safe?")
    return li, case, call


async def test_a_check_in_is_answered_by_one_key_and_asked_of_nobody_else(night: Night) -> None:
    li, case, call = await check_in(night)
    await call.press((await night.keys(li))[0])
    await call.hears("you are safe")
    await night.status(case, "acknowledged")
    assert (await night.events(case))[1:] == ["responder.checked_in"]
    assert await night.one("select count(distinct person_id) from notifier.alerts") == 1


async def test_the_other_key_of_a_check_in_calls_for_help_and_stops_the_ringing(night: Night) -> None:
    li, case, call = await check_in(night)
    await call.press((await night.keys(li))[1])
    await call.hears("call for help")
    await night.status(case, "acknowledged")
    assert (await night.events(case))[1:] == ["responder.needs_help"]


async def test_a_check_in_that_nobody_answers_rings_on_and_calls_nobody_else(night: Night) -> None:
    li, case, call = await check_in(night)
    await call.hang_up()
    await night.after(seconds=61)
    await night.phone(li).rings()
    await night.after(minutes=6)
    await night.status(case, "exhausted")
    assert await night.one("select count(distinct person_id) from notifier.alerts") == 1


async def test_whoever_is_at_the_place_is_heard_after_the_case_was_called_anew(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    for body, said in (("31", "taken KD472"), ("35", "you are there")):
        await night.phone(li).text(body, ALERT_NUMBER)
        await night.phone(li).receives(said)
    anew = night.assignment(2, ladder=ladder(SMS), excluded_responders=(li,), status=AssignmentStatus.CALLING)
    await night.hears(night.case(anew, case_id=case))
    await night.phone(li).text("35", ALERT_NUMBER)
    await night.phone(li).receives("you are safe")
    await night.until("select true from notifier.escalations where number = 2 and next_due_at is not null")
    assert "responder.checked_in" in await night.events(case)


async def test_a_responder_is_understood_from_another_phone_of_theirs(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    other = "+447700900555"
    async with night.db.transaction() as tx:
        await tx.execute(
            "insert into triage.phones (person_id, position, number, number_token, can_sms, can_voice) "
            "values ($1, 2, $2, $3, true, true)",
            li,
            await night.vault.seal(tx, Subject("person", li), "phone", other),
            night.vault.token("phone", other),
        )
    await night.phones.phone(other).text("31", ALERT_NUMBER)
    await night.phones.phone(other).receives("You have taken KD472")
    await night.status(case, "acknowledged")
    back = await night.phones.phone(other).calls(ALERT_NUMBER)
    await back.hears("Case K D 4 7 2 is yours")


async def test_a_check_in_whose_answer_was_lost_is_found_again_and_not_sent_twice(night: Night) -> None:
    li = await night.person("Li", language="en")
    await night.phones.fault("callbacks_lost", night.numbers[li])
    await night.phones.fault("slow_answer", night.numbers[li], seconds=1.5, count=1)
    await night.hears(
        night.case(night.assignment(purpose=Purpose.CHECK_IN, first_responder_id=li, ladder=ladder(SMS)))
    )
    await night.phone(li).receives("are you safe?")
    await night.until(
        "select error_code = 'uncertain' and cardinality(sids) = 1 from notifier.alerts where channel = 'sms'",
        within=15,
    )
    assert await night.sends(li, "Messages") == 1
