"""How well triage works, computed from rows: shares with their intervals, agreement, times. Pure.

Truth is what readers found who saw the words and answers alone (`second_reading.truth`). Immediate and urgent count
together, as *soon*: under-triage = those placed lower / all that are truly soon; over-triage = those that truly are
lower / all that were placed soon (domain reference, 2.5).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt

from schemas.terms import Urgency

SOON = (Urgency.IMMEDIATE, Urgency.URGENT)
Z = 1.959964
"""Standard deviations on either side that hold 95 % of a normal distribution."""

Groups = Mapping[str, str]
"""By dimension (language, channel, reporter, area) the group a case is in."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1, its 95 % interval, and how many cases it rests on."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Waits:
    """How long cases waited: half of them at most the median, nine of ten at most `p90`."""

    median: timedelta
    p90: timedelta
    count: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa of two readers over `count` cases; None where chance alone would make them agree."""

    kappa: float | None
    count: int


@dataclass(frozen=True, slots=True)
class HandledCase:
    """What people did with a case. `waited` is from its first calling until somebody took it, None so far."""

    groups: Groups
    is_raised: bool
    is_lowered: bool
    is_closed: bool
    waited: timedelta | None


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A drawn case whose truth is settled. `stratum` is how many cases of its week and urgency there were."""

    groups: Groups
    week: date
    urgency: Urgency
    engine: Urgency
    truth: Urgency
    readings: tuple[Urgency, ...]
    stratum: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """A read case and how many cases of its week it stands for."""

    case: ReadCase
    weight: float


def weigh(cases: Sequence[ReadCase]) -> list[Weighed]:
    """Let each read case stand for its share of all cases of its week and urgency.

    Low cases are drawn more sparsely than grave ones, so a plain count would hide what is missed among them.
    """
    read = Counter((each.week, each.urgency) for each in cases)
    return [Weighed(each, each.stratum / read[each.week, each.urgency]) for each in cases]


def under_triage(cases: Iterable[Weighed], *, by_engine: bool = False) -> Share | None:
    """Of the cases that are truly immediate or urgent the share that was placed lower; None without such a case."""
    truly = [each for each in cases if each.case.truth in SOON]
    return share((_placed(each.case, by_engine) not in SOON, each.weight) for each in truly)


def over_triage(cases: Iterable[Weighed], *, by_engine: bool = False) -> Share | None:
    """Of the cases that were placed immediate or urgent the share that truly is not; None without such a case."""
    placed = [each for each in cases if _placed(each.case, by_engine) in SOON]
    return share((each.case.truth not in SOON, each.weight) for each in placed)


def share(hits: Iterable[tuple[bool, float]]) -> Share | None:
    """The weighted share of hits with its Wilson interval; None of nothing.

    With unequal weights the interval is that of as many equal ones as tell the same: (sum w)^2 / sum w^2 (Kish).
    """
    told = list(hits)
    if not told:
        return None
    total = sum(weight for _, weight in told)
    value = sum(weight for is_hit, weight in told if is_hit) / total
    low, high = wilson(value, total**2 / sum(weight**2 for _, weight in told))
    return Share(value, low, high, len(told))


def plain_share(hits: Iterable[bool]) -> Share | None:
    """The share of hits among cases that count alike."""
    return share((each, 1.0) for each in hits)


def wilson(value: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score (1927): good for few cases and for shares near 0 and 1."""
    spread = Z**2 / count
    centre = (value + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * sqrt(value * (1 - value) / count + spread / (4 * count))
    return max(0.0, centre - half), min(1.0, centre + half)


def agreement(cases: Iterable[ReadCase]) -> Agreement:
    """How far the first two readers of each case agree beyond chance, over the four urgencies (Cohen 1960)."""
    pairs = [each.readings[:2] for each in cases]
    count = len(pairs)
    if not count:
        return Agreement(None, 0)
    observed = sum(first is second for first, second in pairs) / count
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    by_chance = sum(firsts[each] * seconds[each] for each in Urgency) / count**2
    return Agreement((observed - by_chance) / (1 - by_chance) if by_chance < 1 else None, count)


def waits(spans: Iterable[timedelta | None]) -> Waits | None:
    """Median and ninetieth percentile by nearest rank; None where nobody has taken any."""
    told = sorted(each for each in spans if each is not None)
    return Waits(_ranked(told, 0.5), _ranked(told, 0.9), len(told)) if told else None


def _placed(case: ReadCase, by_engine: bool) -> Urgency:
    return case.engine if by_engine else case.urgency


def _ranked(told: Sequence[timedelta], part: float) -> timedelta:
    return told[ceil(part * len(told)) - 1]
