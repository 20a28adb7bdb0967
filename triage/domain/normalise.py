"""One form for text that means the same: width, case, accents, traditional characters, spacing.

Every character of the result remembers where it came from, so that spans refer to the original text.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from triage.domain.traditional import TO_SIMPLIFIED

_APOSTROPHES = "'’‘ʼ`´"
_DASHES = "-‐‑‒–—―"
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Normalised:
    """Normalised text; character i came from the original at `origin[i]`."""

    text: str
    origin: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original text from which text[start:end] came."""
        return self.origin[start], self.origin[end - 1] + 1


@lru_cache(maxsize=65536)
def _fold(char: str) -> str:
    """A character's plain form: empty for what is dropped, one space for any space or dash."""
    if char in _APOSTROPHES:
        return ""
    if char in _DASHES or char.isspace():
        return " "
    kept = [
        TO_SIMPLIFIED.get(part, part)
        for part in unicodedata.normalize("NFKD", char).casefold()
        if unicodedata.category(part) not in ("Mn", "Cf", "Cc", "Cs")
    ]
    return _SPACE.sub(" ", "".join(kept))


def is_wide(char: str) -> bool:
    """Whether a character belongs to a script written without spaces."""
    return char >= "\u2e80"


def normalise(text: str) -> Normalised:
    """Fold a text. Runs of space become one; spaces beside Chinese characters or at the ends are dropped."""
    chars: list[str] = []
    origin: list[int] = []
    space_at = -1
    for at, folded in enumerate(map(_fold, text)):
        for char in folded:
            if char == " ":
                space_at = at if chars and space_at < 0 else space_at
                continue
            if space_at >= 0:
                if not (is_wide(char) or is_wide(chars[-1])):
                    chars.append(" ")
                    origin.append(space_at)
                space_at = -1
            chars.append(char)
            origin.append(at)
    return Normalised("".join(chars), tuple(origin))


def normalised_text(text: str) -> str:
    """The text of `normalise`, sooner where it is made of small English letters alone, as most phrases are."""
    words = text.split()
    if all(word.isascii() and word.isalpha() and word.islower() for word in words):
        return " ".join(words)
    return normalise(text).text
