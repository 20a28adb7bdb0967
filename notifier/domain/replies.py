"""What a responder's text means, and which reply pair belongs to which escalation.

A pair shares its first digits: 41 takes, 42 cannot, 43 has begun, 44 hands back; 45 is there and safe, 46 needs help,
47 cannot reach the child, 48 has left. The last digits are the keys of a call back too. A bare 1 is asked back, never
guessed, since a person may be called for two cases at once. So is a number that does not stand first, and one that
tells a time or counts something: what is read as *I take it* by mistake ends the calling, asking back costs a moment.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache

RESTS_FOR = timedelta(days=7)
"""How long a pair is not used again for the same person."""


class Act(StrEnum):
    """What a responder wants."""

    TAKE = "take"
    DECLINE = "decline"
    BEGUN = "begun"
    HAND_BACK = "hand_back"
    THERE = "there"
    NEED_HELP = "need_help"
    NOT_REACHED = "not_reached"
    LEFT = "left"
    WHO = "who"
    PIN = "pin"
    BARE = "bare"
    UNCLEAR = "unclear"


LAST_DIGITS = {
    "1": Act.TAKE,
    "2": Act.DECLINE,
    "3": Act.BEGUN,
    "4": Act.HAND_BACK,
    "5": Act.THERE,
    "6": Act.NEED_HELP,
    "7": Act.NOT_REACHED,
    "8": Act.LEFT,
}
# 911 and the like must never be what we ask somebody to type.
EMERGENCY_NUMBERS = frozenset({"911", "999", "112", "110", "119", "120"})

# May stand before a pair: assent, and what our own texts say before one.
ASSENT = frozenset(
    ["ok", "okay", "yes", "reply", "好", "好的", "是", "是的", "嗯", "行", "可以", "收到", "明白", "回", "回复"]
)
# What most people write beside a number; it says no more than that.
ON_THE_WAY = frozenset(
    ["i", "am", "m", "im", "on", "my", "the", "way", "coming", "now", "thanks", "thank", "you"]
) | frozenset(["马上", "马上到", "马上去", "这就去", "我马上到", "我马上去", "在路上", "在路上了", "已出发", "谢谢"])
CASE_ALIAS = re.compile(r"\b[a-z]{2}\d{3}(?!\w)", re.IGNORECASE | re.ASCII)
UNITS = (
    r"[点點时時分秒刻号日月年天周岁歲楼层栋室米里路个個人名次度元块多半前后後以之%％°]|小时|公里|千米|左右"
    r"|(?:mins?|minutes?|m|kms?|h|hrs?|hours?|s|secs?|seconds?|days?|weeks?|months?|years?|met(?:er|re)s?|miles?|percent)\b"
)
# A time of day, a date, a range or a decimal; a number with what it counts; a number glued to Latin letters.
MEASURE = re.compile(
    rf"\d+(?:\s*[:：/~～][\d\s]*|[.-]\d+)+|\d+\s*(?:{UNITS})|\d+[a-z]\w*",
    re.IGNORECASE,
)
NO_PAIR = "#"
NO_WORDS = re.compile(r"""[\s\d.,。，、;；:：!！?？()（）"'“”‘’-]+""")
# All of a text in which somebody at a child's place cries for help. A false alarm costs a call, a missed one a life.
CRIES = frozenset(
    ["help", "help me", "i need help", "need help", "sos", "救命", "救我", "求助", "我需要帮助", "需要帮助"]
)


@dataclass(frozen=True)
class Reply:
    """An act, and the first digits of the pair it was written with; None where no pair was meant."""

    act: Act
    base: str | None = None


def read_reply(body: str, bases: Collection[str]) -> Reply:
    """What a text says, given the pairs its writer holds: digits of any width that are the text or stand first."""
    numbers = _numbers(body)
    meant = {Reply(LAST_DIGITS[n[-1]], n[:-1]) for n in numbers if n[-1] in LAST_DIGITS and n[:-1] in bases}
    if len(meant) == 1 and numbers[0][:-1] in bases and numbers[0][-1] in LAST_DIGITS:
        return meant.pop()
    if not meant and numbers == ["0"]:
        return Reply(Act.WHO)
    if not meant and len(numbers) == 1 and numbers[0] in LAST_DIGITS:
        return Reply(Act.BARE)
    return Reply(Act.UNCLEAR)


def says_one(body: str) -> bool:
    """Whether a text is nothing but a 1, or says it first."""
    return _numbers(body) == ["1"]


def cries_for_help(body: str) -> bool:
    """Whether a text is nothing but a cry for help."""
    return body.strip(" \t\r\n.,!?。，！？").casefold() in CRIES


def says_more(body: str, act: Act) -> bool:
    """Whether a text says something that no rule took: what is unclear, and words beside a number.

    Assent and *on my way* say no more than the number. A cry for help that was taken for one alarms by itself.
    """
    if takes_texts(body) is not None or (act is Act.NEED_HELP and cries_for_help(body)):
        return False
    said = set(NO_WORDS.split(CASE_ALIAS.sub(" ", body).casefold())) - {""}
    return act is Act.UNCLEAR or not said <= ASSENT | ON_THE_WAY


def _numbers(body: str) -> list[str]:
    """The numbers of a text that may be an answer; behind other words the first of them is none."""
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in body)
    if re.fullmatch(r"[\d\s.,。，-]+", plain):
        digits = "".join(c for c in plain if c.isdigit())
        return [digits] if digits else []
    rest = MEASURE.sub(NO_PAIR, CASE_ALIAS.sub(" ", plain))
    before = re.split(rf"[\d{NO_PAIR}]", rest, maxsplit=1)[0]
    stands_first = ASSENT.issuperset(filter(None, re.split(r"[\W_]+", before.casefold())))
    return re.findall(rf"\d+|{NO_PAIR}", rest if stands_first else NO_PAIR + rest)


@cache
def bases() -> tuple[str, ...]:
    """Every first part of a pair, shortest first, without those that make an emergency number or an hour."""
    return tuple(
        str(number)
        for low, high in ((3, 10), (20, 100), (200, 1000))
        for number in range(low, high)
        if not any(f"{number}{digit}" in EMERGENCY_NUMBERS for digit in LAST_DIGITS)
    )


# The provider acts on these words by itself; source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
STOP_WORDS = frozenset({"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"})
START_WORDS = frozenset({"start", "unstop"})


def takes_texts(body: str) -> bool | None:
    """False for a word by which a phone refuses all our texts, True for one that takes them again, else None."""
    word = body.strip().casefold()
    return False if word in STOP_WORDS else True if word in START_WORDS else None


def free_base(taken: Collection[str]) -> str | None:
    """The shortest, lowest first part that is not in use; None when a person holds every one."""
    return next((base for base in bases() if base not in taken), None)
