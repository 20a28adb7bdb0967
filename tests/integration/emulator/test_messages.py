import asyncio
from datetime import timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from infra.emulators.twilio import instants
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.phones import Phones
from tests.integration.emulator.conftest import ACCOUNT, OTHER, OURS, THEIRS, TOGETHER, Hotline, sign_in

pytestmark = TOGETHER


async def refusal(creation: Any) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as caught:
        await creation
    return caught.value


async def test_a_text_reaches_the_phone_and_each_status_but_the_first_is_told(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    sent = await twilio.messages.create_async(
        to=THEIRS, from_=OURS, body="特急：请回电 41", status_callback=f"{hotline.url}/status?alert=7&note=a%2Bb"
    )

    assert (sent.status, sent.num_segments, sent.direction) == ("queued", "1", "outbound-api")
    assert await phones.phone(THEIRS).receives("特急") == "特急：请回电 41"
    assert await hotline.hears_statuses("sending", "sent", "delivered") == ["sending", "sent", "delivered"]
    assert all(told.is_signed for told in hotline.told)
    assert hotline.of("/status")[0]["alert"] == "7"
    fetched = await twilio.messages(sent.sid).fetch_async()
    assert fetched.status == "delivered"
    assert fetched.date_sent is not None


async def test_the_synchronous_client_is_served_too(exchange: Exchange, phones: Phones) -> None:
    def send() -> str:
        http = TwilioHttpClient(pool_connections=True)
        client = sign_in(Client(ACCOUNT.sid, ACCOUNT.auth_token, http_client=http), exchange)
        try:
            client.messages.create(to=THEIRS, messaging_service_sid="MG" + "1" * 32, body="hello")
            return str(client.messages.list(to=THEIRS)[0].messaging_service_sid)
        finally:
            http.session.close()

    assert await asyncio.to_thread(send) == "MG" + "1" * 32
    assert await phones.phone(THEIRS).receives() == "hello"


@pytest.mark.parametrize(
    ("to", "from_", "body", "code"),
    [
        ("+12", OURS, "x", 21211),
        ("nobody", OURS, "x", 21211),
        (THEIRS, OTHER, "x", 21606),
        (THEIRS, OURS, "x" * 1601, 21617),
        (THEIRS, OURS, "", 21602),
        (THEIRS, "", "x", 21603),
        ("", OURS, "x", 21604),
    ],
)
async def test_a_text_that_cannot_be_sent_is_refused(twilio: Any, to: str, from_: str, body: str, code: int) -> None:
    refused = await refusal(twilio.messages.create_async(to=to, from_=from_, body=body))
    assert (refused.status, refused.code) == (400, code)


async def test_lists_are_filtered_and_paged(twilio: Any) -> None:
    for count in range(7):
        await twilio.messages.create_async(to=THEIRS, from_=OURS, body=f"number {count}")
    await twilio.messages.create_async(to=OTHER, from_=OURS, body="another")
    now = instants.now()

    listed = await twilio.messages.list_async(to=THEIRS, page_size=3)
    assert [message.body for message in listed] == [f"number {count}" for count in range(6, -1, -1)]
    hour = timedelta(hours=1)
    assert len(await twilio.messages.list_async(date_sent_after=now - hour, date_sent_before=now + hour)) == 8
    assert await twilio.messages.list_async(date_sent_after=now + hour) == []
    assert await twilio.messages.list_async(date_sent_before=now - hour) == []
    assert len(await twilio.messages.list_async(date_sent=now.date(), from_=OURS)) == 8


async def test_a_queued_text_can_be_taken_back_but_a_delivered_one_cannot(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    await phones.fault("held", THEIRS, seconds=30, count=1)
    held = await twilio.messages.create_async(
        to=THEIRS, from_=OURS, body="first", status_callback=f"{hotline.url}/status"
    )
    assert (await twilio.messages(held.sid).update_async(status="canceled")).status == "canceled"
    assert await hotline.hears_statuses("canceled") == ["canceled"]

    sent = await twilio.messages.create_async(to=THEIRS, from_=OURS, body="second")
    assert await phones.phone(THEIRS).receives() == "second"
    assert (await refusal(twilio.messages(sent.sid).update_async(status="canceled"))).code == 30409


async def test_a_text_held_beyond_its_validity_fails(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    await phones.fault("held", seconds=30)
    await twilio.messages.create_async(
        to=THEIRS, from_=OURS, body="late", validity_period=1, status_callback=f"{hotline.url}/status"
    )
    failed = await hotline.hears("/status")
    assert (failed["MessageStatus"], failed["ErrorCode"]) == ("failed", "30036")


async def test_a_person_texts_and_the_hotline_answers_through_a_redirect(hotline: Hotline, phones: Phones) -> None:
    hotline.says("/sms", '<Redirect method="POST">/sms/next</Redirect>')
    hotline.says("/sms/next", "<Message><Body>已收到。1 可以  2 不可以</Body></Message><Message>second</Message>")
    phone = phones.phone(THEIRS)

    sid = await phone.text("a child + 危险 & more=1", to=OURS)

    assert await phone.receives("second") == "second"
    assert await phone.receives("已收到") == "已收到。1 可以 2 不可以"
    told = hotline.of("/sms")[0]
    assert (told["MessageSid"], told["SmsSid"], told["From"], told["To"]) == (sid, sid, THEIRS, OURS)
    assert (told["Body"], told["NumMedia"], told["NumSegments"]) == ("a child + 危险 & more=1", "0", "1")
    assert all(told.is_signed for told in hotline.told)


async def test_an_unreachable_hotline_is_logged_and_its_fallback_is_asked(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    hotline.answers["/sms"] = 500
    hotline.says("/fallback", "<Message>received elsewhere</Message>")
    number = (await twilio.incoming_phone_numbers.list_async(phone_number=OURS))[0]
    changed = await twilio.incoming_phone_numbers(number.sid).update_async(sms_fallback_url=f"{hotline.url}/fallback")
    assert (changed.sms_url, changed.sms_fallback_url) == (f"{hotline.url}/sms", f"{hotline.url}/fallback")

    phone = phones.phone(THEIRS)
    await phone.text("help me", to=OURS)

    assert await phone.receives() == "received elsewhere"
    assert hotline.of("/fallback")[0]["ErrorCode"] == "11200"
    failed = [one for one in await phones.webhooks() if one["error"]]
    assert [(one["purpose"], one["status"]) for one in failed] == [("incoming text", 500)]


async def test_a_document_with_entities_is_refused_unread(hotline: Hotline, phones: Phones) -> None:
    hotline.answers["/sms"] = (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><Response><Message>&x;</Message></Response>'
    )
    await phones.phone(THEIRS).text("x", to=OURS)
    await hotline.hears("/sms")
    while not (failed := [one for one in await phones.webhooks() if one["error"]]):
        await asyncio.sleep(0.01)
    assert "document type" in failed[0]["error"]
    assert await phones.phone(THEIRS).texts() == []


async def test_whoever_says_stop_gets_no_more_texts_until_start(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    phone = phones.phone(THEIRS)
    await phone.text(" stop ", to=OURS)
    await phone.receives("unsubscribed")
    assert hotline.of("/sms")[0]["Body"] == " stop "

    refused = await refusal(twilio.messages.create_async(to=THEIRS, from_=OURS, body="x"))
    assert (refused.status, refused.code) == (400, 21610)

    await phone.text("START", to=OURS)
    await phone.receives("re-subscribed")
    await twilio.messages.create_async(to=THEIRS, from_=OURS, body="again")
    await phone.receives("again")


async def test_pictures_are_told_of_by_their_ids_in_the_webhook_and_in_the_list(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    sid = await phones.phone(THEIRS).text("", to=OURS, pictures=["image/jpeg", "image/png"])
    told = await hotline.hears("/sms")
    listed = await twilio.messages(sid).media.list_async()

    assert (sid[:2], told["NumMedia"], told["MediaContentType1"]) == ("MM", "2", "image/png")
    assert [told[f"MediaUrl{number}"].rpartition("/")[2] for number in range(2)] == [one.sid for one in listed]
    assert [one.content_type for one in listed] == ["image/jpeg", "image/png"]
    assert (await twilio.messages(sid).fetch_async()).num_media == "2"
