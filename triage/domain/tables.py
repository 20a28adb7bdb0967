"""Figures by group, with small cells hidden so that none can be computed from the others and the total. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TypeVar

from triage.domain import figures
from triage.domain.figures import Agreement, HandledCase, ReadCase, Share, Waits, Weighed

DIMENSIONS = ("language", "channel", "reporter", "area")
Figure = TypeVar("Figure", Share, Waits)
Case = TypeVar("Case", HandledCase, Weighed)
SHARES = ("overridden", "closed", "under_triage", "over_triage")


@dataclass(frozen=True, slots=True)
class Line:
    """One group's figures; None is hidden, or rests on no case."""

    group: str
    cases: int | None
    shares: Mapping[str, Share | None]
    waited: Waits | None


@dataclass(frozen=True, slots=True)
class Total:
    """The figures over all cases of a period, and of all that were read a second time."""

    cases: int
    raised: Share | None
    lowered: Share | None
    closed: Share | None
    waited: Waits | None
    under_triage: Share | None
    over_triage: Share | None
    engine_under_triage: Share | None
    engine_over_triage: Share | None
    agreement: Agreement


def total(handled: Sequence[HandledCase], read: Sequence[ReadCase], *, is_whole: bool = True) -> Total:
    """The figures of a period. `is_whole`: every drawn stratum has a read case; else weighed figures are None.

    A stratum of which nothing is read would weigh nothing, as if none of its cases were placed wrongly.
    """
    weighed = figures.weigh(read) if is_whole else []
    return Total(
        cases=len(handled),
        raised=figures.plain_share(each.is_raised for each in handled),
        lowered=figures.plain_share(each.is_lowered for each in handled),
        closed=figures.plain_share(each.is_closed for each in handled),
        waited=figures.waits(each.waited for each in handled),
        under_triage=figures.under_triage(weighed),
        over_triage=figures.over_triage(weighed),
        engine_under_triage=figures.under_triage(weighed, by_engine=True),
        engine_over_triage=figures.over_triage(weighed, by_engine=True),
        agreement=figures.agreement(read),
    )


def by_group(
    dimension: str, handled: Sequence[HandledCase], read: Sequence[ReadCase], least: int
) -> tuple[Line, ...]:
    """The lines of a dimension, most cases first; every figure hides its own small cells.

    `read` is empty while a stratum that was drawn has no read case.
    """
    cases = _split(handled, lambda case: case.groups[dimension])
    drawn = _split(figures.weigh(read), lambda weighed: weighed.case.groups[dimension])
    groups = sorted(cases.keys() | drawn.keys())
    counts = {each: len(cases[each]) for each in groups}
    hidden = hide(counts, least)
    shares = {
        name: _shown({each: of(cases[each], drawn[each]) for each in groups}, least, hidden)
        for name, of in _OF.items()
    }
    waited = _shown({each: figures.waits(case.waited for case in cases[each]) for each in groups}, least, hidden)
    return tuple(
        Line(each, counts[each], {name: shares[name][each] for name in SHARES}, waited[each])
        for each in sorted(groups, key=lambda each: -counts[each])
        if each not in hidden
    ) + tuple(Line(each, None, {name: shares[name][each] for name in SHARES}, None) for each in sorted(hidden))


def hide(counts: Mapping[str, int], least: int, hidden_too: Set[str] = frozenset()) -> frozenset[str]:
    """The groups that are not shown: those of fewer than `least`, and as many more as keep them from being computed.

    The total is known, so what is hidden must be two groups or more, and together `least` or more: the smallest of
    the others are hidden with them until that holds. `hidden_too` are hidden already, in what this is a part of.
    """
    hidden = {group for group, count in counts.items() if count < least or group in hidden_too}
    others = sorted(counts.keys() - hidden, key=lambda group: (counts[group], group))
    while hidden and others and (len(hidden) < 2 or sum(counts[each] for each in hidden) < least):
        hidden.add(others.pop(0))
    return frozenset(hidden)


def _split(all_of: Iterable[Case], group_of: Callable[[Case], str]) -> defaultdict[str, list[Case]]:
    parts: defaultdict[str, list[Case]] = defaultdict(list)
    for each in all_of:
        parts[group_of(each)].append(each)
    return parts


def _shown(found: Mapping[str, Figure | None], least: int, hidden_too: Set[str]) -> dict[str, Figure | None]:
    """A figure by group, None where it is hidden."""
    hidden = hide({group: each.count if each else 0 for group, each in found.items()}, least, hidden_too)
    return {group: None if group in hidden else each for group, each in found.items()}


_Cases = Sequence[HandledCase]
_Read = Sequence[Weighed]
_OF: Mapping[str, Callable[[_Cases, _Read], Share | None]] = {
    "overridden": lambda cases, _read: figures.plain_share(each.is_raised or each.is_lowered for each in cases),
    "closed": lambda cases, _read: figures.plain_share(each.is_closed for each in cases),
    "under_triage": lambda _cases, read: figures.under_triage(read),
    "over_triage": lambda _cases, read: figures.over_triage(read),
}
