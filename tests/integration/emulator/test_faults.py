import asyncio
import time
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from infra.emulators.twilio.phones import Phones
from tests.integration.emulator.conftest import OTHER, OURS, THEIRS, TOGETHER, Hotline

pytestmark = TOGETHER


async def send(twilio: Any, hotline: Hotline, to: str = THEIRS) -> Any:
    return await twilio.messages.create_async(
        to=to, from_=OURS, body="41 take, 42 cannot", status_callback=f"{hotline.url}/status"
    )


@pytest.mark.parametrize("code", [21211, 21614, 21610, 20003, 20404])
async def test_a_number_can_be_refused_with_a_code(twilio: Any, hotline: Hotline, phones: Phones, code: int) -> None:
    await phones.fault("refuse", THEIRS, code=code, count=1)
    with pytest.raises(TwilioRestException) as refused:
        await send(twilio, hotline)
    assert refused.value.code == code
    await send(twilio, hotline, OTHER)
    await send(twilio, hotline)
    assert await phones.faults() == []


@pytest.mark.parametrize(
    ("kind", "walk"), [("undelivered", ["sending", "sent", "undelivered"]), ("failed", ["failed"])]
)
async def test_a_text_can_fail_on_its_way(
    twilio: Any, hotline: Hotline, phones: Phones, kind: str, walk: list[str]
) -> None:
    await phones.fault(kind, THEIRS, channel="sms", code=30003)
    sent = await send(twilio, hotline)
    assert await hotline.hears_statuses(*walk) == walk
    assert hotline.of("/status")[-1]["ErrorCode"] == "30003"
    assert (await twilio.messages(sent.sid).fetch_async()).error_code == 30003
    assert await phones.phone(THEIRS).texts() == []


async def test_a_slow_answer_comes_after_the_text_was_delivered(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    await phones.fault("slow_answer", THEIRS, seconds=20, count=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(twilio, hotline), 0.3)
    assert await phones.phone(THEIRS).receives("41")
    assert len(await twilio.messages.list_async(to=THEIRS)) == 1


async def test_what_is_accepted_late_is_lost_with_its_client(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    await phones.fault("slow_accept", THEIRS, seconds=0.3, count=2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(twilio, hotline), 0.1)
    assert (await send(twilio, hotline)).sid == (await twilio.messages.list_async(to=THEIRS))[0].sid
    assert await phones.phone(THEIRS).receives("41")
    assert [one["status"] for one in await phones.requests() if one["method"] == "POST"] == [499, 201]


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize(("kind", "accepted"), [("error_before", 0), ("error_after", 1)])
async def test_an_error_may_come_before_or_after_accepting(
    phones: Phones, hotline: Hotline, twilio: Any, kind: str, accepted: int, status: int
) -> None:
    await phones.fault(kind, THEIRS, status=status)
    with pytest.raises(TwilioRestException) as refused:
        await send(twilio, hotline)
    assert (refused.value.status, refused.value.code) == (status, 20000 + status)
    assert len(await twilio.messages.list_async(to=THEIRS)) == accepted


async def test_callbacks_come_twice(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    await phones.fault("callbacks_twice", THEIRS)
    await send(twilio, hotline)
    twice = ["sending", "sending", "sent", "sent", "delivered", "delivered"]
    assert await hotline.hears_statuses(*twice) == twice


async def test_callbacks_come_out_of_order_and_late(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    await phones.fault("callbacks_reversed", THEIRS)
    await phones.fault("callbacks_late", THEIRS, seconds=0.4)
    began = time.monotonic()
    await send(twilio, hotline)
    assert await hotline.hears_statuses("", "", "") == ["delivered", "sent", "sending"]
    assert time.monotonic() - began >= 0.4


async def test_callbacks_may_never_come(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    await phones.fault("callbacks_lost", THEIRS)
    await send(twilio, hotline)
    await phones.phone(THEIRS).receives()
    await send(twilio, hotline, OTHER)
    await hotline.hears_statuses("", "", "")
    assert {told["To"] for told in hotline.of("/status")} == {OTHER}


async def test_an_answering_machine_presses_nothing_and_hangs_up(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    hotline.says("/answer", '<Gather action="/key" timeout="60"><Say>Press 7</Say></Gather>')
    await phones.fault("answering_machine", THEIRS, seconds=0.2)
    made = await twilio.calls.create_async(
        to=THEIRS,
        from_=OURS,
        url=f"{hotline.url}/answer",
        status_callback=f"{hotline.url}/status",
        machine_detection="Enable",
    )
    assert await hotline.hears_statuses("completed") == ["completed"]
    assert hotline.of("/answer")[0]["AnsweredBy"] == "machine_start"
    assert hotline.of("/key") == []
    assert (await twilio.calls(made.sid).fetch_async()).answered_by == "machine"


@pytest.mark.parametrize(("kind", "status"), [("busy", "busy"), ("no_answer", "no-answer"), ("failed", "failed")])
async def test_a_call_can_fail(twilio: Any, hotline: Hotline, phones: Phones, kind: str, status: str) -> None:
    await phones.fault(kind, THEIRS, channel="voice", seconds=0.1)
    await twilio.calls.create_async(
        to=THEIRS, from_=OURS, url=f"{hotline.url}/answer", status_callback=f"{hotline.url}/status"
    )
    assert await hotline.hears_statuses(status) == [status]


async def test_lists_show_things_late(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    await phones.fault("lists_late", seconds=60, count=1)
    await send(twilio, hotline)
    assert await twilio.messages.list_async(to=THEIRS) == []
    assert len(await twilio.messages.list_async(to=THEIRS)) == 1


async def test_an_incoming_text_may_be_told_twice_or_not_at_all_but_is_listed(
    twilio: Any, hotline: Hotline, phones: Phones
) -> None:
    await phones.fault("inbound_lost", OTHER)
    await phones.fault("inbound_twice", THEIRS)
    lost = await phones.phone(OTHER).text("nobody is told", to=OURS)
    twice = await phones.phone(THEIRS).text("told twice", to=OURS)
    while len(hotline.of("/sms")) < 2:
        await asyncio.sleep(0.01)
    assert [told["MessageSid"] for told in hotline.of("/sms")] == [twice, twice]
    assert {one.sid for one in await twilio.messages.list_async(to=OURS)} == {lost, twice}


async def test_requests_are_kept_with_their_instants(twilio: Any, hotline: Hotline, phones: Phones) -> None:
    before = time.monotonic_ns()
    sent = await send(twilio, hotline)
    after = time.monotonic_ns()
    (request,) = await phones.requests("/Messages.json", "POST")
    assert before < request["received_ns"] < request["answered_ns"] < after
    assert (request["sid"], request["status"], request["params"]["To"]) == (sent.sid, 201, THEIRS)

    await phones.reset()
    assert await phones.requests() == []
    assert await phones.phone(THEIRS).texts() == []
