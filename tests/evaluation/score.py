"""Figures of a judgement: how often it was right, and how often it erred in the direction that hurts.

Under-triage: immediate or urgent placed lower. Grave under-triage: immediate placed priority or routine, of all
that are immediate. Over-triage: placed immediate and not immediate, of all placed immediate. Intervals are Wilson's
at 95 % (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from schemas.terms import Urgency
from triage.domain.figures import wilson

URGENCIES = (Urgency.IMMEDIATE, Urgency.URGENT, Urgency.PRIORITY, Urgency.ROUTINE)


@dataclass(frozen=True)
class Judged:
    """One situation: where it belongs, where it was placed, and the group it counts in."""

    label: Urgency
    placed: Urgency
    group: str


@dataclass(frozen=True)
class Rate:
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0 where there is nothing to share."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval at 95 %; everything where nothing was counted."""
        if not self.of:
            return 0.0, 1.0
        return wilson(self.value, self.of)


@dataclass(frozen=True)
class Figures:
    """What a set of judgements came to."""

    accuracy: Rate
    immediate_found: Rate
    under_triage: Rate
    grave_under_triage: Rate
    over_triage: Rate


def figures(judged: Sequence[Judged]) -> Figures:
    """Every figure over some judgements."""
    immediate = [each for each in judged if each.label is Urgency.IMMEDIATE]
    grave = [each for each in judged if each.label in (Urgency.IMMEDIATE, Urgency.URGENT)]
    called = [each for each in judged if each.placed is Urgency.IMMEDIATE]
    return Figures(
        accuracy=_rate(judged, (each.placed is each.label for each in judged)),
        immediate_found=_rate(immediate, (each.placed is Urgency.IMMEDIATE for each in immediate)),
        under_triage=_rate(grave, (each.placed.rank > each.label.rank for each in grave)),
        grave_under_triage=_rate(immediate, (each.placed.rank > Urgency.URGENT.rank for each in immediate)),
        over_triage=_rate(called, (each.label is not Urgency.IMMEDIATE for each in called)),
    )


def confusion(judged: Iterable[Judged]) -> list[list[int]]:
    """Counts by label (rows) and placing (columns), both from immediate to routine."""
    counts = Counter((each.label, each.placed) for each in judged)
    return [[counts[label, placed] for placed in URGENCIES] for label in URGENCIES]


def behind(judged: Sequence[Judged]) -> dict[str, tuple[float, float, float]]:
    """How far each group's immediate ones are found less often than those of all others.

    The difference, and its interval at 95 % by Newcombe's method from the two Wilson intervals
    (R. G. Newcombe, Stat. Med. 17, 1998).
    """
    found = {}
    for group in sorted({each.group for each in judged}):
        own = figures([each for each in judged if each.group == group]).immediate_found
        others = figures([each for each in judged if each.group != group]).immediate_found
        found[group] = _difference(others, own)
    return found


def _difference(one: Rate, other: Rate) -> tuple[float, float, float]:
    gap = one.value - other.value
    (low_one, high_one), (low_other, high_other) = one.interval, other.interval
    low = gap - sqrt((one.value - low_one) ** 2 + (high_other - other.value) ** 2)
    high = gap + sqrt((high_one - one.value) ** 2 + (other.value - low_other) ** 2)
    return gap, low, high


def _rate(of: Sequence[Judged], hits: Iterable[bool]) -> Rate:
    return Rate(sum(hits), len(of))
