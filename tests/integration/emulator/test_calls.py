import asyncio
import io
import wave
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException

from infra.emulators.twilio.phones import CouldNotDo, NothingHappened, Phones
from tests.integration.emulator.conftest import ACCOUNT, OTHER, OURS, THEIRS, TOGETHER, Hotline

pytestmark = TOGETHER

EVENTS = ["initiated", "ringing", "answered", "completed"]


async def call_them(twilio: Any, hotline: Hotline, **more: Any) -> Any:
    return await twilio.calls.create_async(
        to=THEIRS,
        from_=OURS,
        url=f"{hotline.url}/answer?alert=9",
        status_callback=f"{hotline.url}/status",
        status_callback_event=EVENTS,
        **more,
    )


async def test_a_call_is_answered_asks_for_a_key_and_ends(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    hotline.says(
        "/answer",
        '<Gather numDigits="1" action="/key" timeout="10">'
        '<Say language="zh-CN">按 4 接手</Say><Pause length="1"/></Gather>',
    )
    hotline.says("/key", "<Say>Thank you.</Say><Hangup/>")
    made = await call_them(twilio, hotline)
    assert made.status == "queued"

    call = await phones.phone(THEIRS).rings()
    await call.pick_up()
    assert await call.hears("按 4") == "按 4 接手"
    await call.press("4")

    assert await call.ends() == "completed"
    assert (await call.hears()).endswith("Thank you.")
    assert hotline.of("/answer")[0]["CallStatus"] == "in-progress"
    assert hotline.of("/key")[0]["Digits"] == "4"
    statuses = await hotline.hears_statuses(*EVENTS)
    assert statuses == ["initiated", "ringing", "in-progress", "completed"]
    assert hotline.of("/status")[-1]["CallDuration"] == "1"
    assert [one["SequenceNumber"] for one in hotline.of("/status")] == ["0", "1", "2", "3"]
    assert all(told.is_signed for told in hotline.told)
    fetched = await twilio.calls(made.sid).fetch_async()
    assert (fetched.status, fetched.direction, fetched.duration) == ("completed", "outbound-api", "1")


async def test_an_unanswered_call_gives_up_after_its_timeout(twilio: Any, hotline: Hotline) -> None:
    await call_them(twilio, hotline, timeout=1)
    assert await hotline.hears_statuses("", "", "") == ["initiated", "ringing", "no-answer"]


async def test_a_call_that_cannot_be_made_is_refused(twilio: Any, hotline: Hotline) -> None:
    url = f"{hotline.url}/answer"
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"to": "+12", "from_": OURS, "url": url}, 21211),
        ({"to": THEIRS, "from_": OTHER, "url": url}, 21210),
        ({"to": THEIRS, "from_": OURS, "url": "nowhere"}, 21205),
        ({"to": THEIRS, "from_": OURS, "url": url, "timeout": "soon"}, 20001),
        ({"to": THEIRS, "from_": OURS, "url": url, "status_callback": "nowhere"}, 21609),
    ]
    for parameters, code in wrong:
        with pytest.raises(TwilioRestException) as refused:
            await twilio.calls.create_async(**parameters)
        assert refused.value.code == code
    assert await twilio.calls.list_async() == []


async def test_a_turned_away_call_is_busy(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    await call_them(twilio, hotline)
    call = await phones.phone(THEIRS).rings()
    await call.hang_up()
    assert await call.ends() == "busy"


async def test_a_ringing_call_can_be_stopped_and_a_call_in_progress_completed(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    hotline.says("/answer", '<Say>Wait.</Say><Pause length="60"/>')
    made = await call_them(twilio, hotline)
    ringing = await phones.phone(THEIRS).rings()
    assert (await twilio.calls(made.sid).update_async(status="completed")).status == "canceled"
    assert await ringing.ends() == "canceled"

    made = await call_them(twilio, hotline)
    call = await phones.phone(THEIRS).rings()
    await call.pick_up()
    await call.hears("Wait.")
    assert [one.sid for one in await twilio.calls.list_async(to=THEIRS, status="in-progress")] == [made.sid]
    assert (await twilio.calls(made.sid).update_async(status="completed")).status == "completed"
    with pytest.raises(TwilioRestException) as refused:
        await twilio.calls(made.sid).update_async(status="completed")
    assert refused.value.code == 21220


async def test_a_call_in_progress_can_be_sent_to_another_document(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    hotline.says("/other", "<Say>Somebody has taken it.</Say>")
    made = await twilio.calls.create_async(
        to=THEIRS, from_=OURS, twiml='<Response><Say>Hello.</Say><Pause length="60"/></Response>'
    )
    call = await phones.phone(THEIRS).rings()
    await call.pick_up()
    await call.hears("Hello.")
    await twilio.calls(made.sid).update_async(url=f"{hotline.url}/other")
    await call.hears("Somebody has taken it.")
    assert await call.ends() == "completed"


async def test_silence_falls_through_to_the_next_verb(hotline: Hotline, phones: Phones) -> None:
    hotline.says("/voice", '<Gather action="/key" timeout="60"/><Say>Nothing was pressed.</Say>')
    call = await phones.phone(THEIRS).calls(OURS)
    await call.stay_silent()
    await call.hears("Nothing was pressed.")
    assert await call.ends() == "completed"
    assert hotline.of("/key") == []


async def test_keys_end_with_the_finishing_key_and_speech_is_understood(hotline: Hotline, phones: Phones) -> None:
    hotline.says("/voice", '<Gather action="/pin"><Say>PIN</Say></Gather>')
    hotline.says("/pin", '<Gather input="dtmf speech" language="zh-CN" action="/words" timeout="60"/>')
    hotline.says("/words", '<Redirect method="GET">/end?a=1&amp;b=</Redirect>')
    hotline.says("/end", "<Say>再见</Say>")
    call = await phones.phone(THEIRS).calls(OURS)
    await call.press("2468#")
    await call.speak("孩子现在安全")
    await call.hears("再见")
    first = hotline.of("/voice")[0]
    assert (first["CallStatus"], first["Direction"], first["From"]) == ("ringing", "inbound", THEIRS)
    assert hotline.of("/pin")[0]["Digits"] == "2468"
    assert hotline.of("/words")[0]["SpeechResult"] == "孩子现在安全"
    assert hotline.of("/end")[0]["b"] == ""
    assert all(told.is_signed for told in hotline.told)


async def test_what_is_told_after_the_tone_is_kept_as_sound(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    hotline.says("/voice", '<Record action="/told" timeout="60" maxLength="120" recordingStatusCallback="/kept"/>')
    hotline.says("/told", "<Say>Thank you.</Say>")
    call = await phones.phone(THEIRS).calls(OURS)
    await call.speak("The child is alone. 孩子一个人在家。")
    await call.press("#")
    await call.hears("Thank you.")

    told, kept = hotline.of("/told")[0], await hotline.hears("/kept")
    assert (told["RecordingSid"], told["Digits"]) == (kept["RecordingSid"], "#")
    assert kept["RecordingStatus"] == "completed"
    recordings = await twilio.calls(call.sid).recordings.list_async()
    assert [(one.sid, one.duration) for one in recordings] == [(told["RecordingSid"], told["RecordingDuration"])]
    assert len(await twilio.recordings.list_async(call_sid=call.sid)) == 1
    async with aiohttp.ClientSession() as session:
        async with session.get(told["RecordingUrl"]) as refused:
            assert refused.status == 401
        signed_in = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT.sid, ACCOUNT.auth_token)}
        async with session.get(told["RecordingUrl"] + ".wav", headers=signed_in) as answer:
            sound = await answer.read()
    with wave.open(io.BytesIO(sound)) as heard:
        assert heard.getnframes() == heard.getframerate() * int(told["RecordingDuration"])
    assert "孩子一个人在家".encode() in sound


async def test_hanging_up_in_mid_sentence_keeps_what_was_said(hotline: Hotline, phones: Phones) -> None:
    hotline.says("/voice", '<Record action="/told" timeout="60"/><Say>Nothing was said.</Say>')
    call = await phones.phone(THEIRS).calls(OURS)
    await call.speak("He is at the door")
    await call.hang_up()
    told = await hotline.hears("/told")
    assert (told["Digits"], told["CallStatus"]) == ("hangup", "completed")

    silent = await phones.phone(OTHER).calls(OURS)
    await silent.stay_silent()
    await silent.hears("Nothing was said.")


async def test_two_phones_are_joined_and_hear_each_other(hotline: Hotline, phones: Phones) -> None:
    hotline.says("/voice", f'<Dial action="/after" timeout="10"><Number>{OTHER}</Number></Dial>')
    caller = await phones.phone(THEIRS).calls(OURS)
    other = await phones.phone(OTHER).rings()
    await other.pick_up()
    await caller.speak("Is anybody there?")
    await other.hears("Is anybody there?")
    await other.speak("Yes, I hear you.")
    await caller.hears("Yes, I hear you.")
    await other.hang_up()
    assert (await hotline.hears("/after"))["DialCallStatus"] == "completed"
    assert await caller.ends() == "completed"


async def test_a_call_may_be_rejected(hotline: Hotline, phones: Phones) -> None:
    hotline.says("/voice", '<Reject reason="busy"/>')
    call = await phones.phone(THEIRS).calls(OURS)
    assert await call.ends() == "busy"


async def test_an_unusable_answer_is_an_apology(hotline: Hotline, phones: Phones) -> None:
    hotline.answers["/voice"] = "not TwiML"
    call = await phones.phone(THEIRS).calls(OURS)
    assert "application error" in await call.hears("Goodbye")
    assert await call.ends() == "completed"


async def test_a_document_with_a_senseless_attribute_ends_the_call(hotline: Hotline, phones: Phones) -> None:
    hotline.says("/voice", '<Pause length="long"/>')
    call = await phones.phone(THEIRS).calls(OURS)
    assert await call.ends() == "completed"
    assert [one["error"] for one in await phones.webhooks() if one["error"]] == [
        "12200 could not convert string to float: 'long'"
    ]


async def test_nobody_can_press_a_key_on_a_call_that_does_not_listen(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    await call_them(twilio, hotline)
    call = await phones.phone(THEIRS).rings()
    with pytest.raises(CouldNotDo, match="does not listen"):
        await call.press("1", within=0.1)
    with pytest.raises(NothingHappened):
        await asyncio.wait_for(phones.phone(OTHER).rings(within=0.1), 3)


async def test_who_is_silent_while_a_question_pauses_is_silent_to_its_end(hotline: Hotline, phones: Phones) -> None:
    hotline.says(
        "/voice",
        '<Gather timeout="60"><Say>A question.</Say><Pause length="60"/><Say>Its end.</Say></Gather>'
        "<Say>No answer.</Say>",
    )
    call = await phones.phone(OTHER).calls(OURS)
    await call.hears("A question.")
    await call.stay_silent()

    assert "Its end." in await call.hears("No answer.", within=3)
