"""The provider's own library, driven by the adapter; its errors in our words."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from infra.embedded.ports import free_ports
from infra.twilio.client import Ring, Sms, TwilioClient
from infra.twilio.errors import (
    AccountRefused,
    ProviderDown,
    ProviderError,
    Refused,
    Throttled,
    Uncertain,
    account_refusal,
)
from tests.integration.twilio.line import LI, OURS, Line

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9/nowhere"
TEXT = Sms(LI, "NOW KD472 by 12:00. 41 I take it, 42 I cannot.", NOWHERE, timedelta(minutes=5))
RING = Ring(LI, NOWHERE, NOWHERE, timedelta(seconds=30))


async def test_a_text_arrives_and_is_found_again(line: Line) -> None:
    sent = await line.client.send_sms(OURS, TEXT)
    assert await line.phones.phone(LI).receives("KD472") == TEXT.body
    found = await line.client.find_messages(OURS, LI, LONG_AGO)
    assert [(one.sid, one.body) for one in found] == [(sent.sid, TEXT.body)]
    assert await line.client.find_messages(OURS, LI, datetime(2100, 1, 1, tzinfo=UTC)) == []


async def test_a_call_rings_is_found_and_can_be_ended_once(line: Line) -> None:
    sent = await line.client.place_call(OURS, RING)
    call = await line.phones.phone(LI).rings()
    assert [one.sid for one in await line.client.find_calls(OURS, LI, LONG_AGO)] == [sent.sid]
    assert await line.client.complete_call(sent.sid)
    assert await call.ends() in {"completed", "canceled"}


async def test_a_queued_text_is_taken_back_and_a_sent_one_is_not(line: Line) -> None:
    await line.phones.fault("held", LI, seconds=30, count=1)
    queued = await line.client.send_sms(OURS, TEXT)
    assert await line.client.cancel_message(queued.sid)
    sent = await line.client.send_sms(OURS, TEXT)
    await line.phones.phone(LI).receives("KD472")
    assert not await line.client.cancel_message(sent.sid)


@pytest.mark.parametrize(
    ("fault", "detail", "error"),
    [
        ("refuse", {"code": 21211}, Refused),
        ("refuse", {"code": 20003}, AccountRefused),
        ("refuse", {"code": 30002}, AccountRefused),
        ("error_before", {"status": 429}, Throttled),
        ("error_before", {"status": 500}, ProviderDown),
        ("error_before", {"status": 503}, ProviderDown),
        ("slow_answer", {"seconds": 2}, Uncertain),
    ],
)
async def test_errors_are_told_apart(
    line: Line, fault: str, detail: dict[str, int], error: type[ProviderError]
) -> None:
    await line.phones.fault(fault, LI, **detail)
    with pytest.raises(error) as raised:
        await line.client.send_sms(OURS, TEXT)
    if isinstance(raised.value, Refused):
        assert raised.value.code == "21211"


async def test_a_provider_that_is_not_there_has_taken_nothing(line: Line) -> None:
    nowhere = line.settings.model_copy(update={"twilio_api_url": f"http://127.0.0.1:{free_ports(1)[0]}"})
    client = TwilioClient(nowhere)
    with pytest.raises(ProviderDown):
        await client.send_sms(OURS, TEXT)
    await client.close()


async def test_a_wrong_token_is_refused_and_nothing_of_a_text_is_logged(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = line.settings.model_copy(update={"twilio_auth_token": SecretStr("another token")})
    client = TwilioClient(wrong)
    with pytest.raises(AccountRefused):
        await client.send_sms(OURS, TEXT)
    await client.close()
    await line.client.send_sms(OURS, TEXT)
    assert LI not in caplog.text
    assert "KD472" not in caplog.text


async def test_the_other_token_is_tried_when_the_first_is_refused(line: Line) -> None:
    tokens = SecretStr(f"a token of tomorrow,{line.settings.auth_tokens[0]}")
    client = TwilioClient(line.settings.model_copy(update={"twilio_auth_token": tokens}))
    await client.send_sms(OURS, TEXT)
    assert await line.phones.phone(LI).receives("KD472") == TEXT.body
    await client.find_messages(OURS, LI, LONG_AGO)
    assert await client.trouble() is None
    await client.close()


async def test_a_refused_account_is_a_trouble_until_it_is_taken_again(line: Line) -> None:
    await line.phones.fault("refuse", LI, code=20003, count=1)
    with pytest.raises(AccountRefused):
        await line.client.place_call(OURS, RING)
    assert "code 20003" in (await line.client.trouble() or "")
    await line.client.find_calls(OURS, LI, LONG_AGO)
    assert await line.client.trouble() is None


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, "", "401"),
        (403, '{"code": 20005}', "20005"),
        (403, "<html>", "403"),
        (400, '{"code": 30002}', "30002"),
        (403, '{"code": 21408}', None),
        (400, '{"code": 21211}', None),
        (503, '{"code": 20003}', None),
        (201, '{"code": 20003}', None),
    ],
)
def test_what_is_about_the_account_is_told_from_what_is_about_one_message(
    status: int, body: str, code: str | None
) -> None:
    assert account_refusal(status, body) == code


async def test_what_reached_us_is_listed_for_the_sweep(line: Line) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)  # noqa: TID251 - the provider's time, not the hotline's
    sid = await line.phones.phone(LI).text("有个孩子在哭", OURS)
    call = await line.phones.phone(LI).calls(OURS)
    await call.ends()
    texts = await line.client.inbound_messages(OURS, since)
    assert [(one.sid, one.from_, one.body) for one in texts] == [(sid, LI, "有个孩子在哭")]
    calls = await line.client.inbound_calls(OURS, since)
    assert [(one.sid, one.from_) for one in calls] == [(call.sid, LI)]
    assert await line.client.recordings(since) == []


async def test_a_list_for_the_sweep_is_read_to_its_end(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.twilio.client.PAGE", 2)
    since = datetime.now(UTC) - timedelta(minutes=1)  # noqa: TID251 - the provider's time, not the hotline's
    phone = line.phones.phone(LI)
    sids = [await phone.text(f"words {number}", OURS) for number in range(5)]
    for _ in range(3):
        await (await phone.calls(OURS)).ends()

    assert [one.sid for one in await line.client.inbound_messages(OURS, since)] == sids[::-1]
    assert len(await line.client.inbound_calls(OURS, since)) == 3


async def test_pictures_of_a_text_are_listed_by_their_ids(line: Line) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)  # noqa: TID251 - the provider's time, not the hotline's
    sid = await line.phones.phone(LI).text("look", OURS, pictures=["image/jpeg", "image/png"])
    [text] = await line.client.inbound_messages(OURS, since)
    pictures = await line.client.pictures(sid)

    assert (text.pictures, len(pictures)) == (2, 2)
    assert all(picture.startswith("ME") for picture in pictures)
    with pytest.raises(Refused):
        await line.client.pictures("SM" + "0" * 32)
