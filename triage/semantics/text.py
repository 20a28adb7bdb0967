"""A text as the model reads it: sentences to be embedded, and the grams that stand in it."""

import re
from collections import Counter
from collections.abc import Iterator
from math import log

from triage.domain.normalise import normalise

_ENDS = re.compile(r"[。！？!?；;\n]+|\.+(?=\s|$)")
_BREAKS = re.compile(r"[，,、\s](?!.*[，,、\s])", re.DOTALL)
_WORD = re.compile(r"\w+")
LONGEST = 160
"""Characters of a sentence at most: a transcript without punctuation is cut; a long text costs more to embed."""
CHARACTER_GRAMS = (1, 4)
WORD_GRAMS = (1, 3)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end, without blank ones; the whole text when it has none."""
    found = [cut for start, end in _ended(text) for cut in _short(text, start, end)]
    return found or [(0, len(text))]


def _ended(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in [*(match.end() for match in _ENDS.finditer(text)), len(text)]:
        stripped = text[start:end].strip()
        if stripped:
            at = text.index(stripped[0], start)
            yield at, at + len(stripped)
        start = end


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        last = _BREAKS.search(text[start + 1 : start + LONGEST])
        cut = start + 1 + last.end() if last else start + LONGEST
        yield start, cut
        start = cut
    yield start, end


def grams(text: str) -> Counter[str]:
    """How often each run of characters and of words stands in a text; words are marked by a leading tab."""
    plain = normalise(text).text
    low, high = CHARACTER_GRAMS
    counts = Counter(plain[at : at + size] for size in range(low, high + 1) for at in range(len(plain) - size + 1))
    words = _WORD.findall(plain)
    low, high = WORD_GRAMS
    counts.update(
        "\t" + " ".join(words[at : at + size]) for size in range(low, high + 1) for at in range(len(words) - size + 1)
    )
    return counts


def damped(count: int) -> float:
    """The weight of a gram that stands several times (sublinear term frequency)."""
    return 1.0 + log(count)
