"""Words read alike, so that who is named, from where, or which parent it is does not weigh in a meaning."""

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

import yaml

from triage.domain.traditional import TO_SIMPLIFIED

WORDS = Path(__file__).with_name("alike.yaml")
SOMEBODY = "Sam"
"""What a name is read as."""
_CAPITALISED = re.compile(r"\b[A-Z][A-Za-z]+\b")
_SMALL = re.compile(r"\b[a-z]+\b")
_CLOSING = " 。.!！?？…;；,，、"
_WIDE = {0xFF01 + at: chr(0x21 + at) for at in range(94) if chr(0x21 + at).isalnum()}
_PLAIN = {ord(char): simple for char, simple in TO_SIMPLIFIED.items()} | _WIDE


def plain(text: str) -> str:
    """The text in simplified characters and narrow letters, each in its place: spans stay what they were."""
    return text.translate(_PLAIN)


def small_words(texts: Collection[str]) -> frozenset[str]:
    """Every word that is written small somewhere: a capitalised word that is none of them is taken for a name."""
    return frozenset(word for text in texts for word in _SMALL.findall(text))


def alike(text: str, known: Collection[str]) -> str:
    """The text with names, provinces, peoples and step-relations read alike, without the marks that close it.

    `known` are words that are no names.
    """
    pattern, first = _words()
    read = pattern.sub(lambda found: _as_written(found[0], first[found[0].lower()]), text.rstrip(_CLOSING))
    return _CAPITALISED.sub(lambda found: found[0] if found[0].lower() in known else SOMEBODY, read)


def _as_written(word: str, first: str) -> str:
    return first.capitalize() if word[0].isupper() else first


@cache
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    """The pattern that finds any word of the file, and what each is read as."""
    groups: dict[str, list[list[str]]] = yaml.safe_load(WORDS.read_text("utf-8"))
    first = {word: group[0] for one in groups.values() for group in one for word in group[1:]}
    longest_first = sorted(first, key=len, reverse=True)
    parts = (rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in longest_first)
    return re.compile("|".join(parts), re.IGNORECASE), first
