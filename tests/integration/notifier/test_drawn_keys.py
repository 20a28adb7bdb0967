"""What the provider is told to say in a call: the keys that were drawn for it, a pause before and after each."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest
from twilio.request_validator import RequestValidator

from schemas.terms import Level, Purpose
from tests.integration.notifier.conftest import ACCOUNT, VOICE, Night, ladder

SPOKEN = {"en": "en-GB", "zh": "zh-CN"}
OFFERS = {
    ("en", False): ("To take it, press", "If you cannot, press"),
    ("en", True): ("If you are safe, press", "If you need help, press"),
    ("zh", False): ("我来接手，请按", "我无法接手，请按"),
    ("zh", True): ("您安全，请按", "需要帮助，请按"),
}


async def document(night: Night, alert_id: UUID) -> str:
    """What the provider gets when it asks what to say in a call."""
    url = f"{night.settings.notifier_url}/twilio/answer/{alert_id}"
    form = {"CallSid": "CA" + "0" * 32}
    signed = {"X-Twilio-Signature": RequestValidator(ACCOUNT.auth_token).compute_signature(url, form)}
    async with httpx.AsyncClient() as provider:
        return (await provider.post(url, data=form, headers=signed)).text


async def call(night: Night, language: str, **asked: Any) -> tuple[str, str]:
    """What is said in a call, and the keys drawn for it."""
    li = await night.person("Li", Level.FIRST, language=language)
    await night.hears(night.case(night.assignment(ladder=ladder(VOICE), first_responder_id=li, **asked)))
    alert_id = await night.until("select alert_id from notifier.alerts where person_id = $1 and keys <> ''", li)
    return await document(night, alert_id), await night.keys(li)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("purpose", list(Purpose))
async def test_the_drawn_keys_are_said_slowly_and_twice(night: Night, language: str, purpose: Purpose) -> None:
    said, keys = await call(night, language, purpose=purpose)
    say, pause = f'<Say language="{SPOKEN[language]}">', '<Pause length="1"/>'
    offers = OFFERS[language, purpose is Purpose.CHECK_IN]
    slowly = "".join(
        f"{say}{offer}</Say>{pause}{say}{key}</Say>{pause}" for offer, key in zip(offers, keys[:2], strict=True)
    )
    assert said.count(slowly) == 2
    assert said.count(pause) == 2 * 4 + 1, "nothing else is said slowly"
    assert len(re.findall(rf"{say}\d</Say>", said)) == 4
