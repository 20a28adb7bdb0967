"""Ages told in words: 三岁, 8个月, 二年级, "4-year-old", "Year 3". Ages are completed months."""

import re
from collections.abc import Iterator
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
class _Search:
    """One search for every form of a language, one for its words that are an age."""

    script: re.Pattern[str]
    forms: re.Pattern[str]
    words: re.Pattern[str]
    own: re.Pattern[str]
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
    return _Search(script, told, re.compile(fixed.join(edges)), _own(file.ages, spaced), file.ages)


def _own(ages: Ages, spaced: bool) -> re.Pattern[str]:
    """Finds, in what stands before an age, that whoever speaks means themselves."""
    words = "|".join(sorted(map(re.escape, ages.own), key=len, reverse=True))
    return re.compile(rf"{'(?<![a-z0-9])' if spaced else ''}(?:{words})\s*$" if words else "(?!)")


def _beginning(ages: Ages) -> str:
    """Looks at one character, which spares trying every form at every place: how a number or a form begins."""
    begin = {each[0] for each in (*ages.numbers, *(form.form for form in ages.forms))}
    return rf"(?=[\d{re.escape(''.join(sorted(begin)))}])"


_LEAD = 20
"""Characters before an age in which its `own` word ends."""


def _number(text: str, ages: Ages) -> int:
    """A number in digits, as one word, or in Chinese places (十三, 二十)."""
    if text.isdecimal():
        return int(text)
    if text in ages.numbers:
        return ages.numbers[text]
    tens, _, units = text.partition("十")
    return ages.numbers.get(tens, 1) * 10 + ages.numbers.get(units, 0)


def _told(text: str, search: _Search) -> Iterator[AgeTold]:
    forms = sorted(search.ages.forms, key=lambda form: -len(form.form))
    for match in search.forms.finditer(text):
        at = match.lastindex or 1
        number = _number(match[at], search.ages)
        months = max(0, int(number * forms[at - 1].per + forms[at - 1].plus))
        yield AgeTold(match.start(), months, _is_own(text, match, search))
    for match in search.words.finditer(text):
        yield AgeTold(match.start(), search.ages.words[match[0]])


def _is_own(text: str, age: re.Match[str], search: _Search) -> bool:
    """Whether an age is told of oneself: *I am 15*, 我15岁; not 我15岁的弟弟, which is another's."""
    number = age.start(age.lastindex or 1)
    is_led = any(search.own.search(text, max(0, at - _LEAD), at) for at in (age.start(), number))
    return is_led and not text.startswith(search.ages.not_own, age.end())


def ages_told(text: str, lexicon: Lexicon) -> list[AgeTold]:
    """The children's ages in a normalised text; ages of adults are left out."""
    told = [one for search in _searches(lexicon) if search.script.search(text) for one in _told(text, search)]
    return [each for each in told if each.months < ADULT_MONTHS]
