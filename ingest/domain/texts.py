"""The dialogue by SMS, as a state machine: a state and a text in; a state, answers and at most one reply out.

The phone may be in the wrong hands at any moment: the first reply says nothing of its subject, nothing else is
sent before a yes, and whoever ends the dialogue gets no reply that shows.
"""

import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ingest.domain import questions
from ingest.domain.questions import Question
from schemas.report import Answers, Facts, Places, SafeContact
from schemas.terms import Answer, ContactKind

# Words that providers take as opting out, and their Chinese equals: a possible safety signal, never answered.
STOP_WORDS = frozenset(
    ("stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel", "t", "td")
) | frozenset(("退订", "停", "停止", "别发", "别发了", "不要发", "不要发了", "结束", "取消"))
CODE_WORDS = frozenset(("code", "my code", "编号", "查询码", "报告编号", "code please"))
NEW_WORDS = ("new ", "new:", "新的事", "另一件事")
YES_WORDS = frozenset(["1", "yes", "y", "ok", "okay", "yeah", "是", "好", "好的", "可以", "方便", "行", "能", "嗯"])
NO_WORDS = frozenset(["2", "no", "n", "nope", "不", "否", "不行", "不方便", "不可以", "不能", "没有"])
CLOSING_MARKS = ".!。~"
UNKNOWN_WORDS = frozenset(("3", "don't know", "dont know", "not sure", "不知道", "不清楚", "不确定"))


class Stage(StrEnum):
    """Where a dialogue stands. Unanswered: what came was taken without a way to reply to it."""

    UNANSWERED = "unanswered"
    CONSENT = "consent"
    ASKING = "asking"
    FINISHED = "finished"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True)
class Dialogue:
    """The state: the stage, the question that is open, and whether it was asked twice."""

    stage: Stage
    question: str | None = None
    is_repeated: bool = False


class Reply(StrEnum):
    """A reply other than a question."""

    FIRST = "first"
    CODE = "code"
    THANKS = "thanks"
    MORE = "more"


@dataclass(frozen=True)
class Turn:
    """What a text leads to: the next state, what was told, and the reply (None: silence)."""

    dialogue: Dialogue
    reply: Reply | Question | None = None
    answers: Answers = field(default_factory=Answers)
    facts: Facts = field(default_factory=Facts)
    kind: ContactKind = ContactKind.UPDATE


def first_text(body: str) -> Turn:
    """The first text is a report already, whatever it says; only a word like STOP gets no answer."""
    turn = Turn(Dialogue(Stage.CONSENT), Reply.FIRST, facts=Facts(narrative=body), kind=ContactKind.REPORT)
    return _ended(turn) if _word(body) in STOP_WORDS else turn


def is_new_event(body: str) -> bool:
    """Whether a text says that it tells of something new."""
    return unicodedata.normalize("NFKC", body).strip().lower().startswith(NEW_WORDS)


def later_text(dialogue: Dialogue, body: str) -> Turn:
    """What a later text of the same phone leads to. Every text is kept as written."""
    word = _word(body)
    turn = Turn(dialogue, facts=Facts(narrative=body))
    if dialogue.stage is Stage.ENDED or word in STOP_WORDS:
        return turn if dialogue.stage is Stage.ENDED else _ended(turn)
    if dialogue.stage is Stage.UNANSWERED:
        return replace(turn, dialogue=Dialogue(Stage.CONSENT), reply=Reply.FIRST)
    if dialogue.stage in (Stage.CONSENT, Stage.DECLINED):
        return _consent(turn, word)
    if word in CODE_WORDS:
        return replace(turn, reply=Reply.CODE, kind=ContactKind.CHASING)
    if dialogue.stage is Stage.FINISHED:
        return _ended(turn) if len(word) == 1 else replace(turn, reply=Reply.MORE)
    return _asked(turn, questions.named(dialogue.question or "", questions.BY_TEXT), body)


def _consent(turn: Turn, word: str) -> Turn:
    """Before a yes nothing is sent; a no can be taken back by a yes."""
    if word in YES_WORDS:
        return _ask(_safe_to_text(turn, Answer.YES), questions.BY_TEXT[0])
    if word in NO_WORDS:
        return replace(_safe_to_text(turn, Answer.NO), dialogue=Dialogue(Stage.DECLINED))
    return _ended(turn) if len(word) == 1 else turn


def _asked(turn: Turn, question: Question, body: str) -> Turn:
    """An answer leads on; other words are kept and the question is asked once more, then left open."""
    word = _word(body)
    digit = _digit(word)
    answers = question.answered(digit)
    if answers is not None:
        return _on(replace(turn, answers=answers), question)
    if len(word) == 1:
        return _ended(turn)
    if question is questions.WHERE:
        return _on(replace(turn, facts=Facts(narrative=body, places=Places(now=body))), question)
    if turn.dialogue.is_repeated:
        return _on(turn, question)
    return replace(_ask(turn, question), dialogue=replace(turn.dialogue, is_repeated=True))


def _on(turn: Turn, question: Question) -> Turn:
    following = questions.after(question, questions.BY_TEXT)
    if following is None:
        return replace(turn, dialogue=Dialogue(Stage.FINISHED), reply=Reply.THANKS)
    return _ask(turn, following)


def _ask(turn: Turn, question: Question) -> Turn:
    return replace(turn, dialogue=Dialogue(Stage.ASKING, question.name), reply=question)


def _ended(turn: Turn) -> Turn:
    """Whoever ends the dialogue is not to be texted."""
    return replace(_safe_to_text(turn, Answer.NO), dialogue=Dialogue(Stage.ENDED), reply=None)


def _safe_to_text(turn: Turn, answer: Answer) -> Turn:
    """What was said of texting holds for the phone the text came from."""
    return replace(turn, facts=turn.facts.model_copy(update={"contact": SafeContact(is_safe_to_text=answer)}))


def _digit(word: str) -> str:
    """The digit that a word stands for: people answer *yes* where they were asked for a 1."""
    for digit, words in (("1", YES_WORDS), ("2", NO_WORDS), ("3", UNKNOWN_WORDS)):
        if word in words:
            return digit
    return word


def _word(body: str) -> str:
    """The text as one word to compare: width, case and closing marks aside."""
    text = unicodedata.normalize("NFKC", body).strip().lower()
    return text.rstrip(CLOSING_MARKS) or text
