"""How likely two cases are about the same child, from the kinds of clues they share. It offers and never decides.

One strong clue is enough for *strong*; anything else shared is *possible*. Nothing is summed: the reasons are the
kinds. A clue that many reports carry says nothing, and is not looked at.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from triage.domain.clues import Kind

MOST_CARRIERS = 24
"""A clue that more reports carry is common: a school's phone, a frequent name in a large district."""
MOST_OFFERED = 10
STRONG = frozenset({Kind.IDENTITY, Kind.PHONE, Kind.REFERENCE, Kind.NAME_BORN, Kind.NAME_BIRTHDAY})


class Strength(StrEnum):
    """How much a likeness says."""

    STRONG = "strong"
    POSSIBLE = "possible"


def kind_between(here: Kind, there: Kind) -> Kind:
    """The kind of a clue that two reports share: a reporter's phone that another report names is the phone itself."""
    return here if Kind.REPORTER_PHONE in (here, there) and here is there else _other(here, there)


def strength(kinds: Iterable[Kind]) -> Strength:
    """How much the shared kinds say together: strong if one of them is."""
    return Strength.POSSIBLE if STRONG.isdisjoint(kinds) else Strength.STRONG


def in_order(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """The reasons for a likeness, what says most first; a kind that another includes is left out."""
    shared = set(kinds)
    hidden = {less for more, included in _INCLUDED.items() if more in shared for less in included}
    return tuple(kind for kind in Kind if kind in shared - hidden)


_INCLUDED: Mapping[Kind, frozenset[Kind]] = {
    Kind.NAME_BIRTHDAY: frozenset({Kind.NAME_BORN, Kind.SOUND_BORN, Kind.NAME}),
    Kind.NAME_BORN: frozenset({Kind.SOUND_BORN, Kind.NAME}),
}


def _other(here: Kind, there: Kind) -> Kind:
    return there if here is Kind.REPORTER_PHONE else here
