"""What responders and strangers text and ring to the alert number."""

import asyncio

import httpx
from twilio.request_validator import RequestValidator

from infra.vault import Subject
from schemas.terms import AcknowledgedVia, AssignmentStatus, Level
from tests.integration.notifier.conftest import ACCOUNT, ALERT_NUMBER, NEIGHBOUR, SMS, VOICE, Night, ladder


async def test_an_answer_to_a_superseded_call_is_kept_told_and_stops_nothing(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    case = await night.hears(night.case(night.assignment(1, ladder=ladder(SMS))))
    await night.phone(li).receives("回31")
    await night.hears(night.case(night.assignment(2, ladder=ladder(SMS)), case_id=case))
    await night.phone(li).receives("回41")
    await night.phone(li).text("31", ALERT_NUMBER)
    assert "现在接手请回41" in await night.phone(li).receives("已重新呼叫")
    await night.status(case, "calling")
    effect = await night.one("select effect from notifier.for_triage_answers where subject_id = $1", case)
    assert effect == "superseded"
    await night.phone(li).text("41", ALERT_NUMBER)
    await night.status(case, "acknowledged")
    assert await night.one("select number from notifier.escalations where status = 'acknowledged'") == 2


async def test_a_text_from_an_unknown_phone_takes_nothing_and_goes_to_the_intake(night: Night) -> None:
    await night.person("Li", Level.FIRST)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.until("select true from notifier.reply_pairs")
    sid = await night.phones.phone(NEIGHBOUR).text("31", ALERT_NUMBER)
    await night.until("select not is_answer from notifier.for_ingest_messages where provider_sid = $1", sid)
    await night.status(case, "calling")
    path, params = await night.intake.first()
    assert (path, params["MessageSid"], params["Body"]) == ("/twilio/sms", sid, "31")


async def test_a_bare_digit_is_asked_back_and_its_words_are_kept_sealed(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    sid = await night.phone(li).text("1", ALERT_NUMBER)
    assert "KD472: 31 I take it, 32 I cannot" in await night.phone(li).receives("whole number")
    await night.status(case, "calling")
    sealed = await night.one("select words from notifier.answers where provider_sid = $1", sid)
    async with night.db.transaction() as tx:
        assert await night.vault.open_text(tx, Subject("person", li), "answer", sealed) == "1"


async def test_words_without_a_number_stand_beside_what_their_writer_is_called_for_and_has(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    over = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("回31")
    await night.phone(li).text("32", ALERT_NUMBER)
    await night.status(over, "exhausted")
    await night.hears(night.case(night.assignment(1, status=AssignmentStatus.ENDED), case_id=over))
    taken = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("回41")
    await night.phone(li).text("41 他有刀", ALERT_NUMBER)
    await night.status(taken, "acknowledged")
    called = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("回51")
    sid = await night.phone(li).text("我在门口", ALERT_NUMBER)
    await night.until("select true from notifier.answers where provider_sid = $1", sid)

    assert set(await night.one("select subjects from notifier.for_triage_words")) == {taken, called}
    said = "select array_agg(effect order by answered_at) from notifier.for_triage_answers where subject_id = $1"
    assert await night.one(f"{said} and says_more", taken) == ["taken", "asked_back"]
    assert await night.one(said, called) == ["asked_back"]
    assert await night.one(said, over) == ["declined"]


async def test_nought_tells_who_has_it(night: Night) -> None:
    li = await night.person("Li Ming", Level.FIRST, language="en")
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await night.phone(li).text("0", ALERT_NUMBER)
    await night.phone(li).receives("nobody has taken it")


async def test_each_case_of_a_person_has_its_own_pair(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    first = await night.hears(night.case(night.assignment(ladder=ladder(SMS)), alias="AA222"))
    await night.phone(li).receives("AA222，")
    second = await night.hears(night.case(night.assignment(ladder=ladder(SMS)), alias="BB333"))
    assert "回41" in await night.phone(li).receives("BB333")
    await night.phone(li).text("41", ALERT_NUMBER)
    await night.status(second, "acknowledged")
    await night.status(first, "calling")


async def test_begun_and_hand_back_by_text(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    for reply, said in (("31", "已接手"), ("33", "已记下"), ("34", "已交回")):
        await night.phone(li).text(reply, ALERT_NUMBER)
        await night.phone(li).receives(said)
    assert await night.events(case) == [
        "escalation.started",
        "escalation.acknowledged",
        "first_action.begun",
        "escalation.handed_back",
    ]


async def test_a_text_that_the_provider_tells_twice_counts_once(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    await night.phones.fault("inbound_twice", night.numbers[li])
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await night.phone(li).text("32", ALERT_NUMBER)
    await night.phone(wang).receives("KD472")
    assert await night.events(case) == ["escalation.started", "escalation.declined"]
    assert await night.one("select count(*) from notifier.answers") == 1


async def test_a_responder_who_rings_back_hears_the_open_call(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    missed = await night.phone(li).rings()
    await missed.hang_up()
    call = await night.phone(li).calls(ALERT_NUMBER)
    await call.hears("K D 4 7 2")
    await call.press((await night.keys(li))[0])
    await night.status(case, "acknowledged")
    via = await night.one("select acknowledged_via from notifier.escalations where subject_id = $1", case)
    assert via == AcknowledgedVia.KEY


async def test_a_stranger_who_rings_the_alert_number_reaches_the_intake(night: Night) -> None:
    call = await night.phones.phone(NEIGHBOUR).calls(ALERT_NUMBER)
    await call.ends()
    assert night.intake.requests[0][0] == "/twilio/voice"


async def test_a_crowd_of_callbacks_is_taken_whole_and_holds_up_no_answer(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    alert = await night.one("select alert_id from notifier.alerts")
    url = f"{night.settings.notifier_url}/twilio/status/{alert}"
    params = {"MessageSid": "SM1", "MessageStatus": "sent"}
    signed = {"X-Twilio-Signature": RequestValidator(ACCOUNT.auth_token).compute_signature(url, params)}
    async with httpx.AsyncClient(timeout=20) as client:
        crowd = asyncio.gather(*(client.post(url, data=params, headers=signed) for _ in range(300)))
        await night.phone(li).text("31", ALERT_NUMBER)
        await night.status(case, "acknowledged")
        assert {answer.status_code for answer in await crowd} == {204}
    assert await night.one("select state from notifier.alerts") == "answered"


async def test_a_forged_webhook_is_refused_and_a_blank_parameter_is_part_of_the_signature(night: Night) -> None:
    url = f"{night.settings.notifier_url}/twilio/sms"
    params = {"MessageSid": "SM1", "From": NEIGHBOUR, "Body": "+ 你好", "Blank": ""}
    signed = RequestValidator(ACCOUNT.auth_token).compute_signature(url, params)
    async with httpx.AsyncClient() as client:
        assert (await client.post(url, data=params)).status_code == 403
        forged = {"X-Twilio-Signature": signed}
        assert (await client.post(url, data=params | {"Body": "31"}, headers=forged)).status_code == 403
        assert (await client.post(url, data=params, headers=forged)).status_code == 200
        for path in ("answer", "keys", "status"):
            other = f"{night.settings.notifier_url}/twilio/{path}/{'0' * 32}"
            assert (await client.post(other, data=params)).status_code == 403
