"""Who gets a case: the team that covers the child's place, and the responder on call who is called first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.area import Area

Because = Literal[
    "covers_area",
    "place_unknown",
    "place_not_covered",
    "speaks_language",
    "nobody_speaks_language",
    "lighter_load",
    "first_in_roster",
    "nobody_on_call",
    "everybody_excluded",
]


@dataclass(frozen=True, slots=True)
class Team:
    """A team and the area codes it covers, each matched as a prefix within its system."""

    id: str
    area_system: str = ""
    prefixes: tuple[str, ...] = ()
    is_last_resort: bool = False


@dataclass(frozen=True, slots=True)
class OnCall:
    """A person on call now, at a place in the roster (0 is first)."""

    person_id: str
    position: int
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """The chosen team and why."""

    team_id: str
    reasons: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class ResponderChoice:
    """Who is called first and why. `person_id` None is an alarm at once, not a wait."""

    person_id: str | None
    reasons: tuple[Because, ...]


class NoLastResortTeamError(Exception):
    """A configuration without a last-resort team: it must be refused before it is used."""


def choose_team(area: Area, teams: Sequence[Team]) -> TeamChoice:
    """The team with the longest prefix of the area's code in its system; else the last-resort team.

    An area whose code is unknown, or which nobody covers, belongs to the last-resort team at once. Of two teams
    with the same prefix the first listed is chosen. Raises NoLastResortTeamError where it is missing.
    """
    if area.code is None:
        return TeamChoice(_last_resort(teams).id, ("place_unknown",))
    covering = [
        (len(prefix), -at, team.id)
        for at, team in enumerate(teams)
        if team.area_system == area.system
        for prefix in team.prefixes
        if prefix and area.code.startswith(prefix)
    ]
    if covering:
        return TeamChoice(max(covering)[2], ("covers_area",))
    return TeamChoice(_last_resort(teams).id, ("place_not_covered",))


def _last_resort(teams: Sequence[Team]) -> Team:
    for team in teams:
        if team.is_last_resort:
            return team
    raise NoLastResortTeamError


def choose_first_responder(
    on_call: Sequence[OnCall], language: str, loads: Mapping[str, int], excluded: Collection[str]
) -> ResponderChoice:
    """Who is called first: one who speaks the language, then lighter load, then place in the roster.

    `loads` are open cases by person id; `excluded` have a conflict of interest and are never chosen.
    """
    if not on_call:
        return ResponderChoice(None, ("nobody_on_call",))
    free = [person for person in on_call if person.person_id not in excluded]
    if not free:
        return ResponderChoice(None, ("everybody_excluded",))
    speaking = [person for person in free if language in person.languages]
    reasons: list[Because] = ["speaks_language" if speaking else "nobody_speaks_language"]
    pool = speaking or free
    lightest = min(loads.get(person.person_id, 0) for person in pool)
    light = [person for person in pool if loads.get(person.person_id, 0) == lightest]
    if len(light) < len(pool):
        reasons.append("lighter_load")
    if len(light) > 1:
        reasons.append("first_in_roster")
    first = min(light, key=lambda person: (person.position, person.person_id))
    return ResponderChoice(first.person_id, tuple(reasons))
