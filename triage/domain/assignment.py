"""Who gets a case: the team that covers the child's place, and the responder on call who is called first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.area import Area, Place

Because = Literal[
    "place_now",
    "place_incident",
    "place_home",
    "place_carers",
    "place_registration",
    "place_unknown",
    "place_not_covered",
    "covers_area",
    "below_capacity",
    "at_capacity",
    "given_at_desk",
    "last_resort_stands_in",
    "conflict_left_out",
    "conflict_to_check",
    "handed_back_left_out",
    "only_who_handed_back",
    "never_alone_left_out",
    "only_never_alone",
    "speaks_language",
    "nobody_speaks_language",
    "has_skill",
    "nobody_has_skill",
    "lighter_load",
    "first_in_roster",
    "nobody_on_call",
    "everybody_excluded",
]

_OF_PLACE: dict[Place, Because] = {
    "now": "place_now",
    "incident": "place_incident",
    "home": "place_home",
    "carers": "place_carers",
    "registration": "place_registration",
}


@dataclass(frozen=True, slots=True)
class Team:
    """A team and the area codes it covers, each matched as a prefix within its system.

    `capacity` is how many live cases it can hold beside one another, None without a limit; `open_cases` it holds now.
    """

    id: str
    area_system: str = ""
    prefixes: tuple[str, ...] = ()
    is_last_resort: bool = False
    capacity: int | None = None
    open_cases: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it holds as many cases as it can, or more."""
        return self.capacity is not None and self.open_cases >= self.capacity

    def reach(self, area: Area) -> int:
        """How closely it covers an area: the length of the longest prefix of its code, 0 for not at all."""
        if area.code is None or area.system != self.area_system:
            return 0
        return max((len(prefix) for prefix in self.prefixes if area.code.startswith(prefix)), default=0)


@dataclass(frozen=True, slots=True)
class OnCall:
    """A person on call now, at a place in the roster (0 is first), with how many open cases they have."""

    person_id: str
    position: int
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    open_cases: int = 0


@dataclass(frozen=True, slots=True)
class Needs:
    """What a case asks of the responder who is called first.

    `may_conflict`: something was found, as that the person of concern is staff, with which a colleague must not be
    called. Only people know who is one.
    Whoever has a skill of `never_alone` lives among those concerned, as a child director does in the village, and is
    not sent to this case alone: they are called first only where nobody else is.
    """

    language: str
    skills: tuple[str, ...] = ()
    may_conflict: bool = False
    never_alone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """The chosen team and why."""

    team_id: str
    reasons: tuple[Because, ...]

    @property
    def is_where_child_is(self) -> bool:
        """Whether the team covers where the child is now; else finding that out is a task (domain.md 2.2)."""
        return {"place_now", "covers_area"} <= set(self.reasons)


@dataclass(frozen=True, slots=True)
class ResponderChoice:
    """Who is called first and why. `person_id` None is an alarm at once, not a wait.

    `skills` are those needed that the person has, `missing` those they have not.
    """

    person_id: str | None
    reasons: tuple[Because, ...]
    skills: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class NoLastResortTeamError(Exception):
    """A configuration without a last-resort team: it must be refused before it is used."""


def choose_team(area: Area, place: Place, teams: Sequence[Team]) -> TeamChoice:
    """The team with the longest prefix of the area's code in its system; else the last-resort team, at once.

    Of teams that cover it equally well one below its capacity comes first, then the first listed. Where all are at
    their capacity the first still gets the case. Raises NoLastResortTeamError where that team is missing.
    """
    if area.code is None:
        return _last_resort(teams, ("place_unknown",))
    closest = max((team.reach(area) for team in teams), default=0)
    if not closest:
        return _last_resort(teams, (_OF_PLACE[place], "place_not_covered"))
    covering = [team for team in teams if team.reach(area) == closest]
    free = [team for team in covering if not team.is_full]
    reasons: tuple[Because, ...] = (_OF_PLACE[place], "covers_area")
    if not free:
        return TeamChoice(covering[0].id, (*reasons, "at_capacity"))
    return TeamChoice(free[0].id, reasons if len(free) == len(covering) else (*reasons, "below_capacity"))


def _last_resort(teams: Sequence[Team], reasons: tuple[Because, ...]) -> TeamChoice:
    for team in teams:
        if team.is_last_resort:
            return TeamChoice(team.id, (*reasons, "at_capacity") if team.is_full else reasons)
    raise NoLastResortTeamError


def choose_first_responder(
    on_call: Sequence[OnCall], needs: Needs, excluded: Collection[str], avoid: str | None = None
) -> ResponderChoice:
    """Who is called first: who speaks the language, then has the skills, then the lighter load, then roster place.

    `excluded` have a conflict of interest and are never chosen; `avoid` handed the case back, and is chosen where
    nobody else can be. A language or skill that nobody has is told, and holds nobody up.
    """
    if not on_call:
        return ResponderChoice(None, ("nobody_on_call",))
    free = [person for person in on_call if person.person_id not in excluded]
    if not free:
        return ResponderChoice(None, ("everybody_excluded",))
    reasons: list[Because] = ["conflict_to_check"] if needs.may_conflict else []
    if len(free) < len(on_call):
        reasons.append("conflict_left_out")
    pool = _accompanied(_without(avoid, free, reasons), needs.never_alone, reasons)
    speaking = [person for person in pool if needs.language in person.languages]
    reasons.append("speaks_language" if speaking else "nobody_speaks_language")
    pool = _most_skilled(speaking or pool, needs.skills, reasons)
    first = _least_loaded(pool, reasons)
    skills = tuple(skill for skill in needs.skills if skill in first.skills)
    missing = tuple(skill for skill in needs.skills if skill not in first.skills)
    return ResponderChoice(first.person_id, tuple(reasons), skills, missing)


def _without(avoid: str | None, free: list[OnCall], reasons: list[Because]) -> list[OnCall]:
    others = [person for person in free if person.person_id != avoid]
    if len(others) < len(free):
        reasons.append("handed_back_left_out" if others else "only_who_handed_back")
    return others or free


def _accompanied(pool: list[OnCall], never_alone: Collection[str], reasons: list[Because]) -> list[OnCall]:
    others = [person for person in pool if set(never_alone).isdisjoint(person.skills)]
    if len(others) < len(pool):
        reasons.append("never_alone_left_out" if others else "only_never_alone")
    return others or pool


def _most_skilled(pool: list[OnCall], wanted: Collection[str], reasons: list[Because]) -> list[OnCall]:
    if not wanted:
        return pool
    counts = [len(set(wanted).intersection(person.skills)) for person in pool]
    reasons.append("has_skill" if max(counts) else "nobody_has_skill")
    return [person for person, count in zip(pool, counts, strict=True) if count == max(counts)]


def _least_loaded(pool: list[OnCall], reasons: list[Because]) -> OnCall:
    lightest = min(person.open_cases for person in pool)
    light = [person for person in pool if person.open_cases == lightest]
    if len(light) < len(pool):
        reasons.append("lighter_load")
    if len(light) > 1:
        reasons.append("first_in_roster")
    return min(light, key=lambda person: (person.position, person.person_id))
