from datetime import timedelta

import pytest

from schemas.report import SafeContact
from schemas.terms import Answer
from tests.conftest import SettableClock
from tests.integration.ingest.conftest import NEIGHBOUR, Kept, Provider

FIRST = (
    "演示系统，不会有人接警，遇险请拨 110 / 999。"
    "已收到。紧急情况请拨打 999。现在方便发短信吗？回复 1 方便，2 不方便。"
)


async def test_the_first_text_is_a_report_and_its_answer_says_nothing_of_its_subject(
    provider: Provider, kept: Kept
) -> None:
    reply = await provider.text("隔壁的孩子一直在哭，说爸爸打他")

    assert reply == FIRST
    [report] = await kept.rows("ingest.reports")
    assert (report["channel"], report["language"], report["jurisdiction"]) == ("sms", "zh", "GB-ENG")
    assert await kept.narratives() == ["隔壁的孩子一直在哭，说爸爸打他"]
    [(kind, event)] = await kept.events()
    assert kind == "report.received.v1"
    assert event["danger_now"] == "not_asked"


async def test_nothing_is_sent_before_a_yes_and_every_word_is_kept(provider: Provider, kept: Kept) -> None:
    await provider.text("He hits her")
    replies = [await provider.text("are you there"), await provider.text("code"), await provider.text("hello?")]

    assert replies == [None, None, None]
    assert await kept.narratives() == ["He hits her", "are you there", "code", "hello?"]
    assert len(await kept.rows("ingest.reports")) == 1


async def test_after_a_yes_questions_come_one_at_a_time_and_each_answer_is_an_update(
    provider: Provider, kept: Kept
) -> None:
    await provider.text("A child is crying next door")
    asked = [await provider.text(body) for body in ("1", "1", "12 Elm Road", "2", "3", "2", "3", "1", "thanks")]

    assert [str(reply).rpartition("999. ")[2][:16] for reply in asked] == [
        "Is a child in da",
        "Where is the chi",
        "Is the child saf",
        "Can the person y",
        "Is the child alo",
        "Is the child hur",
        "May we text once",
        "Thank you. A per",
        "Received.",
    ]
    updates = sorted(await kept.rows("ingest.updates"), key=lambda row: row["version"])
    assert [row["version"] for row in updates] == list(range(2, 11))
    assert updates[1]["answers"]["danger_now"] == "yes"
    assert (await kept.facts(updates[2])).places.now == "12 Elm Road"
    assert updates[6]["answers"]["injury"] == "none"
    contact = (await kept.facts(updates[7])).contact
    assert (contact.wants_news, contact.is_safe_to_text) == (Answer.YES, Answer.YES)
    assert updates[7]["way_back"] is not None, "the notifier reads it there"
    (kind, last) = (await kept.events())[-1]
    assert (kind, last["danger_now"], last["version"]) == ("report.updated.v1", "yes", 10)


async def test_the_digits_come_only_when_asked_for(provider: Provider) -> None:
    first = await provider.text("A child is crying next door")
    question = await provider.text("yes")
    code = str(await provider.text("Code"))

    assert not any(character in f"{first}{question}" for character in ("code", "CODE"))
    assert len(code[-19:].split()) == 4


@pytest.mark.parametrize("ending", ["x", "STOP", "退订", "🙏", "."])
async def test_a_child_ends_the_dialogue_with_one_character_and_gets_no_answer(
    provider: Provider, kept: Kept, ending: str
) -> None:
    await provider.text("my dad hits me")
    await provider.text("1")
    replies = [await provider.text(ending), await provider.text("1"), await provider.text("code")]

    assert replies == [None, None, None]
    assert ending in await kept.narratives()


async def test_a_text_of_emoji_alone_is_a_report(provider: Provider, kept: Kept) -> None:
    assert await provider.text("😭😭🆘", sender="+861000000001") is not None
    assert await kept.narratives() == ["😭😭🆘"]


async def test_a_first_text_like_stop_is_stored_and_never_answered(provider: Provider, kept: Kept) -> None:
    assert await provider.text("STOP") is None
    assert await kept.narratives() == ["STOP"]


async def test_a_text_after_a_day_is_a_new_linked_report_and_a_new_event_too(
    provider: Provider, kept: Kept, clock: SettableClock
) -> None:
    await provider.text("A child is crying")
    clock.advance(timedelta(hours=25))
    await provider.text("again")
    await provider.text("new: another child")

    reports = sorted(await kept.rows("ingest.reports"), key=lambda row: row["report_id"])
    assert [row["linked_report_id"] for row in reports] == [None, reports[0]["report_id"], reports[1]["report_id"]]


async def test_a_withheld_or_odd_sender_is_always_a_new_report(provider: Provider, kept: Kept) -> None:
    await provider.text("one", sender="SCHOOL")
    await provider.text("two", sender="SCHOOL")

    assert len(await kept.rows("ingest.reports")) == 2


@pytest.mark.parametrize("sender", [NEIGHBOUR, "SCHOOL", "13800138000"])
async def test_the_sender_is_kept_sealed_as_the_provider_names_it(
    provider: Provider, kept: Kept, sender: str
) -> None:
    await provider.text("help", sender=sender)

    [report] = await kept.rows("ingest.reports")
    facts = await kept.facts(report)
    assert (facts.came_from, facts.contact) == (sender, SafeContact())
    assert sender not in str(await kept.rows("ingest.reports")) + str(await kept.events())


async def test_a_yes_to_texting_is_kept_and_a_no_too(provider: Provider, kept: Kept) -> None:
    for body in ("help", "2", "1"):
        await provider.text(body)

    updates = sorted(await kept.rows("ingest.updates"), key=lambda row: row["version"])
    facts = [await kept.facts(row) for row in updates]
    assert [each.contact.is_safe_to_text for each in facts] == [Answer.NO, Answer.YES]
    assert {each.came_from for each in facts} == {NEIGHBOUR}


async def test_a_replayed_text_gets_the_first_answer_and_is_taken_once(provider: Provider, kept: Kept) -> None:
    first = await provider.text("A child is crying", sid="SMsame")
    again = await provider.text("A child is crying", sid="SMsame")

    assert first == again
    assert len(await kept.rows("ingest.contacts")) == 1
    assert len(await kept.events()) == 1


async def test_no_phone_and_no_word_stands_readable_in_the_database(provider: Provider, kept: Kept) -> None:
    await provider.text("The secret word is pomegranate")
    for table in ("reports", "updates", "contacts", "conversations", "requests"):
        written = str(await kept.rows(f"ingest.{table}"))
        assert "pomegranate" not in written
        assert NEIGHBOUR not in written
    assert "pomegranate" not in str(await kept.events())
