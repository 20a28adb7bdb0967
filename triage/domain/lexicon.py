"""The words the engine knows: patterns per factor, and the cues that tell how words are meant.

A pattern is one phrase, or phrases joined by ` .. `, which may stand a little apart in one sentence, and where one
is a single character in one clause; `{name}` stands for any word of a set; `*` at the end of an English phrase takes
any ending. Every phrase of a language is searched in one pass (Aho-Corasick), built once.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import Any, Literal, NamedTuple

import ahocorasick_rs
from pydantic import BaseModel, ConfigDict, Field

from triage.domain.normalise import normalised_text

CueKind = Literal[
    "negation", "not_negation", "double_negation", "generic_question", "hypothetical", "hedge", "hearsay",
    "child_says", "record", "now", "recent", "past", "planned", "survivor", "frame", "aside", "reality",
    "local_fiction", "figurative", "resolved", "child", "person", "denial", "another_child",
]  # fmt: skip


class AgeForm(BaseModel):
    """A way to say an age: `{n}` is a number, and the age in months is n * per + plus."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: str
    per: float
    plus: float = 0


class Ages(BaseModel):
    """How a language tells ages: number words, forms with a number, and words that are an age in months.

    After a word of `own` an age is that of whoever speaks, unless `of` joins it to somebody else, or a word of
    `not_own` follows; after one of `own_is` also where `of` joins it to what they are. So is an age that is a clause
    by itself after they gave their name (`named`, perhaps with a word of `still`). `tens` make a number word greater.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    numbers: dict[str, int]
    forms: tuple[AgeForm, ...]
    words: dict[str, int]
    tens: dict[str, int] = {}
    own: tuple[str, ...] = ()
    own_is: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    of: str = ""
    not_own: tuple[str, ...] = ()


class LexiconFile(BaseModel):
    """What one lexicon file says. `gap` and `reach` are counted in characters of normalised text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    version: str
    gap: int = Field(ge=0)
    negation_reach: int = Field(ge=0)
    sets: dict[str, tuple[str, ...]]
    cues: dict[CueKind, tuple[str, ...]]
    ages: Ages
    factors: dict[str, tuple[str, ...]]


class Hit(NamedTuple):
    """A cue or factor at text[start:end] of the normalised text; reach is its language's negation reach."""

    name: str
    start: int
    end: int
    reach: int


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the sentences and the clauses of a text end, each in order; both close with the text's end."""

    sentences: tuple[int, ...]
    clauses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A compiled pattern: the slots it needs in order, all but the first (`rest`), and what it shows when found."""

    slots: tuple[int, ...]
    rest: frozenset[int]
    name: str
    gap: int
    reach: int


@dataclass(slots=True)
class _Vocabulary:
    """Phrases under construction: phrase text to the slots it fills, slot of each part."""

    slots_of: dict[str, list[int]] = field(default_factory=dict)
    slot_of: dict[tuple[str, str], int] = field(default_factory=dict)

    def slot(self, language: str, part: str, sets: dict[str, tuple[str, ...]]) -> int:
        """The slot that a part of a pattern stands for, made on first sight."""
        key = (language, part)
        if key not in self.slot_of:
            self.slot_of[key] = len(self.slot_of)
            for phrase in _phrases(part, sets):
                if not phrase.strip("*"):
                    raise PatternError(f"the phrase {part!r} is empty")
                self.slots_of.setdefault(phrase, []).append(self.slot_of[key])
        return self.slot_of[key]


class PatternError(ValueError):
    """A pattern that cannot be read: an empty part, a set that is not there, a `*` not at the end of a phrase."""


_NAMED = re.compile(r"\{([a-z_]+)\}")


def _phrases(part: str, sets: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Every phrase a part stands for: `打 {child}` is one phrase for each word of the set."""
    if "*" in part[:-1]:
        raise PatternError(f"the phrase {part!r} has a * that is not at its end")
    before, *rest = _NAMED.split(part, maxsplit=1)
    if not rest:
        yield from _forms(part)
        return
    name, after = rest
    if name not in sets:
        raise PatternError(f"the pattern {part!r} names the set {name!r}, which is not there")
    for word in sets[name]:
        yield from _phrases(before + word + after, sets)


def _forms(phrase: str) -> Iterable[str]:
    """A phrase as it is found in a normalised text; an English one in its long and short form too."""
    star = "*" if phrase.endswith("*") else ""
    plain = normalised_text(phrase.removesuffix("*"))
    if not plain.isascii():
        return (plain + star,)
    return dict.fromkeys((plain + star, _spelt_out(plain) + star, _drawn_together(plain) + star))


_NOT = re.compile(r"\b(do|does|did|is|was|are|were|has|have|had|would|could|should)nt\b")
_IS = re.compile(r"\b(he|she|it|there) (?:is|has)\b")


def _spelt_out(phrase: str) -> str:
    """The long form of an English phrase: "dont" is also said "do not"."""
    if "nt" not in phrase:
        return phrase
    long = re.sub(r"\bcant\b", "cannot", re.sub(r"\bwont\b", "will not", phrase))
    return _NOT.sub(r"\1 not", long)


def _drawn_together(phrase: str) -> str:
    """The short form of an English phrase: "he is" is also said "he's", here without its apostrophe."""
    return _IS.sub(r"\1s", phrase) if " is" in phrase or " has" in phrase else phrase


_LETTERS = frozenset(ascii_letters + digits)


def _word_end(text: str, at: int) -> int:
    while at < len(text) and text[at] in _LETTERS:
        at += 1
    return at


class Lexicon:
    """All languages of a pack in one search. Total: any text gives hits, never an error.

    Making one raises PatternError; `broken_patterns` then tells each place, which takes as long again. `lately` is
    for whoever reads with it, to remember what was read: by digest, never by words.
    """

    def __init__(self, files: Iterable[LexiconFile]) -> None:
        self.files = tuple(files)
        self.lately: dict[tuple[str, bytes, bool], Any] = {}
        vocabulary = _Vocabulary()
        self._factors = [
            self._pattern(vocabulary, file, factor, text)
            for file in self.files
            for factor, texts in file.factors.items()
            for text in texts
        ]
        self._cues = [
            self._pattern(vocabulary, file, kind, text)
            for file in self.files
            for kind, texts in file.cues.items()
            for text in texts
        ]
        phrases = list(vocabulary.slots_of)
        self._slots = [vocabulary.slots_of[phrase] for phrase in phrases]
        self._takes_endings = [phrase.endswith("*") for phrase in phrases]
        self._search = ahocorasick_rs.AhoCorasick([phrase.removesuffix("*") for phrase in phrases])
        self._by_first: dict[int, list[tuple[_Pattern, bool]]] = {}
        for pattern in self._factors:
            self._by_first.setdefault(pattern.slots[0], []).append((pattern, True))
        for pattern in self._cues:
            self._by_first.setdefault(pattern.slots[0], []).append((pattern, False))

    @staticmethod
    def _pattern(vocabulary: _Vocabulary, file: LexiconFile, name: str, text: str) -> _Pattern:
        parts = [part.strip() for part in text.split(" .. ")]
        slots = tuple(vocabulary.slot(file.language, part, file.sets) for part in parts)
        return _Pattern(slots, frozenset(slots[1:]), name, file.gap, file.negation_reach)

    def _places(self, text: str) -> dict[int, list[tuple[int, int]]]:
        """Where each slot is filled, in order of its start."""
        places: dict[int, list[tuple[int, int]]] = {}
        for phrase, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            if start and text[start] in _LETTERS and text[start - 1] in _LETTERS:
                continue
            cut = end < len(text) and text[end - 1] in _LETTERS and text[end] in _LETTERS
            if cut and not self._takes_endings[phrase]:
                continue
            whole = (start, _word_end(text, end) if cut else end)
            for slot in self._slots[phrase]:
                places.setdefault(slot, []).append(whole)
        return places

    def hits(self, text: str, ends: Ends) -> tuple[list[Hit], list[Hit]]:
        """Factor hits and cue hits in a normalised text whose sentences and clauses end at the given places."""
        places = self._places(text)
        factors: list[Hit] = []
        cues: list[Hit] = []
        for slot, found in places.items():
            for pattern, is_factor in self._by_first.get(slot, ()):
                into = factors if is_factor else cues
                if not pattern.rest:
                    into += [Hit(pattern.name, start, end, pattern.reach) for start, end in found]
                elif places.keys() >= pattern.rest:
                    into += _followed(pattern, places, found, ends)
        return sorted(factors, key=_place), sorted(cues, key=_place)


def _place(hit: Hit) -> tuple[int, int, str]:
    return hit.start, -hit.end, hit.name


def _followed(
    pattern: _Pattern, places: dict[int, list[tuple[int, int]]], firsts: list[tuple[int, int]], ends: Ends
) -> Iterator[Hit]:
    """The hits of a pattern of several parts, wherever its first part stands."""
    for first in firsts:
        last = _follow(pattern, places, first, ends)
        if last is not None:
            yield Hit(pattern.name, first[0], last, pattern.reach)


def _follow(
    pattern: _Pattern, places: dict[int, list[tuple[int, int]]], first: tuple[int, int], ends: Ends
) -> int | None:
    """Where a pattern whose first part is given is complete, each part within the gap of the one before."""
    start, end = first
    for slot in pattern.slots[1:]:
        spots = [spot for spot in places.get(slot, ()) if end <= spot[0] <= end + pattern.gap]
        found = min((spot for spot in spots if _is_joined((start, end), spot, ends)), default=None)
        if found is None:
            return None
        start, end = found
    return end


def _is_joined(one: tuple[int, int], other: tuple[int, int], ends: Ends) -> bool:
    """Whether two parts may belong together: a single character is too little to join two clauses."""
    is_single = one[1] - one[0] == 1 or other[1] - other[0] == 1
    stops = ends.clauses if is_single else ends.sentences
    return other[0] < stops[bisect_left(stops, one[1])]


def broken_patterns(file: LexiconFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a lexicon file has a pattern that cannot be read, and why."""
    for section, lists in (("cues", file.cues), ("factors", file.factors)):
        for name, texts in lists.items():
            for at, text in enumerate(texts):
                try:
                    phrases = [phrase for part in text.split(" .. ") for phrase in _phrases(part.strip(), file.sets)]
                except PatternError as error:
                    yield (section, name, at), f"{error}"
                else:
                    if not all(phrase.strip("*") for phrase in phrases):
                        yield (section, name, at), f"the pattern {text!r} has an empty part"
