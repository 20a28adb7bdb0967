import asyncio
import re
import signal
import sys
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.phones import CouldNotDo, Phones
from tests.integration.emulator.conftest import ACCOUNT, OURS, THEIRS, TOGETHER, Hotline, sign_in

pytestmark = TOGETHER


async def test_sign_in_is_checked(exchange: Exchange, twilio: Any) -> None:
    assert (await twilio.api.accounts(ACCOUNT.sid).fetch_async()).status == "active"
    async with AsyncTwilioHttpClient() as http:
        stranger = sign_in(Client(ACCOUNT.sid, "wrong", http_client=http), exchange)
        with pytest.raises(TwilioRestException) as refused:
            await stranger.api.accounts(ACCOUNT.sid).fetch_async()
    assert (refused.value.status, refused.value.code) == (401, 20003)


async def test_what_is_not_there_is_not_found(twilio: Any) -> None:
    for missing in (twilio.messages("SM0"), twilio.calls("CA0"), twilio.recordings("RE0")):
        with pytest.raises(TwilioRestException) as refused:
            await missing.fetch_async()
        assert (refused.value.status, refused.value.code) == (404, 20404)


async def test_the_account_shows_its_numbers(twilio: Any, hotline: Hotline) -> None:
    (number,) = await twilio.incoming_phone_numbers.list_async()
    assert (number.phone_number, number.voice_url) == (OURS, f"{hotline.url}/voice")
    changed = await twilio.incoming_phone_numbers(number.sid).update_async(voice_url=f"{hotline.url}/elsewhere")
    assert (changed.voice_url, changed.sms_url) == (f"{hotline.url}/elsewhere", f"{hotline.url}/sms")


@pytest.mark.parametrize(("language", "warning"), [("en", "no one is called"), ("zh-CN", "不会有人接警")])
async def test_the_page_begins_with_the_warning(exchange: Exchange, language: str, warning: str) -> None:
    async with aiohttp.ClientSession(headers={"Accept-Language": language}) as session:
        async with session.get(exchange.setup.base_url + "/") as answer:
            text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (await answer.text()).split("<body>")[1]))
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        async with session.get(exchange.setup.base_url + "/static/phones.js") as script:
            assert script.status == 200
    assert warning in text[:60]


async def test_a_named_phone_is_shown_and_changes_are_streamed(exchange: Exchange, phones: Phones) -> None:
    base = exchange.setup.base_url
    async with aiohttp.ClientSession() as session, session.get(f"{base}/emulator/stream") as stream:
        assert (await stream.content.readuntil(b"\n\n")).startswith(b"event: change")
        await phones.phone(THEIRS).is_called("Li")
        assert await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 2)
        state = await phones.ask("GET", "/emulator/state")
    assert [(phone["number"], phone["name"]) for phone in state["phones"]] == [(THEIRS, "Li")]


async def test_what_makes_no_sense_is_refused(exchange: Exchange, phones: Phones) -> None:
    with pytest.raises(CouldNotDo, match="not one of the provider's numbers"):
        await phones.phone(THEIRS).text("x", to=THEIRS)
    with pytest.raises(CouldNotDo, match="not understood"):
        await phones.fault("earthquake")
    reset = f"{exchange.setup.base_url}/emulator/reset"
    async with aiohttp.ClientSession() as session, session.post(reset, data="{}") as answer:
        assert answer.status == 415


async def test_it_starts_as_a_command_and_stops_in_order_with_a_stream_open() -> None:
    command = [sys.executable, "-m", "infra.emulators.twilio", "--port", "0", "--account-sid", ACCOUNT.sid]
    command += ["--auth-token", "x", "--number", OURS, "", "", "--phone", f"{THEIRS}=Li (responder)"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 10)).decode()
        base = line.removeprefix("phones at ").strip().rstrip("/")
        async with aiohttp.ClientSession() as session, session.get(f"{base}/emulator/stream") as stream:
            await stream.content.readuntil(b"\n\n")
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 5) == 0
    finally:
        if process.returncode is None:
            process.kill()
        _, errors = await process.communicate()
    assert errors == b""
