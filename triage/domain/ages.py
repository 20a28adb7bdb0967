"""Ages told in words: 三岁, 8个月, 二年级, "4-year-old", "Year 3". Ages are completed months."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from triage.domain.lexicon import Ages, Lexicon, LexiconFile

ADULT_MONTHS = 18 * 12


class AgeTold(NamedTuple):
    """An age at a place of a text; `is_own` where whoever speaks tells their own."""

    at: int
    months: int
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class _Own:
    """How a language shows whose an age is: by what stands before it (to its end), and by what stands after it."""

    before: re.Pattern[str]
    says_what: re.Pattern[str]
    gave_name: re.Pattern[str]
    ends: re.Pattern[str]
    joined: re.Pattern[str]
    to_another: re.Pattern[str]
    to_self: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Search:
    """One search for every form of a language, one for its words that are an age."""

    script: re.Pattern[str]
    forms: re.Pattern[str]
    words: re.Pattern[str]
    own: "_Own"
    tens: re.Pattern[str]
    ages: Ages


@lru_cache(maxsize=16)
def _searches(lexicon: Lexicon) -> tuple[_Search, ...]:
    return tuple(_search(file) for file in lexicon.files)


def _search(file: LexiconFile) -> _Search:
    """Group i + 1 of the form search is the number of form i. English words end where letters end."""
    spaced = file.language != "zh"
    words = "|".join(sorted(map(re.escape, file.ages.numbers), key=len, reverse=True))
    number = rf"(\d{{1,3}}|{words})" if spaced else rf"(\d{{1,3}}|(?:{words})+)"
    forms = [
        number.join(re.escape(side) for side in form.form.split("{n}"))
        for form in sorted(file.ages.forms, key=lambda form: -len(form.form))
    ]
    edges = (r"(?<![a-z0-9])(?:", r")(?![a-z0-9])") if spaced else (r"(?<!\d)(?:", ")")
    fixed = "|".join(sorted(map(re.escape, file.ages.words), key=len, reverse=True))
    script = re.compile("[a-z]" if spaced else r"[\u2e80-\uffff]")
    told = re.compile(_beginning(file.ages) + "|".join(forms).join(edges))
    tens = re.compile(rf"(?<![a-z0-9])({_any(file.ages.tens)}) $")
    return _Search(script, told, re.compile(fixed.join(edges)), _own(file.ages, spaced), tens, file.ages)


def _any(words: Iterable[str]) -> str:
    """One of these words; nothing matches where there are none."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)"


def _own(ages: Ages, spaced: bool) -> _Own:
    edge = "(?<![a-z0-9])" if spaced else ""
    name = r" (?:(?!and )[a-z]+ ){0,2}[a-z]+" if spaced else rf"[^,、。{re.escape(ages.of)}]{{1,6}}"
    of, another = re.escape(ages.of) or "(?!)", _any(ages.not_own)
    return _Own(
        before=re.compile(rf"{edge}(?:{_any((*ages.own, *ages.own_is))})\s*$"),
        says_what=re.compile(rf"{edge}(?:{_any(ages.own_is)})\s*$"),
        gave_name=re.compile(rf"{edge}(?:{_any(ages.named)}){name}[,、.;。]?\s?(?:{_any(ages.still)})?\s?$"),
        ends=re.compile(r"\s?(?:[,、.;。!?]|and |$)"),
        joined=re.compile(of),
        to_another=re.compile(
            rf"\s?(?:{of})?(?:{another})|(?:{of})?[^,、。{re.escape(''.join(ages.own[:1]))}]{{1,4}}{of}"
        ),
        to_self=re.compile(rf"{of}(?:{_any(ages.own)})(?!(?:{of})?(?:{another}))"),
    )


def _beginning(ages: Ages) -> str:
    """Looks at one character, which spares trying every form at every place: how a number or a form begins."""
    begin = {each[0] for each in (*ages.numbers, *(form.form for form in ages.forms))}
    return rf"(?=[\d{re.escape(''.join(sorted(begin)))}])"


_LEAD = 40
"""Characters before an age in which what shows whose it is stands."""


def _number(text: str, ages: Ages) -> int:
    """A number in digits, as one word, or in Chinese places (十三, 二十); of 三四, 十七八, 三四十 the smaller."""
    if text.isdecimal():
        return int(text)
    if text in ages.numbers:
        return ages.numbers[text]
    tens, ten, units = text.partition("十")
    if not ten:
        return ages.numbers[text[0]]
    return ages.numbers.get(tens[:1], 1) * 10 + ages.numbers.get(units[:1], 0)


def _told(text: str, search: _Search) -> Iterator[AgeTold]:
    forms = sorted(search.ages.forms, key=lambda form: -len(form.form))
    for match in search.forms.finditer(text):
        at = match.lastindex or 1
        number = _number(match[at], search.ages) + _tens(text, match.start(at), search)
        months = max(0, int(number * forms[at - 1].per + forms[at - 1].plus))
        yield AgeTold(match.start(), months, _is_own(text, match, search))
    for match in search.words.finditer(text):
        yield AgeTold(match.start(), search.ages.words[match[0]])


def _tens(text: str, at: int, search: _Search) -> int:
    """What a word before the number adds to it: *thirty four* is no four."""
    found = search.tens.search(text, max(0, at - _LEAD), at)
    return search.ages.tens[found[1]] if found else 0


def _is_own(text: str, age: re.Match[str], search: _Search) -> bool:
    """Whether an age is told of oneself: *I am 15*, 我15岁, 我是15岁的学生, 15岁的我; not 我15岁的弟弟, another's."""
    own, end = search.own, age.end()
    if own.to_self.match(text, end):
        return True
    begins = {age.start(), age.start(age.lastindex or 1)}

    def is_led(by: re.Pattern[str]) -> bool:
        return any(by.search(text, max(0, at - _LEAD), at) for at in begins)

    if is_led(own.gave_name) and own.ends.match(text, end):
        return True
    if not is_led(own.before) or own.to_another.match(text, end):
        return False
    return is_led(own.says_what) or not own.joined.match(text, end)


def as_said(age: str) -> str:
    """An age as somebody would say it; digits alone are years, and months or weeks alone are an age."""
    written = age.strip()
    if written.isdecimal():
        return f"{written}岁"
    if written.endswith(("个月", "周", "天")):
        return f"{written}大"
    if written.endswith(("months", "month", "weeks", "week", "days", "day", "years")):
        return f"{written} old"
    return written


def ages_told(text: str, lexicon: Lexicon) -> list[AgeTold]:
    """The children's ages in a normalised text; ages of adults are left out."""
    told = [one for search in _searches(lexicon) if search.script.search(text) for one in _told(text, search)]
    return [each for each in told if each.months < ADULT_MONTHS]
