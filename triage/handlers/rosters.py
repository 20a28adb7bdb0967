"""Rosters: rules become shifts 35 days ahead, and one in which nobody would be reached is refused."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.ladder import Ladder
from schemas.terms import Level
from triage.domain.case import Cause
from triage.domain.roster import MADE_AHEAD, WATCHED_AHEAD, Gap, Roster, gaps, materialise
from triage.handlers.presence import call_manager
from triage.handlers.turn import Turn
from triage.store import desks, people, rosters

CALLED_AHEAD = timedelta(days=1)
EXTEND_BELOW = MADE_AHEAD - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A team's level at which nobody who can be reached is on call, from–until. `team` is its row."""

    team: Any
    gap: Gap


class RosterRefused(Exception):
    """A roster that would leave somebody unreached; nothing was changed. `key` and `values` name the sentence."""

    def __init__(self, key: str, uncovered: Sequence[Uncovered] = (), **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.uncovered = tuple(uncovered)
        self.values = values


async def apply_rosters(turn: Turn, given: Iterable[Roster], by: str) -> None:
    """Apply rosters together, replacing those of their teams from now on.

    Refused when they name a team or person nobody knows, leave a level uncovered in the next 30 days, or when there
    is no desk team or no last-resort team.
    """
    await rosters.lock(turn.tx)
    ids = {row["handle"]: row["person_id"] for row in await people.people(turn.tx)}
    by_slug = {row["slug"]: row for row in await people.teams(turn.tx)}
    for roster in given:
        if roster.team not in by_slug:
            raise RosterRefused("roster_no_team", team=roster.team)
        if missing := sorted(roster.handles - ids.keys()):
            raise RosterRefused("roster_no_person", team=roster.team, person=", ".join(missing))
        await _replace(turn, by_slug[roster.team]["team_id"], roster, (ids, by))
    found = await uncovered(turn)
    if found:
        raise RosterRefused("roster_gap", found)
    if not any(row["is_last_resort"] for row in by_slug.values()):
        raise RosterRefused("roster_no_last_resort")
    if not any(row["is_desk"] for row in by_slug.values()):
        raise RosterRefused("roster_no_desk")


async def extend(turn: Turn) -> None:
    """Make shifts further ahead where less than 34 days are made; alarm what is uncovered.

    Of a gap that begins within a day the manager on call is called, once while its alarm sounds.
    """
    await rosters.lock(turn.tx)
    ids = {row["handle"]: row["person_id"] for row in await people.people(turn.tx)}
    until = turn.now + MADE_AHEAD
    for row in await rosters.rules(turn.tx):
        if row["made_until"] < turn.now + EXTEND_BELOW:
            shifts = materialise(Roster.model_validate(row["rules"]), max(row["made_until"], turn.now), until)
            await rosters.add_shifts(turn.tx, row["team_id"], shifts, ids)
            await rosters.extend(turn.tx, row["team_id"], until)
    soon = [await _alarm(turn, each) for each in await uncovered(turn)]
    if any(soon):
        await call_manager(turn, Cause.ROSTER_GAP)


async def _alarm(turn: Turn, each: Uncovered) -> bool:
    """Alarm a gap; whether it begins soon and was not alarmed as such before."""
    is_soon = each.gap.begins_at < turn.now + CALLED_AHEAD
    kind = "roster_gap_soon" if is_soon else "roster_gap"
    detail = {
        "level": each.gap.level,
        "from": each.gap.begins_at.isoformat(),
        "until": each.gap.ends_at.isoformat(),
    }
    is_new = await desks.alarm(turn.tx, f"{kind}/{each.gap.level}", each.team["team_id"], detail, turn.now)
    return is_soon and is_new


async def uncovered(turn: Turn) -> list[Uncovered]:
    """Every level that must be covered, of every team, with nobody reachable at some time in the next 30 days."""
    until = turn.now + WATCHED_AHEAD
    shifts = await rosters.shifts(turn.tx, turn.now, until)
    rules = {row["team_id"]: Roster.model_validate(row["rules"]) for row in await rosters.rules(turn.tx)}
    return [
        Uncovered(team, gap)
        for team in await people.teams(turn.tx)
        for gap in gaps(shifts.get(team["team_id"], []), _levels(team, rules), turn.now, until)
    ]


def sentence_values(each: Uncovered, language: str, zone: Any) -> dict[str, object]:
    """What the sentence about an uncovered level is filled with."""
    return {
        "team": each.team[f"name_{language}"],
        "level": each.gap.level,
        "from_": _said(each.gap.begins_at, zone),
        "until": _said(each.gap.ends_at, zone),
    }


async def _replace(turn: Turn, team_id: UUID, roster: Roster, known: tuple[dict[str, UUID], str]) -> None:
    ids, by = known
    until = turn.now + MADE_AHEAD
    rules = roster.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).digest()
    await rosters.clear(turn.tx, team_id, turn.now)
    await rosters.save_rules(
        turn.tx, team_id, rules=rules, digest=digest, now=turn.now, applied_by=by, made_until=until
    )
    await rosters.add_shifts(turn.tx, team_id, materialise(roster, turn.now, until), ids)


def _levels(team: Any, rules: dict[UUID, Roster]) -> tuple[Level, ...]:
    """The levels a team must cover: those its roster promises, and those of its own ladder."""
    promised = rules[team["team_id"]].levels if team["team_id"] in rules else (Level.FIRST,)
    own = tuple(rung.level for rung in Ladder.model_validate(team["ladder"]).rungs) if team["ladder"] else ()
    return tuple(dict.fromkeys((*promised, *own)))


def _said(at: datetime, zone: Any) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
