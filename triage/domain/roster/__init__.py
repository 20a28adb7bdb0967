"""Rosters: who is on call, from rules to shifts, in local time on both sides of daylight saving.

People are named by their handle, as roster files name them. `rules` is what a file may say, `stretches` which local
times that is, `shifts` who is on call then, `gaps` when nobody is, `explain` why it is whoever it is.
"""

from triage.domain.roster.explain import Absence, Explanation, explain
from triage.domain.roster.gaps import Gap, beyond, gaps
from triage.domain.roster.rules import Roster, Rotation, Rule
from triage.domain.roster.shifts import (
    MADE_AHEAD,
    NOTHING,
    WATCHED_AHEAD,
    Changes,
    Grounds,
    Leave,
    Shift,
    Swap,
    joined,
    materialise,
)
from triage.domain.roster.wall import instant

__all__ = [
    "MADE_AHEAD",
    "NOTHING",
    "WATCHED_AHEAD",
    "Absence",
    "Changes",
    "Explanation",
    "Gap",
    "Grounds",
    "Leave",
    "Roster",
    "Rotation",
    "Rule",
    "Shift",
    "Swap",
    "beyond",
    "explain",
    "gaps",
    "instant",
    "joined",
    "materialise",
]
