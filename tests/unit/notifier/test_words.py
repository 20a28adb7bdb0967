"""Replies, effects, texts and states: what people write, what it does, what they read."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.locales import Locales
from notifier.domain.answers import Effect, Standing, effect_of
from notifier.domain.progress import asks_for_a_step, state_of
from notifier.domain.replies import Act, Reply, bases, free_base, read_reply, says_more, takes_texts
from notifier.domain.texts import Reader, Wording, alert_text, phone_index, segments
from notifier.domain.watching import Team, desk_for
from schemas.terms import AlertChannel, EscalationStatus, Purpose, Urgency

LOCALES = Locales.load(Path("notifier/locales"))
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
LI, WANG = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("body", "is_more"),
    [
        ("他有刀 我在门口", True),
        ("Help", True),
        ("👍", True),
        ("13800138000", True),
        ("41 51", True),
        ("好的", True),
        ("41 他有刀", True),
        ("41 on my way, he is coming at me", True),
        ("41, I'm on my way now. Thanks", False),
        ("41 马上到，谢谢", False),
        ("on my way", True),
        ("0 who is at the door?", True),
        ("41", False),
        ("好的，41。", False),
        ("KD472 回41", False),
        ("1", False),
        ("0", False),
        ("STOP", False),
    ],
)
def test_what_no_rule_takes_is_more_than_an_answer(body: str, is_more: bool) -> None:
    assert says_more(body, read_reply(body, {"4", "5"}).act) is is_more


def test_a_cry_for_help_that_was_taken_for_one_says_no_more_than_that() -> None:
    assert not says_more("Help!", Act.NEED_HELP)
    assert says_more("46 he has a knife", Act.NEED_HELP)


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ("41", Reply(Act.TAKE, "4")),
        (" ４１ ", Reply(Act.TAKE, "4")),
        ("好的，41，马上去", Reply(Act.TAKE, "4")),
        ("ok 42 sorry", Reply(Act.DECLINE, "4")),
        ("4 1", Reply(Act.TAKE, "4")),
        ("41 at 10:30", Reply(Act.TAKE, "4")),
        ("43", Reply(Act.BEGUN, "4")),
        ("44", Reply(Act.HAND_BACK, "4")),
        ("45", Reply(Act.THERE, "4")),
        ("46", Reply(Act.NEED_HELP, "4")),
        ("47", Reply(Act.NOT_REACHED, "4")),
        ("48", Reply(Act.LEFT, "4")),
        ("6", Reply(Act.BARE)),
        ("412", Reply(Act.DECLINE, "41")),
        ("1", Reply(Act.BARE)),
        ("0", Reply(Act.WHO)),
        ("41 or 42?", Reply(Act.UNCLEAR)),
        ("41 51", Reply(Act.UNCLEAR)),
        ("61", Reply(Act.UNCLEAR)),
        ("我去", Reply(Act.UNCLEAR)),
        ("👍", Reply(Act.UNCLEAR)),
        ("", Reply(Act.UNCLEAR)),
        ("...", Reply(Act.UNCLEAR)),
        ("KD472: 41", Reply(Act.TAKE, "4")),
        ("回41我来接手", Reply(Act.TAKE, "4")),
        ("41，30分钟到", Reply(Act.TAKE, "4")),
        ("41. On my way, 20 min", Reply(Act.TAKE, "4")),
    ],
)
def test_a_reply_is_read(body: str, meant: Reply) -> None:
    assert read_reply(body, {"4", "5", "41"}) == meant


@pytest.mark.parametrize(
    "body",
    [
        "Can't before 21:00, sorry",
        "be there in 21 minutes",
        "21 minutes away",
        "21min",
        "22:30 at the earliest",
        "22：30以后",
        "not before 21",
        "I am 22 km away",
        "21.5 km",
        "on the 21st",
        "21/12",
        "21-22",
        "Not 21!",
        "In room 21 of the school",
        "现在走不开，21点以后才行",
        "21点以后才行",
        "22:30才能到",
        "晚上10点22到",
        "大概21分钟",
        "21 分钟后到",
        "我在21楼",
        "离这里22公里",
        "21号才有空",
        "22 以后",
    ],
)
def test_a_time_or_a_measure_is_asked_back(body: str) -> None:
    assert read_reply(body, {"2"}) == Reply(Act.UNCLEAR)


@given(st.text(), st.sets(st.sampled_from(list(bases())[:20])))
def test_whatever_is_written_only_a_held_pair_takes(body: str, held: set[str]) -> None:
    reply = read_reply(body, held)
    assert reply.base is None or reply.base in held


def test_pairs_grow_to_three_digits_and_never_make_an_emergency_number() -> None:
    one = {str(n) for n in range(3, 10)}
    assert free_base(set()) == "3"
    assert free_base(one) == "20"
    assert free_base(set(bases())) is None
    pairs = {f"{base}{digit}" for base in bases() for digit in "12345678"}
    assert not pairs & {"911", "999", "112", "110", "119", "120"}
    assert not pairs & {str(hour) for hour in range(25)}


def test_the_words_that_a_provider_acts_on_are_known() -> None:
    assert [takes_texts(body) for body in (" Stop ", "UNSUBSCRIBE", "start", "stop calling me", "31")] == [
        False,
        False,
        True,
        None,
        None,
    ]


ACTIVE = Standing(EscalationStatus.CALLING)
MINE = Standing(EscalationStatus.ACKNOWLEDGED, LI)


@pytest.mark.parametrize(
    ("act", "standing", "effect"),
    [
        (Act.TAKE, ACTIVE, Effect.TAKEN),
        (Act.TAKE, Standing(EscalationStatus.EXHAUSTED), Effect.TAKEN),
        (Act.DECLINE, ACTIVE, Effect.DECLINED),
        (Act.BEGUN, ACTIVE, Effect.NOT_TAKEN),
        (Act.HAND_BACK, ACTIVE, Effect.NOT_TAKEN),
        (Act.TAKE, MINE, Effect.ALREADY_YOURS),
        (Act.DECLINE, MINE, Effect.HANDED_BACK),
        (Act.HAND_BACK, MINE, Effect.HANDED_BACK),
        (Act.BEGUN, MINE, Effect.BEGUN),
        (Act.BEGUN, Standing(EscalationStatus.ACKNOWLEDGED, LI, is_begun=True), Effect.ALREADY_BEGUN),
        (Act.TAKE, Standing(EscalationStatus.ACKNOWLEDGED, WANG), Effect.TAKEN_BY_OTHER),
        (Act.TAKE, Standing(EscalationStatus.SUPERSEDED, LI), Effect.SUPERSEDED),
        (Act.TAKE, Standing(EscalationStatus.ENDED), Effect.ENDED),
    ],
)
def test_what_an_answer_does(act: Act, standing: Standing, effect: Effect) -> None:
    assert effect_of(act, LI, standing) is effect


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("urgency", list(Urgency))
@pytest.mark.parametrize("base", ["4", "234", None])
def test_an_alert_fits_one_segment(language: str, purpose: Purpose, urgency: Urgency, base: str | None) -> None:
    deadline = datetime(2026, 12, 24, 4, 0, tzinfo=UTC)
    reader = Reader(LOCALES[language], ZoneInfo("Asia/Shanghai"), shows_offset=True)
    text = alert_text(Wording(purpose, urgency, "KD472", deadline, base), reader, NOON)
    assert segments(text) == 1
    assert "KD472" in text


def test_an_alert_says_urgency_alias_deadline_and_pair() -> None:
    wording = Wording(Purpose.RESPOND, Urgency.IMMEDIATE, "KD472", NOON, "4")
    zone = ZoneInfo("Asia/Shanghai")
    assert alert_text(wording, Reader(LOCALES["en"], zone), NOON) == "NOW KD472 by 12:00. 41 I take it, 42 I cannot."
    assert (
        alert_text(wording, Reader(LOCALES["zh"], zone), NOON) == "特急 KD472，12:00前。回41我来接手，回42我无法接手"
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("急" * 70, 1),
        ("急" * 71, 2),
        ("👍" * 35, 1),
        ("👍" * 36, 2),
    ],
)
def test_segments_are_counted_as_the_networks_do(text: str, count: int) -> None:
    assert segments(text) == count


def test_each_phone_is_tried_twice_and_a_failed_one_is_left() -> None:
    assert [phone_index(attempt, 0, 2) for attempt in (1, 2, 3, 4, 5)] == [0, 0, 1, 1, 0]
    assert phone_index(2, 1, 2) == 1
    assert phone_index(7, 3, 1) == 0


def test_a_call_that_ends_without_a_key_is_unanswered() -> None:
    assert state_of(AlertChannel.VOICE, "completed") == "unanswered"
    assert state_of(AlertChannel.SMS, "read") == "delivered"
    assert state_of(AlertChannel.SMS, "a new word") is None


def test_the_ladder_looks_at_once_at_what_did_not_arrive() -> None:
    assert asks_for_a_step("undelivered")
    assert asks_for_a_step("unanswered")
    assert not asks_for_a_step("ringing")


def test_the_desk_of_the_jurisdiction_is_called_first() -> None:
    here, there, last = (UUID(int=n) for n in (11, 12, 13))
    teams = [Team(last, False, True, "CN"), Team(there, True, False, "GB"), Team(here, True, False, "CN")]
    assert desk_for("CN", teams) == here
    assert desk_for("US", teams) in (here, there)
    assert desk_for("CN", teams[:1]) == last
    assert desk_for("CN", []) is None
