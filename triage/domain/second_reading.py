"""The second reading: which cases of a week are drawn for it, and what its readers find together."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from schemas.terms import Urgency


class Certainty(StrEnum):
    """How sure a reader is of the urgency they found."""

    SURE = "sure"
    FAIRLY_SURE = "fairly_sure"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader found."""

    urgency: Urgency
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Framed:
    """A case of the week as it stands when the sample is drawn."""

    case_id: UUID
    urgency: Urgency
    is_closed: bool
    is_raised: bool


@dataclass(frozen=True, slots=True)
class Stratum:
    """How many cases of an urgency the week had, and how many of them were drawn."""

    urgency: Urgency
    cases: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn: the cases in the order they are offered to readers, and from how many."""

    cases: tuple[Framed, ...]
    strata: tuple[Stratum, ...]


def draw(frame: Sequence[Framed], sizes: Mapping[Urgency, int], seed: str) -> Sample:
    """Draw of each urgency as many cases as `sizes` says, evenly, or all of them where there are fewer.

    The cases of an urgency are put in the order of SHA-256 over the seed and their id, and the first ones are drawn:
    with the seed anybody can draw the same again. Those drawn of all urgencies are offered in that order too, so that
    a place in it says nothing about a case.
    """
    drawn: list[Framed] = []
    strata = []
    for urgency in Urgency:
        cases = sorted((each for each in frame if each.urgency is urgency), key=lambda each: _lot(seed, each))
        chosen = cases[: sizes[urgency]]
        drawn += chosen
        strata += [Stratum(urgency, len(cases), len(chosen))] if chosen else []
    return Sample(tuple(sorted(drawn, key=lambda each: _lot(seed, each))), tuple(strata))


def truth(readings: Iterable[Urgency]) -> Urgency | None:
    """What readers found together, in the order they read; None while another is needed.

    Two who agree settle it. Where they differ the third breaks the tie: the middle one of the three holds, which is
    that of two who agree.
    """
    first_three = list(readings)[:3]
    if len(first_three) < 2:
        return None
    if first_three[0] is first_three[1]:
        return first_three[0]
    return sorted(first_three, key=lambda each: each.rank)[1] if len(first_three) == 3 else None


def _lot(seed: str, case: Framed) -> bytes:
    return hashlib.sha256(f"{seed} {case.case_id}".encode()).digest()
