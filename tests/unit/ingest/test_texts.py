from hypothesis import given
from hypothesis import strategies as st

from ingest.domain import texts
from ingest.domain.questions import BY_TEXT, Question
from ingest.domain.texts import Dialogue, Reply, Stage, Turn
from schemas.report import Answers
from schemas.terms import Answer, ContactKind

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
    yes = next((i for i, body in enumerate(bodies) if i and texts._word(body) in texts.YES_WORDS), len(bodies))
    assert all(turn.reply is None for turn in turns[1:yes])
    assert turns[0].reply in (Reply.FIRST, None)


@given(BODIES, BODIES)
def test_the_first_answer_is_the_same_for_everybody(one: str, other: str) -> None:
    replies = {texts.first_text(body).reply for body in (one, other) if texts._word(body) not in texts.STOP_WORDS}
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
        assert turn.reply is not Reply.CODE or texts._word(body) in texts.CODE_WORDS


@given(st.lists(BODIES, min_size=1, max_size=30))
def test_no_question_is_asked_more_than_twice(bodies: list[str]) -> None:
    asked = [turn.reply.name for turn in after(*bodies) if isinstance(turn.reply, Question)]
    assert all(asked.count(question.name) <= 2 for question in BY_TEXT)


def test_one_question_at_a_time_each_with_its_answer() -> None:
    turns = after("a child", "1", "１", "by the river", "2", "不清楚", "3", "1")

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
