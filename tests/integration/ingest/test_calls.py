from xml.etree.ElementTree import Element

from schemas.report import SafeContact
from tests.integration.ingest.conftest import NEIGHBOUR, Kept, Provider


def said(answer: Element) -> str:
    return " ".join(say.text or "" for say in answer.iter("Say"))


async def call_to_the_tone(provider: Provider, key: str = "1") -> Element:
    await provider.step("/twilio/voice")
    await provider.step("/twilio/voice/language", Digits="2")
    return await provider.step("/twilio/voice/danger", Digits=key)


async def test_a_call_is_greeted_in_both_languages_with_the_emergency_number(provider: Provider, kept: Kept) -> None:
    answer = await provider.step("/twilio/voice")

    assert [say.get("language") for say in answer.iter("Say")] == ["en-GB", "zh-CN"]
    assert all("999" in (say.text or "") for say in answer.iter("Say"))
    assert [gather.get("action") for gather in answer.iter("Gather")] == ["/twilio/voice/language"]
    assert await kept.rows("ingest.reports") == []
    assert len(await kept.rows("ingest.calls")) == 1


async def test_the_recording_notice_comes_before_the_danger_question(provider: Provider) -> None:
    await provider.step("/twilio/voice")
    answer = await provider.step("/twilio/voice/language", Digits="2")

    words = said(answer)
    assert words.index("is recorded") < words.index("in danger now")


async def test_danger_by_key_is_a_report_at_once(provider: Provider, kept: Kept) -> None:
    answer = await call_to_the_tone(provider)

    assert "We have received this." in said(answer)
    assert "999" in said(answer)
    assert answer.find("Record") is not None
    [(kind, event)] = await kept.events()
    assert (kind, event["danger_now"], event["kind"], event["channel"], event["language"]) == (
        "report.received.v1",
        "yes",
        "report",
        "voice",
        "en",
    )


async def test_whoever_hangs_up_after_the_key_has_reported(provider: Provider, kept: Kept) -> None:
    await call_to_the_tone(provider)
    await provider.post("/twilio/voice/status", {"CallSid": "CA1", "CallStatus": "completed"})

    assert len(await kept.rows("ingest.reports")) == 1
    assert await kept.rows("ingest.updates") == []


async def test_whoever_hangs_up_at_once_is_a_contact_that_said_nothing(provider: Provider, kept: Kept) -> None:
    await provider.step("/twilio/voice")
    for _ in range(2):
        await provider.post(
            "/twilio/voice/status", {"CallSid": "CA1", "CallStatus": "completed", "From": "+447700900123"}
        )

    [report] = await kept.rows("ingest.reports")
    assert report["kind"] == "nothing_said"


async def test_the_number_of_a_silent_caller_is_kept_sealed_unless_withheld(provider: Provider, kept: Kept) -> None:
    for sid, sender in (("CA1", NEIGHBOUR), ("CA2", "+266696687")):
        await provider.step("/twilio/voice", sid=sid, sender=sender)
        ended = {"CallSid": sid, "CallStatus": "completed", "From": sender}
        await provider.post("/twilio/voice/status", ended)

    facts = [await kept.facts(row) for row in await kept.rows("ingest.reports")]
    assert [each.came_from for each in facts] == [NEIGHBOUR, None]
    assert facts[0].contact == SafeContact()
    assert NEIGHBOUR not in str(await kept.rows("ingest.calls")) + str(await kept.events())


async def test_silence_is_asked_once_more_then_kept_as_nothing_said_and_may_still_become_a_report(
    provider: Provider, kept: Kept
) -> None:
    await provider.step("/twilio/voice")
    await provider.step("/twilio/voice/language")
    again = await provider.step("/twilio/voice/danger")
    tone = await provider.step("/twilio/voice/danger-again")

    assert again.findtext("Redirect") == "/twilio/voice/danger-again"
    assert "received" not in said(tone)
    [(_, event)] = await kept.events()
    assert (event["kind"], event["danger_now"]) == ("nothing_said", "not_asked")

    await provider.step("/twilio/voice/told", RecordingSid="RE1", RecordingUrl="https://api.example/RE1")
    (kind, event) = (await kept.events())[-1]
    assert (kind, event["kind"], event["version"]) == ("report.updated.v1", "report", 2)


async def test_what_was_told_after_the_tone_is_kept_once_whichever_way_it_comes(
    provider: Provider, kept: Kept
) -> None:
    await call_to_the_tone(provider)
    recording = {"CallSid": "CA1", "RecordingSid": "RE1", "RecordingStatus": "completed"}
    for _ in range(2):
        assert (await provider.post("/twilio/recording", recording)).status_code == 204
    await provider.step("/twilio/voice/told", RecordingSid="RE1", Digits="#")

    [update] = await kept.rows("ingest.updates")
    assert (await kept.facts(update)).recording_sids == ("RE1",)


async def test_safety_questions_by_key_then_the_code_in_groups_twice(provider: Provider, kept: Kept) -> None:
    await call_to_the_tone(provider, key="3")
    question = await provider.step("/twilio/voice/told", RecordingSid="RE1", Digits="#")
    assert "safe at this moment" in said(question)
    await provider.step("/twilio/voice/child_safe_now", Digits="2")
    await provider.step("/twilio/voice/person_of_concern_has_access", Digits="1")
    await provider.step("/twilio/voice/child_alone")
    await provider.step("/twilio/voice/injury", Digits="1")
    last = await provider.step("/twilio/voice/news")

    digits = "".join(character for character in said(last) if character.isdecimal())
    assert len(digits) == 32
    assert digits[:16] == digits[16:]
    assert last.find("Hangup") is not None
    assert last.find("Gather") is None
    answers = [row["answers"] for row in sorted(await kept.rows("ingest.updates"), key=lambda row: row["version"])]
    assert [answer["child_safe_now"] for answer in answers] == ["not_asked", "no", "not_asked", "not_asked"]
    assert answers[-1]["injury"] == "serious"


async def test_a_replayed_step_gets_the_first_answer_and_changes_nothing(provider: Provider, kept: Kept) -> None:
    await call_to_the_tone(provider)
    first = await provider.step("/twilio/voice/told", RecordingSid="RE1")
    again = await provider.step("/twilio/voice/told", RecordingSid="RE1")

    assert said(first) == said(again)
    assert len(await kept.events()) == 2


async def test_a_call_after_a_text_of_the_same_phone_adds_to_its_report(provider: Provider, kept: Kept) -> None:
    await provider.text("A child is crying")
    await call_to_the_tone(provider)

    assert len(await kept.rows("ingest.reports")) == 1
    assert (await kept.events())[-1][1]["danger_now"] == "yes"


async def test_a_step_nobody_knows_is_not_found(provider: Provider) -> None:
    assert (await provider.post("/twilio/voice/nowhere", {"CallSid": "CA1"})).status_code == 404


async def test_a_child_who_presses_any_key_and_hangs_up_has_said_something(provider: Provider, kept: Kept) -> None:
    await provider.step("/twilio/voice")
    await provider.step("/twilio/voice/language", Digits="2")
    await provider.step("/twilio/voice/danger", Digits="7")
    await provider.post("/twilio/voice/status", {"CallSid": "CA1", "CallStatus": "completed"})

    [report] = await kept.rows("ingest.reports")
    assert (report["kind"], (await kept.facts(report)).keys) == ("report", ("7",))


async def test_another_key_the_second_time_is_taken_for_danger_and_kept_as_said(
    provider: Provider, kept: Kept
) -> None:
    await provider.step("/twilio/voice")
    await provider.step("/twilio/voice/danger", Digits="7")
    answer = await provider.step("/twilio/voice/danger-again", Digits="0")

    assert "已收到" in said(answer) or "received" in said(answer)
    [update] = await kept.rows("ingest.updates")
    assert (await kept.facts(update)).keys == ("0",)
    assert (await kept.events())[-1][1]["danger_now"] == "does_not_know"


async def to_the_last(provider: Provider, sid: str = "CA1", sender: str = NEIGHBOUR, language: str = "2") -> Element:
    """A whole call, all questions of danger asked; what comes after them."""
    await provider.step("/twilio/voice", sid=sid, sender=sender)
    await provider.step("/twilio/voice/language", sid=sid, sender=sender, Digits=language)
    await provider.step("/twilio/voice/danger", sid=sid, sender=sender, Digits="1")
    for step in ("told", "child_safe_now", "person_of_concern_has_access", "child_alone"):
        await provider.step(f"/twilio/voice/{step}", sid=sid, sender=sender)
    return await provider.step("/twilio/voice/injury", sid=sid, sender=sender)


def digits_in(answer: Element) -> int:
    return sum(character.isdecimal() for character in said(answer))


async def test_a_later_caller_from_the_same_phone_learns_no_code_and_of_no_earlier_report(
    provider: Provider, kept: Kept
) -> None:
    await to_the_last(provider, "CA1")
    first, second = await provider.step("/twilio/voice/news", sid="CA1"), await to_the_last(provider, "CA2")

    assert digits_in(first) == 32
    assert said(second) == "We have received what you told us, and a person will attend to it. Thank you."
    assert len(await kept.rows("ingest.reports")) == 1
