"""A reporter's words with the reasons marked in them. Pure: text and spans in, segments out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

UNCOUNTED = ("asked", "hypothetical", "exercise", "figurative", "resolved")


@dataclass(frozen=True)
class Mark:
    """A span of the text and the number of the reason that rests on it."""

    start: int
    end: int
    number: int
    is_denied: bool = False
    is_uncounted: bool = False


@dataclass(frozen=True)
class Segment:
    """A stretch of text under the same marks; none when `numbers` is empty. `anchors` begin here."""

    text: str
    numbers: tuple[int, ...] = ()
    is_denied: bool = False
    is_uncounted: bool = False
    anchors: tuple[int, ...] = ()


def segments(text: str, marks: Iterable[Mark]) -> list[Segment]:
    """Cut the text wherever a mark begins or ends; put together it is the text again, letter for letter."""
    inside = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    cuts = sorted({0, len(text), *(edge for mark in inside for edge in (mark.start, mark.end))})
    return [_segment(text, inside, start, end) for start, end in pairwise(cuts)]


def mark_of(number: int, reason: Mapping[str, Any]) -> Mark | None:
    """Where a reason stands in its piece, or None when it rests on an answer."""
    span = reason["span"]
    if span is None:
        return None
    is_denied = reason["polarity"] == "negative"
    return Mark(span["start"], span["end"], number, is_denied, reason["certainty"] in UNCOUNTED)


def _segment(text: str, marks: list[Mark], start: int, end: int) -> Segment:
    over = [mark for mark in marks if mark.start <= start and end <= mark.end]
    return Segment(
        text[start:end],
        tuple(mark.number for mark in over),
        # A word that is denied in one reading and meant in another counts: it is not struck through.
        bool(over) and all(mark.is_denied for mark in over),
        bool(over) and all(mark.is_denied or mark.is_uncounted for mark in over),
        tuple(mark.number for mark in over if mark.start == start),
    )
