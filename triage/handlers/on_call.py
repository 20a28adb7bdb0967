"""Who is on call in every team now, next and last, on what grounds, when nobody is, and what it asks of whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schemas.terms import Level
from triage.domain.roster import MADE_AHEAD, NOTHING, Absence, Changes, Gap, Roster, Shift, explain, joined
from triage.domain.roster.around import Around, around
from triage.domain.roster.load import Load, loads
from triage.handlers import covering
from triage.handlers.covering import Uncovered
from triage.handlers.turn import Turn
from triage.store import changes, people, rosters

LOOKED_BACK = timedelta(days=30)
LOAD_OF = timedelta(days=30)
"""Over how long what being on call asks of people is told, back and ahead."""


@dataclass(frozen=True, slots=True)
class Post:
    """A level of a team: who is on call around now, and who would be now or next and is not."""

    level: Level
    around: Around
    absent_now: tuple[Absence, ...]
    absent_next: tuple[Absence, ...]


@dataclass(frozen=True, slots=True)
class TeamOnCall:
    """A team (its row), its shifts of a month back and as far ahead as they are made, and what stands uncovered.

    `reachable` are those of its people who can be reached; `gaps` of the next 30 days, each with whether a supervisor
    let it stand; `loads` those of the last and the next 30 days.
    """

    team: Any
    zone: ZoneInfo
    shifts: Sequence[Shift]
    posts: Sequence[Post]
    reachable: frozenset[str]
    gaps: Sequence[tuple[Gap, bool]]
    loads: tuple[Sequence[Load], Sequence[Load]]


async def teams_on_call(turn: Turn, slug: str | None = None) -> list[TeamOnCall]:
    """Every team, or the one of this name, by name."""
    rules = {row["team_id"]: Roster.model_validate(row["rules"]) for row in await rosters.rules(turn.tx)}
    reached = await rosters.shifts(turn.tx, turn.now - LOOKED_BACK, turn.now + MADE_AHEAD, turn.now)
    found = await covering.uncovered(turn)
    loud = await covering.unaccepted(turn, found)
    told: list[TeamOnCall] = []
    for team in await people.teams(turn.tx):
        if slug in (None, team["slug"]):
            team_id = team["team_id"]
            gaps = [(each.gap, not _is_any(each, loud)) for each in found if each.team["team_id"] == team_id]
            reachable = frozenset(shift.person for shift in reached.get(team_id, ()))
            told.append(await _team(turn, team, rules.get(team_id), (reachable, gaps)))
    return told


def _is_any(gap: Uncovered, of: Iterable[Uncovered]) -> bool:
    return any(
        each.team["team_id"] == gap.team["team_id"]
        and each.gap.level is gap.gap.level
        and each.gap.begins_at < gap.gap.ends_at
        and gap.gap.begins_at < each.gap.ends_at
        for each in of
    )


async def _team(
    turn: Turn, team: Any, roster: Roster | None, known: tuple[frozenset[str], list[tuple[Gap, bool]]]
) -> TeamOnCall:
    now, team_id = turn.now, team["team_id"]
    made = await rosters.team_shifts(turn.tx, team_id, now - LOOKED_BACK, now + MADE_AHEAD)
    shifts = joined(made)
    changed = await changes.of_team(turn.tx, team_id, now) if roster is not None else NOTHING
    zone = ZoneInfo(roster.time_zone if roster is not None else team["time_zone"])
    here = {shift.level for shift in shifts} | {gap.level for gap, _ in known[1]}
    posts = [_post(roster, level, shifts, (now, changed)) for level in Level if level in here]
    calendar = roster.holidays if roster is not None else None
    load = [loads(shifts, during, zone, calendar) for during in ((now - LOAD_OF, now), (now, now + LOAD_OF))]
    return TeamOnCall(team, zone, shifts, posts, *known, (load[0], load[1]))


def _post(roster: Roster | None, level: Level, shifts: Sequence[Shift], at: tuple[datetime, Changes]) -> Post:
    now, changed = at
    found = around([shift for shift in shifts if shift.level is level], now)
    follows = found.now.ends_at

    def absent(when: datetime | None) -> tuple[Absence, ...]:
        return explain(roster, level, when, changed).absent if roster is not None and when is not None else ()

    return Post(level, found, absent(now), absent(follows if found.next is not None else None))
