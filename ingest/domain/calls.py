"""The dialogue on the phone: a step and the keys pressed in; what was told and what to say next out.

Whoever hangs up anywhere has still reported what was said, and a key that answers nothing is something said.
Silence is no answer: the question stays *not asked*. Last, who may be texted is asked whether they want news of it.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from ingest.domain import news, questions
from schemas.report import Answers, SafeContact
from schemas.terms import Answer

GREETING = "greeting"
LANGUAGE = "language"
DANGER = "danger"
DANGER_AGAIN = "danger-again"
TOLD = "told"
NEWS = questions.NEWS.name
BEFORE_NEWS = questions.BY_KEY[-1].name
STEPS = frozenset({GREETING, LANGUAGE, DANGER, DANGER_AGAIN, TOLD, *(q.name for q in questions.BY_KEY), NEWS})

LANGUAGE_KEYS = {"1": "zh", "2": "en"}
DANGER_KEYS = {**questions.YES_NO, "5": Answer.YES}
"""5 too means yes: the key that silent callers are told to press."""
WITHOUT_CODE = "voice.kept"
"""Said in place of the code when the call only added to a report: who holds the phone may not be who made that."""


@dataclass(frozen=True)
class Turn:
    """What to say (keys of the locale), how to listen, where the answer goes, and what was told.

    `is_contact`: from here on the call is a report, even if nothing was said.
    """

    say: tuple[str, ...]
    listen: Literal["key", "tone", "nothing"]
    goes_to: str = ""
    answers: Answers = field(default_factory=Answers)
    contact: SafeContact = field(default_factory=SafeContact)
    is_contact: bool = False
    gives_code: bool = False

    @property
    def has_answer(self) -> bool:
        """Whether a key gave an answer."""
        return self.answers != Answers()


CODE = Turn(("voice.code",), "nothing", is_contact=True, gives_code=True)
"""The end of every dialogue: the sixteen digits, then the call is over."""


def turn(step: str, key: str, *, has_recording_notice: bool = False, may_be_texted: bool = False) -> Turn:
    """What a key (or none, "") pressed at a step leads to; KeyError for a step that does not exist.

    `may_be_texted`: it is safe, as far as is known, to ask whether the caller wants news by text, and to believe it.
    """
    if step == GREETING:
        return Turn((), "key", LANGUAGE)
    if step == LANGUAGE:
        notice = ("voice.recording_notice",) if has_recording_notice else ()
        return Turn((*notice, "voice.danger"), "key", DANGER)
    if step in (DANGER, DANGER_AGAIN):
        return _danger(step, key)
    if step == TOLD:
        return _ask(questions.BY_KEY[0])
    if step == NEWS:
        return replace(CODE, contact=_news(key, may_be_texted))
    following = questions.NEWS if step == BEFORE_NEWS and may_be_texted else None
    return _safety(questions.named(step, questions.BY_KEY), key, following)


def chosen_language(key: str, usual: str) -> str:
    """The language chosen by key, or the usual one."""
    return LANGUAGE_KEYS.get(key, usual)


def _danger(step: str, key: str) -> Turn:
    answer = DANGER_KEYS.get(key)
    if answer is None and step == DANGER:
        return Turn(("voice.danger",), "key", DANGER_AGAIN, is_contact=key != "")
    if answer is None and not key:
        return Turn(("voice.tell",), "tone", TOLD, is_contact=True)
    # Whoever presses a key twice that is none of those named wants to say something, and cannot say what.
    answer = answer or Answer.DOES_NOT_KNOW
    is_yes = answer is Answer.YES
    say = ("voice.received", "voice.emergency", "voice.tell") if is_yes else ("voice.received", "voice.tell")
    return Turn(say, "tone", TOLD, Answers(danger_now=answer), is_contact=True)


def _safety(question: questions.Question, key: str, last: questions.Question | None) -> Turn:
    answers = question.answered(key) or Answers()
    following = questions.after(question, questions.BY_KEY) or last
    return replace(CODE, answers=answers) if following is None else _ask(following, answers)


def _news(key: str, may_be_texted: bool) -> SafeContact:
    """Only the key that was named is a yes, which says too that texting is safe. Silence says nothing of either."""
    if not key:
        return SafeContact()
    if key == "1" and may_be_texted:
        return news.contact(Answer.YES, Answer.YES)
    return news.contact(Answer.NO, Answer.NOT_ASKED)


def _ask(question: questions.Question, answers: Answers | None = None) -> Turn:
    return Turn((f"voice.{question.name}",), "key", question.name, answers or Answers(), is_contact=True)
