"""The people of the demonstration, on phones of the emulator."""

import asyncio
from typing import Any

import pytest

from infra.emulators.demo.responders import Responder
from infra.emulators.twilio import control
from infra.emulators.twilio.phones import Phones
from tests.integration.emulator.conftest import OURS, THEIRS, TOGETHER

pytestmark = TOGETHER

CALL = "NOW KD482 by 18:41. 41 I take it, 42 I cannot."


async def test_a_responder_waits_for_the_next_level_longer_than_the_emulator_does(
    twilio: Any, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "LONGEST_WAIT", 0.05)
    responder = Responder("Sana Khan", THEIRS, "en", "", OURS, phones.phone(THEIRS))
    called = asyncio.create_task(responder.is_texted("KD482", within=5))
    await asyncio.sleep(0.2)
    await twilio.messages.create_async(to=THEIRS, from_=OURS, body=CALL)

    assert await called == CALL


async def test_a_responder_who_is_not_texted_waits_no_longer_than_told(phones: Phones) -> None:
    responder = Responder("Sana Khan", THEIRS, "en", "", OURS, phones.phone(THEIRS))

    with pytest.raises(TimeoutError):
        await responder.is_texted("KD482", within=0.1)
