"""What moves when reports are judged again under packs that are not in force: a table for people to read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from schemas.terms import Urgency
from triage.domain.assessment import Assessment


@dataclass(frozen=True, slots=True)
class Replayed:
    """One report under the packs in force (`was`) and under those that are tried: urgencies, rules, names of packs.

    `name` tells which report, without a word of it.
    """

    name: str
    was: Urgency
    becomes: Urgency
    came: frozenset[str]
    went: frozenset[str]
    packs: tuple[str, str]

    @classmethod
    def of(cls, name: str, was: Assessment, becomes: Assessment) -> "Replayed":
        """The same from both judgements."""
        came, went = becomes.rules - was.rules, was.rules - becomes.rules
        return cls(name, was.urgency, becomes.urgency, came, went, (was.pack, becomes.pack))

    @property
    def is_moved(self) -> bool:
        """Whether its urgency is another one."""
        return self.was is not self.becomes


def table(replayed: Sequence[Replayed]) -> Iterator[str]:
    """How many were judged by which packs, from where to where; each that moved, with rules that came and went."""
    moved = [each for each in replayed if each.is_moved]
    yield from _packs(replayed)
    if not moved:
        yield "nothing moved" if replayed else "nothing was judged"
        return
    yield ""
    yield from _matrix(replayed)
    yield ""
    yield from map(_line, moved)


def _packs(replayed: Iterable[Replayed]) -> Iterator[str]:
    judged, moved = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for each in replayed:
        judged[each.packs] += 1
        moved[each.packs] += each.is_moved
    for packs, count in sorted(judged.items()):
        yield f"{packs[0]} -> {packs[1]}: {count} judged, {moved[packs]} moved"


def _matrix(replayed: Iterable[Replayed]) -> Iterator[str]:
    count = Counter((each.was, each.becomes) for each in replayed)
    yield f"{'from / to':<10}" + "".join(f"{to:>11}" for to in Urgency)
    for was in Urgency:
        yield f"{was:<10}" + "".join(f"{count[was, to] or '.':>11}" for to in Urgency)


def _line(moved: Replayed) -> str:
    rules = [f"+{rule}" for rule in sorted(moved.came)] + [f"-{rule}" for rule in sorted(moved.went)]
    return " ".join([f"{moved.name}: {moved.was} -> {moved.becomes} ", *rules]).rstrip()
