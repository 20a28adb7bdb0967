"""Figures with their bounds: percentiles, verdicts, and the table a person reads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Name(StrEnum):
    """What is measured."""

    REPORT_TO_SMS_P50 = "report_to_sms_p50_ms"
    REPORT_TO_SMS_P99 = "report_to_sms_p99_ms"
    RUNG_LATENESS_P50 = "rung_lateness_p50_ms"
    RUNG_LATENESS = "rung_lateness_p99_ms"
    RUNG_GROWTH = "rung_lateness_growth"
    STORM = "storm_late_s"
    INGEST_RATIO = "ingest_ratio"
    RSS = "rss_mb"
    READY = "ready_s"
    JUDGE_ZH = "judge_zh_p50_ms"
    JUDGE_EN = "judge_en_p50_ms"
    RULES = "rules_1000_ratio"
    MEANING_ZH = "meaning_zh_ratio"
    MEANING_EN = "meaning_en_ratio"


@dataclass(frozen=True)
class Bound:
    """What a figure may be: at most `limit`, or at least."""

    limit: float
    is_least: bool = False

    def missed_by(self, value: float) -> float:
        """How far a value is on the wrong side; zero or less when the bound holds."""
        return self.limit - value if self.is_least else value - self.limit

    def __str__(self) -> str:
        return f"{'>=' if self.is_least else '<='} {self.limit:g}"


BOUNDS = {
    Name.REPORT_TO_SMS_P50: Bound(100),
    Name.REPORT_TO_SMS_P99: Bound(500),
    Name.RUNG_LATENESS_P50: Bound(250),
    Name.RUNG_LATENESS: Bound(250),
    Name.RUNG_GROWTH: Bound(1.5),
    Name.STORM: Bound(2),
    Name.INGEST_RATIO: Bound(0.35, is_least=True),
    Name.RSS: Bound(600),
    Name.READY: Bound(20),
    Name.JUDGE_ZH: Bound(2),
    Name.JUDGE_EN: Bound(2),
    Name.RULES: Bound(2),
    Name.MEANING_ZH: Bound(1),
    Name.MEANING_EN: Bound(1),
}


@dataclass
class Figure:
    """One figure over all rounds. `value` is None, or infinite, when something never arrived."""

    name: Name
    value: float | None
    rounds: list[float] = field(default_factory=list)
    is_noisy: bool = False

    @property
    def holds(self) -> bool:
        """Whether it was measured on a quiet machine and keeps its bound."""
        return not self.is_noisy and self.value is not None and BOUNDS[self.name].missed_by(self.value) <= 0

    @property
    def verdict(self) -> str:
        """Holds, misses by how much, or noisy."""
        if self.value is None:
            return "misses: not measured"
        if self.is_noisy:
            return "noisy"
        missed_by = BOUNDS[self.name].missed_by(self.value)
        return "holds" if missed_by <= 0 else f"misses by {missed_by:.3g}"

    def shown(self) -> dict[str, Any]:
        """The figure as JSON; what never arrived is null."""
        return {
            "value": rounded(self.value),
            "bound": str(BOUNDS[self.name]),
            "verdict": self.verdict,
            "rounds": [rounded(each) for each in self.rounds],
        }


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` (0 to 1) of all samples do not exceed. ValueError without samples.

    An infinite sample is something that never came: lost, not slow. One is enough for an infinite percentile.

    >>> percentile([4, 1, 3, 2], 0.5), percentile([4, 1, 3, 2], 0.99)
    (2, 4)
    """
    if not samples:
        raise ValueError("no samples")
    if math.inf in samples:
        return math.inf
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]


def pooled(name: Name, rounds: Sequence[Sequence[float]], share: float, is_noisy: bool) -> Figure:
    """A percentile over the samples of every round together, so that no bad round is averaged away."""
    samples = [sample for each in rounds for sample in each]
    value = percentile(samples, share) if samples else None
    return Figure(name, value, [percentile(each, share) for each in rounds if each], is_noisy)


def growth(few: Sequence[float], many: Sequence[float]) -> float:
    """How much later the p99 is with many than with few; below 20 ms it is as good as none.

    >>> growth([4, 5], [30, 10])
    1.5
    """
    return max(percentile(many, 0.99), 20.0) / max(percentile(few, 0.99), 20.0)


def worst(name: Name, rounds: Sequence[float], is_noisy: bool) -> Figure:
    """The highest round."""
    return Figure(name, max(rounds, default=None), list(rounds), is_noisy)


def rounded(value: float | None) -> float | None:
    """A number short enough to read; None for what never arrived."""
    return None if value is None or math.isinf(value) else round(value, 3 if value < 10 else 1)


def table(figures: Sequence[Figure]) -> str:
    """The figures for people."""
    rows = [("figure", "value", "bound", "verdict", "rounds")]
    for each in figures:
        rounds = "  ".join(_text(value) for value in each.rounds)
        rows.append((each.name.value, _text(each.value), str(BOUNDS[each.name]), each.verdict, rounds))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _text(value: float | None) -> str:
    if value is None:
        return "-"
    return "never" if math.isinf(value) else f"{rounded(value):g}"
