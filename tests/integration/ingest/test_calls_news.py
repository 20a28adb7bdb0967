"""Whoever tells by phone is asked whether one text may say that something became of it, where that is safe."""

from datetime import time, timedelta

import pytest

from schemas.report import SafeContact
from schemas.terms import Answer
from tests.conftest import SettableClock
from tests.integration.ingest.conftest import NEIGHBOUR, Kept, Provider
from tests.integration.ingest.test_calls import digits_in, said, to_the_last

LANDLINE = "+442079460123"
WITHHELD = "+266696687"
WANTED = SafeContact(is_safe_to_text=Answer.YES, wants_news=Answer.YES, news_from=time(8), news_until=time(20))


async def test_a_one_asks_for_news_by_day_in_the_language_of_the_call(provider: Provider, kept: Kept) -> None:
    asked = await to_the_last(provider)
    assert "one text when there is news, between 8 in the morning and 8 in the evening" in said(asked)
    assert [gather.get("action") for gather in asked.iter("Gather")] == ["/twilio/voice/news"]
    assert asked.findtext("Redirect") == "/twilio/voice/news"

    last = await provider.step("/twilio/voice/news", Digits="1")
    assert digits_in(last) == 32
    assert last.find("Hangup") is not None
    way = await kept.way_back()
    assert (way.contact, way.news_to, way.language, way.time_zone) == (WANTED, NEIGHBOUR, "en", "Europe/London")


async def test_it_is_asked_and_kept_in_chinese(provider: Provider, kept: Kept) -> None:
    assert "短信不提内容。可以请按 1" in said(await to_the_last(provider, language="1"))
    await provider.step("/twilio/voice/news", Digits="1")
    assert ((await kept.way_back()).contact, (await kept.way_back()).language) == (WANTED, "zh")


@pytest.mark.parametrize("pressed", [{}, {"Digits": "2"}, {"Digits": "9"}, {"Digits": "#"}])
async def test_silence_or_another_key_asks_for_none_and_the_code_is_said(
    provider: Provider, kept: Kept, pressed: dict[str, str]
) -> None:
    await to_the_last(provider)
    assert digits_in(await provider.step("/twilio/voice/news", **pressed)) == 32
    contact = (await kept.way_back()).contact
    assert contact.wants_news is not Answer.YES
    assert contact.is_safe_to_text is Answer.NOT_ASKED


async def test_whoever_hangs_up_at_the_question_has_reported_all_they_said(provider: Provider, kept: Kept) -> None:
    await to_the_last(provider)
    before = await kept.events()
    await provider.post("/twilio/voice/status", {"CallSid": "CA1", "CallStatus": "completed"})
    assert await kept.events() == before
    assert len(await kept.rows("ingest.reports")) == 1


@pytest.mark.parametrize("sender", [LANDLINE, WITHHELD, "", "800123"])
async def test_who_cannot_be_texted_is_not_asked(provider: Provider, sender: str) -> None:
    answer = await to_the_last(provider, sender=sender)
    assert digits_in(answer) == 32
    assert answer.find("Hangup") is not None


async def test_who_only_adds_to_a_report_is_not_asked_nor_believed(provider: Provider, kept: Kept) -> None:
    await to_the_last(provider)
    await provider.step("/twilio/voice/news", Digits="2")
    assert "there is news" not in said(await to_the_last(provider, sid="CA2"))
    await provider.step("/twilio/voice/news", sid="CA2", Digits="1")
    assert (await kept.way_back()).contact.wants_news is Answer.NO


@pytest.mark.parametrize(("words", "is_asked"), [(("STOP",), False), (("hello", "2"), False), (("hello", "1"), True)])
async def test_a_phone_that_asked_for_no_texts_is_not_asked_days_later(
    provider: Provider, clock: SettableClock, words: tuple[str, ...], is_asked: bool
) -> None:
    for body in ("A child is crying", *words):
        await provider.text(body)
    clock.advance(timedelta(days=2))
    assert ("there is news" in said(await to_the_last(provider))) is is_asked


async def test_a_stop_by_text_takes_it_back(provider: Provider, kept: Kept) -> None:
    await to_the_last(provider)
    await provider.step("/twilio/voice/news", Digits="1")
    await provider.text("STOP")
    assert (await kept.way_back()).contact == SafeContact(is_safe_to_text=Answer.NO)


async def test_a_step_that_is_told_twice_is_kept_once(provider: Provider, kept: Kept) -> None:
    await to_the_last(provider)
    first = await provider.step("/twilio/voice/news", Digits="1")
    before = await kept.events()
    again = await provider.step("/twilio/voice/news", Digits="2")
    assert said(first) == said(again)
    assert await kept.events() == before
    assert (await kept.way_back()).contact == WANTED
