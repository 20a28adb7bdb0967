"""The dialogue by SMS, as a state machine: a state and a text in; a state, answers and at most one reply out.

The phone may be in the wrong hands at any moment: the first reply says nothing of its subject, nothing else is
sent before a yes, and whoever ends the dialogue gets no reply that shows.
"""

import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ingest.domain import news, questions, readings
from ingest.domain.questions import Question
from schemas.report import Answers, Facts, Places, SafeContact
from schemas.terms import Answer, ContactKind

CODE_WORDS = frozenset(("code", "my code", "编号", "查询码", "报告编号", "code please"))
NEW_WORDS = ("new ", "new:", "新的事", "另一件事")


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
    return _ended(turn) if readings.is_stop(body) else turn


def is_new_event(body: str) -> bool:
    """Whether a text says that it tells of something new."""
    return unicodedata.normalize("NFKC", body).strip().lower().startswith(NEW_WORDS)


def later_text(dialogue: Dialogue, body: str) -> Turn:
    """What a later text of the same phone leads to. Every text is kept as written."""
    turn = Turn(dialogue, facts=Facts(narrative=body))
    if dialogue.stage is Stage.ENDED:
        return turn
    if dialogue.stage is Stage.UNANSWERED and not readings.is_stop(body):
        return replace(turn, dialogue=Dialogue(Stage.CONSENT), reply=Reply.FIRST)
    if readings.is_stop(body) or readings.is_ending(body):
        return _ended(turn)
    if dialogue.stage in (Stage.CONSENT, Stage.DECLINED):
        return _consent(turn, body)
    return _agreed(turn, body)


def _consent(turn: Turn, body: str) -> Turn:
    """Before a yes nothing is sent; a no can be taken back by a yes. Other words are kept, and wait for one."""
    answer = readings.consent(body)
    if answer is Answer.YES:
        return _ask(_safe_to_text(turn, answer), questions.BY_TEXT[0])
    if answer is Answer.NO:
        return replace(_safe_to_text(turn, answer), dialogue=Dialogue(Stage.DECLINED))
    return turn


def _agreed(turn: Turn, body: str) -> Turn:
    """After a yes every text is answered, but the one that ends the dialogue."""
    if readings.plain(body) in CODE_WORDS:
        return replace(turn, reply=Reply.CODE, kind=ContactKind.CHASING)
    if turn.dialogue.stage is Stage.FINISHED:
        return replace(turn, reply=Reply.MORE)
    return _asked(turn, questions.named(turn.dialogue.question or "", questions.BY_TEXT), body)


def _asked(turn: Turn, question: Question, body: str) -> Turn:
    """An answer leads on; other words are kept and the question is asked once more, then left open."""
    if question is questions.WHERE and _is_place(body):
        return _on(replace(turn, facts=Facts(narrative=body, places=Places(now=body))), question)
    if question is questions.NEWS:
        return _news(turn, body)
    answers = None if question is questions.WHERE else readings.answers(question, body)
    if answers is not None:
        return _on(replace(turn, answers=answers), question)
    if turn.dialogue.is_repeated:
        return _on(turn, question)
    return replace(_ask(turn, question), dialogue=replace(turn.dialogue, is_repeated=True))


def _news(turn: Turn, body: str) -> Turn:
    """Only a clear yes asks for news, by day, on this phone. Other words are asked once more, then are no yes."""
    wants = readings.consent(body)
    if wants is Answer.NOT_ASKED and not turn.dialogue.is_repeated:
        return replace(_ask(turn, questions.NEWS), dialogue=replace(turn.dialogue, is_repeated=True))
    told = turn if wants is Answer.NOT_ASKED else replace(turn, facts=_with(turn, news.contact(wants, Answer.YES)))
    return _on(told, questions.NEWS)


def _is_place(body: str) -> bool:
    """Whether words can name a place; one digit or mark cannot, one Chinese character can."""
    return any(character.isalpha() for character in body) or len(readings.plain(body)) > 1


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
    return replace(turn, facts=_with(turn, SafeContact(is_safe_to_text=answer)))


def _with(turn: Turn, contact: SafeContact) -> Facts:
    return turn.facts.model_copy(update={"contact": contact})
