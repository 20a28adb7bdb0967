from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain import questions, readings, texts
from ingest.domain.questions import BY_TEXT, CHILD_SAFE_NOW, DANGER_NOW, HURT, Question
from ingest.domain.texts import Dialogue, Reply, Stage, Turn
from schemas.report import Answers
from schemas.terms import Answer, ContactKind, Injury

BODIES = st.one_of(
    st.sampled_from(
        ["1", "2", "3", "4", "１", " yes ", "是", "不清楚", "code", "编号", "STOP", "退订", "x", "🙏", ""]
    ),
    st.text(max_size=40),
)


def after(*bodies: str) -> list[Turn]:
    """The turns of a dialogue."""
    turns = [texts.first_text(bodies[0])]
    for body in bodies[1:]:
        turns.append(texts.later_text(turns[-1].dialogue, body))
    return turns


@given(st.lists(BODIES, min_size=1, max_size=12))
def test_every_text_is_kept_as_written(bodies: list[str]) -> None:
    assert [turn.facts.narrative for turn in after(*bodies)] == bodies


@given(st.lists(BODIES, min_size=1, max_size=12))
def test_before_a_yes_only_the_first_text_is_answered(bodies: list[str]) -> None:
    turns = after(*bodies)
    yes = next((i for i, body in enumerate(bodies) if i and readings.consent(body) is Answer.YES), len(bodies))
    assert all(turn.reply is None for turn in turns[1:yes])
    assert turns[0].reply in (Reply.FIRST, None)


@given(BODIES, BODIES)
def test_the_first_answer_is_the_same_for_everybody(one: str, other: str) -> None:
    replies = {texts.first_text(body).reply for body in (one, other) if not readings.is_stop(body)}
    assert len(replies) <= 1


@given(
    st.lists(BODIES, max_size=8),
    st.sampled_from(["STOP", "stop.", "退订", "Unsubscribe"]),
    st.lists(BODIES, max_size=8),
)
def test_after_a_word_like_stop_nothing_is_ever_answered(before: list[str], stop: str, later: list[str]) -> None:
    turns = after("first", *before, stop, *later)
    assert all(turn.reply is None for turn in turns[1 + len(before) :])


@given(st.lists(BODIES, min_size=1, max_size=12))
def test_the_code_is_sent_only_to_who_asks_for_it(bodies: list[str]) -> None:
    for body, turn in zip(bodies, after(*bodies), strict=True):
        assert turn.reply is not Reply.CODE or readings.plain(body) in texts.CODE_WORDS


@given(st.lists(BODIES, min_size=1, max_size=30))
def test_no_question_is_asked_more_than_twice(bodies: list[str]) -> None:
    asked = [turn.reply.name for turn in after(*bodies) if isinstance(turn.reply, Question)]
    assert all(asked.count(question.name) <= 2 for question in BY_TEXT)


def test_one_question_at_a_time_each_with_its_answer() -> None:
    turns = after("a child", "1", "１", "by the river", "2", "不清楚", "3", "1", "2")

    assert [turn.reply for turn in turns[1:]] == [*BY_TEXT, Reply.THANKS]
    assert turns[2].answers == Answers(danger_now=Answer.YES)
    assert turns[3].facts.places.now == "by the river"
    assert turns[-1].dialogue == Dialogue(Stage.FINISHED)


def test_a_no_is_respected_until_a_yes() -> None:
    turns = after("a child", "2", "hello", "1")
    assert [turn.reply for turn in turns[1:]] == [None, None, BY_TEXT[0]]


def test_other_words_are_kept_and_the_question_is_asked_once_more() -> None:
    turns = after("a child", "1", "he is drunk", "and shouting")
    assert [turn.reply for turn in turns[1:]] == [BY_TEXT[0], BY_TEXT[0], BY_TEXT[1]]


def test_asking_for_the_code_is_chasing_and_leaves_the_question_open() -> None:
    asked, answered = after("a child", "1", "Code", "1")[2:]
    assert (asked.reply, asked.kind) == (Reply.CODE, ContactKind.CHASING)
    assert answered.answers.danger_now is Answer.YES


def test_a_text_taken_without_a_way_to_answer_is_answered_at_the_next() -> None:
    turn = texts.later_text(Dialogue(Stage.UNANSWERED), "are you there")
    assert (turn.reply, turn.dialogue) == (Reply.FIRST, Dialogue(Stage.CONSENT))


@pytest.mark.parametrize(
    "body",
    ["1", "１", "1 yes", "1 方便", "1.", "Yes please", "Yes, you can text me", "OK", "ok he is gone now", "可以的",
     "好的", "可以。", "好呀", "没问题", "no problem", "👍", "👍🏽", "👌", "对", "sure", "y"],
)  # fmt: skip
def test_a_yes_to_texting_is_read_as_people_write_it(body: str) -> None:
    asked = after("a child", body)[-1]
    assert asked.reply is DANGER_NOW
    assert asked.facts.contact.is_safe_to_text is Answer.YES


@pytest.mark.parametrize(
    "body", ["2", "2 no", "2 不方便", "No", "no thanks", "不方便", "现在不方便", "不", "没", "👎"]
)
def test_a_no_to_texting_is_read_too(body: str) -> None:
    refused = after("a child", body)[-1]
    assert refused.reply is None
    assert refused.dialogue.stage in (Stage.DECLINED, Stage.CONSENT)


@pytest.mark.parametrize(
    "body",
    ["1 child is crying", "yes but not now", "ok? who is this", "可以吗", "好怕", "有人在吗", "能来吗", "3", "家",
     "?", "are you there", "No one is home", "对不起", "1 2"],
)  # fmt: skip
def test_what_is_no_clear_yes_leaves_the_phone_in_peace_and_the_dialogue_open(body: str) -> None:
    waiting, agreed = after("a child", body, "1")[1:]
    assert (waiting.reply, waiting.facts.contact.is_safe_to_text) == (None, Answer.NOT_ASKED)
    assert agreed.reply is DANGER_NOW


@pytest.mark.parametrize(
    ("question", "body", "answer"),
    [
        (DANGER_NOW, "对", Answer.YES),
        (DANGER_NOW, "有", Answer.YES),
        (DANGER_NOW, "有的", Answer.YES),
        (DANGER_NOW, "1 yes", Answer.YES),
        (DANGER_NOW, "Yes he has a knife", Answer.YES),
        (DANGER_NOW, "1 he has a knife", Answer.YES),
        (DANGER_NOW, "没", Answer.NO),
        (DANGER_NOW, "没有", Answer.NO),
        (DANGER_NOW, "2 no", Answer.NO),
        (DANGER_NOW, "no thank you", Answer.NO),
        (DANGER_NOW, "3 not sure", Answer.DOES_NOT_KNOW),
        (DANGER_NOW, "I don’t know", Answer.DOES_NOT_KNOW),
        (CHILD_SAFE_NOW, "yes she is", Answer.YES),
        (CHILD_SAFE_NOW, "no he came back", Answer.NO),
        (HURT, "2 a little", Injury.MINOR),
        (HURT, "badly", Injury.SERIOUS),
        (HURT, "没有", Injury.NONE),
        (HURT, "不清楚", Injury.UNKNOWN),
        (HURT, "not sure", Injury.UNKNOWN),
    ],
)
def test_an_answer_is_read_as_people_write_it(question: Question, body: str, answer: Answer | Injury) -> None:
    assert readings.answers(question, body) == Answers.model_validate({question.name: answer})


@pytest.mark.parametrize(
    ("question", "body"),
    [
        (DANGER_NOW, "no she is bleeding"),
        (DANGER_NOW, "2 children are screaming"),
        (DANGER_NOW, "2 yes"),
        (DANGER_NOW, "没有大人"),
        (DANGER_NOW, "不行了快来"),
        (DANGER_NOW, "👍"),
        (DANGER_NOW, "7"),
        (CHILD_SAFE_NOW, "yes but he is coming back"),
        (CHILD_SAFE_NOW, "1 hour ago"),
        (HURT, "no but she cannot walk"),
    ],
)
def test_a_mild_answer_with_more_words_is_asked_again(question: Question, body: str) -> None:
    assert readings.answers(question, body) is None


@pytest.mark.parametrize("body", ["对", "有", "没", "家", "7", "👍", "?", "快", "", "2 children are screaming"])
def test_after_a_yes_nothing_but_an_ending_is_met_with_silence(body: str) -> None:
    for answered in range(len(BY_TEXT) + 1):
        turns = after("a child", "1", *["1" if n != 1 else "by the river" for n in range(answered)], body, body)
        assert None not in [turn.reply for turn in turns]


def test_one_chinese_character_is_a_place_and_one_digit_is_none() -> None:
    assert after("a child", "1", "1", "家")[-1].facts.places.now == "家"
    again = after("a child", "1", "1", "5")[-1]
    assert (again.reply, again.facts.places.now) == (questions.WHERE, None)


@pytest.mark.parametrize("body", ["别发了", "不要再发了", "stop texting me", "Don't text me"])
def test_whoever_asks_for_no_more_texts_gets_none(body: str) -> None:
    ended = after("a child", "1", body)[-1]
    assert (ended.reply, ended.dialogue.stage) == (None, Stage.ENDED)
    assert ended.facts.contact.is_safe_to_text is Answer.NO


def asked_for_news(*said: str) -> list[Turn]:
    return after("a child", "1", "1", "by the river", "2", "2", "2", "3", *said)


@pytest.mark.parametrize("said", ["1", "yes", "可以", "👍"])
def test_a_clear_yes_asks_for_news_by_day_on_a_phone_that_is_safe(said: str) -> None:
    asked, answered = asked_for_news(said)[-2:]
    assert asked.reply is questions.NEWS
    contact = answered.facts.contact
    assert (contact.is_safe_to_text, contact.wants_news) == (Answer.YES, Answer.YES)
    assert (contact.news_from, contact.news_until) == (time(8), time(20))
    assert (answered.reply, answered.dialogue.stage) == (Reply.THANKS, Stage.FINISHED)


@pytest.mark.parametrize("said", ["2", "no", "不用", "maybe", "1 hour ago"])
def test_anything_else_asks_for_none(said: str) -> None:
    turns = asked_for_news(said, said)
    assert all(turn.facts.contact.wants_news is not Answer.YES for turn in turns)
    assert turns[-1].dialogue.stage is Stage.FINISHED


@pytest.mark.parametrize("stop", ["STOP", "退订", "x"])
def test_a_stop_after_a_yes_takes_it_back(stop: str) -> None:
    ended = asked_for_news("1", stop)[-1]
    assert (ended.reply, ended.dialogue.stage) == (None, Stage.ENDED)
    contact = ended.facts.contact
    assert (contact.is_safe_to_text, contact.wants_news) == (Answer.NO, Answer.NOT_ASKED)


def test_nobody_is_asked_before_a_yes_to_texting() -> None:
    turns = after("a child", "news", "tell me", "2", "hello")
    assert questions.NEWS not in [turn.reply for turn in turns]
