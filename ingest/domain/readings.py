"""What the words of a text mean as an answer: its first digit or word decides, and more words may stand beside it.

Two cautions. To be asked anything, a phone must say yes without a but. And the milder answer to a question counts
only where nothing else is said with it: *no* is one; *no, she bleeds* is none, and the question is asked again.
"""

import re
import unicodedata
from collections.abc import Mapping

from ingest.domain import questions
from ingest.domain.questions import Question
from schemas.report import Answers
from schemas.terms import Answer, Injury

# Words that providers take as opting out, and their Chinese equals: a possible safety signal, never answered.
STOP_WORDS = frozenset(
    ("stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel", "t", "td")
) | frozenset(("退订", "停", "停止", "结束", "取消"))
STOP_BEGINNINGS = (
    *("stop text", "stop messag", "don't text", "dont text", "do not text"),
    *("别发", "别再发", "别给我发", "不要发", "不要再发"),
)
YES_WORDS = frozenset(("yes", "y", "ok", "okay", "yeah", "yep", "yup")) | frozenset(
    ("是", "好", "可以", "方便", "行", "能", "嗯", "对", "有", "会")
)
NO_WORDS = frozenset(("no", "n", "nope", "nah")) | frozenset(
    ("不", "否", "不行", "不方便", "不可以", "不能", "不是", "不会", "不对", "不用", "没有", "没", "无")
)
UNKNOWN_WORDS = frozenset(
    ("don't know", "dont know", "i don't know", "i dont know", "idk", "not sure", "i'm not sure", "no idea")
) | frozenset(("不知道", "不清楚", "不确定"))
# A gesture says that texting is all right or not; beside a question of danger it may mean anything.
GESTURES = {"👍": Answer.YES, "👌": Answer.YES, "🆗": Answer.YES, "✅": Answer.YES, "👎": Answer.NO, "❌": Answer.NO}
CONSENTING = {"sure": Answer.YES, "fine": Answer.YES, "no problem": Answer.YES, "没问题": Answer.YES} | GESTURES
HURT = {"badly": Injury.SERIOUS, "重伤": Injury.SERIOUS, "a little": Injury.MINOR, "轻伤": Injury.MINOR}
# Beside an answer these say nothing more.
FILLERS = frozenset(("please", "pls", "thanks", "thank", "you", "it", "is", "she", "he", "they", "text", "me"))
CHINESE_FILLERS = "的了呀啊哦呢吧哈请谢您你现在发短信"
# Beside a yes to texting these take it back.
BUTS = frozenset(("no", "not", "but", "never", "don't", "dont", "can't", "cant", "later", "2", "?"))
CHINESE_BUTS = re.compile("[不别但没吗等]")

CONSENT = Question("consent", {"1": Answer.YES, "2": Answer.NO})
CLOSING_MARKS = ".!。~"
_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKENS = re.compile(rf"[a-z']+|[0-9]+|[{_CHINESE}]+|[^\s\w.,!。，、:：;()/~-]")
# Variation selectors, and the skin tones of gestures.
_DRESS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


def plain(body: str) -> str:
    """The text as one word to compare: width, case, apostrophes, skin tones and closing marks aside."""
    text = _DRESS.sub("", unicodedata.normalize("NFKC", body)).strip().lower().replace("’", "'")
    return text.rstrip(CLOSING_MARKS) or text


def is_stop(body: str) -> bool:
    """Whether no more texts are wanted."""
    word = plain(body)
    return word in STOP_WORDS or word.startswith(STOP_BEGINNINGS)


def is_ending(body: str) -> bool:
    """Whether one character was sent that answers nothing: with it a child ends the dialogue.

    A digit, a Chinese word, a *y* and a question mark are no such character.
    """
    word = plain(body)
    is_answer = word.isdecimal() or word in YES_WORDS | NO_WORDS | GESTURES.keys() | {"?"}
    return len(word) == 1 and not is_answer and not re.match(f"[{_CHINESE}]", word)


def consent(body: str) -> Answer:
    """Whether a phone may be texted now, as far as a text says so; *not asked* where it does not."""
    found = _lead(CONSENT, plain(body))
    if found is None:
        return Answer.NOT_ASKED
    answer, rest = found
    is_clear = not _adds(CONSENT, answer, rest)
    is_word = not plain(body)[0].isdecimal()
    if answer is Answer.YES and (is_clear or (is_word and not _takes_back(rest))):
        return Answer.YES
    return Answer.NO if answer is Answer.NO and is_clear else Answer.NOT_ASKED


def answers(question: Question, body: str) -> Answers | None:
    """The answer a text gives to a question; None where it must be asked again rather than judged low."""
    word = plain(body)
    found = None if word in GESTURES else _lead(question, word)
    if found is None:
        return None
    answer, rest = found
    if answer in question.milder and _adds(question, answer, rest):
        return None
    return Answers.model_validate({question.name: answer})


def _lead(question: Question, text: str) -> tuple[Answer | Injury, str] | None:
    """The answer that a text begins with, and what follows it."""
    digit = re.match(r"([0-9])(?![0-9])", text)
    if digit is not None:
        chosen = question.choices.get(digit[1])
        return None if chosen is None else (chosen, text[1:])
    known = _vocabulary(question)
    for word in sorted(known, key=len, reverse=True):
        if text.startswith(word) and _is_whole(word, text[len(word) :]):
            return known[word], text[len(word) :]
    return None


def _vocabulary(question: Question) -> Mapping[str, Answer | Injury]:
    is_hurt = question is questions.HURT
    meanings: tuple[tuple[frozenset[str], Answer | Injury], ...] = (
        (YES_WORDS, Injury.SERIOUS if is_hurt else Answer.YES),
        (NO_WORDS, Injury.NONE if is_hurt else Answer.NO),
        (UNKNOWN_WORDS, Injury.UNKNOWN if is_hurt else Answer.DOES_NOT_KNOW),
    )
    known: dict[str, Answer | Injury] = {word: meaning for words, meaning in meanings for word in words}
    return known | (HURT if is_hurt else CONSENTING if question is CONSENT else {})


def _is_whole(word: str, rest: str) -> bool:
    """Whether a word ends where it was found: Chinese runs on, so beside it only what says nothing may stand."""
    if re.match(f"[{_CHINESE}]", word):
        run = re.match(f"[{_CHINESE}]*", rest)
        return run is None or not run[0].strip(CHINESE_FILLERS)
    return not re.match(r"[a-z0-9']", rest)


def _adds(question: Question, answer: Answer | Injury, rest: str) -> bool:
    """Whether what stands beside an answer says more than the same again."""
    words = [word for word in _TOKENS.findall(rest) if word not in FILLERS and word.strip(CHINESE_FILLERS)]
    if not words:
        return False
    again = _lead(question, " ".join(words))
    return again is None or again[0] is not answer or _adds(question, answer, again[1])


def _takes_back(rest: str) -> bool:
    return any(word in BUTS or CHINESE_BUTS.search(word) for word in _TOKENS.findall(rest))
