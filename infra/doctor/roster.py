"""The roster: somebody who can be reached, at every hour of the next thirty days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.doctor.database import sql
from infra.doctor.finding import Finding, fail, failures, ok, warning
from infra.doctor.visit import Visit

AHEAD = timedelta(days=30)
READER = "hotline_notifier"

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Team:
    """A team and its shifts by level. `is_canary`: it covers what is reserved for the canary, by a loopback."""

    team_id: UUID
    is_desk: bool
    is_last_resort: bool
    levels: Mapping[str, Sequence[Span]]
    is_canary: bool = False

    def __str__(self) -> str:
        if self.is_last_resort:
            return "the last-resort team"
        if self.is_desk:
            return "the desk"
        return "the canary's team" if self.is_canary else f"team {self.team_id}"


def gaps(spans: Iterable[Span], during: Span) -> list[Span]:
    """The times within `during` that no span covers; spans may overlap and come in any order."""
    found, covered = [], during[0]
    for begins, ends in sorted(spans):
        if begins >= during[1]:
            break
        if begins > covered:
            found.append((covered, begins))
        covered = max(covered, ends)
    return [*found, (covered, during[1])] if covered < during[1] else found


def uncovered(team: Team, during: Span) -> list[Finding]:
    """When nobody of a team is on call (it must be mended), and when nobody is at one of its levels."""
    nobody = gaps((span for spans in team.levels.values() for span in spans), during)
    if nobody:
        return [fail("roster", f"nobody of {team} is on call {_when(nobody, during)}: mend its roster")]
    holes = {level: gaps(spans, during) for level, spans in team.levels.items()}
    told = [
        warning("roster", f"{team} has nobody at level {level} {_when(spans, during)}: the next level is called")
        for level, spans in holes.items()
        if spans
    ]
    return told or [ok("roster", f"{team} is covered at every level for {AHEAD.days} days")]


def wrong_teams(teams: Sequence[Team]) -> list[Finding]:
    """Whether there is a team for what nobody covers, a desk, and one for the canary."""
    found = []
    if not any(team.is_last_resort for team in teams):
        found.append(
            fail("roster", "there is no last-resort team: name one, else a report from anywhere may reach nobody")
        )
    if not any(team.is_desk for team in teams):
        found.append(
            fail("roster", "there is no duty desk: a report that nobody reads would call nobody; set one up")
        )
    if not any(team.is_canary for team in teams):
        says = "nobody is on call by loopback, so `hotline canary` cannot come through: set up its area and team"
        found.append(fail("roster", says))
    return found


async def look_at_roster(visit: Visit) -> list[Finding]:
    """Every team, now and for thirty days."""
    async with visit.look(READER) as tx:
        rows = [row async for row in sql.teams(tx)]
        shifts = [row async for row in sql.shifts(tx)]
    teams = [_team(row, [shift for shift in shifts if shift["team_id"] == row["team_id"]]) for row in rows]
    during = (visit.now, visit.now + AHEAD)
    return wrong_teams(teams) + [finding for team in teams for finding in uncovered(team, during)]


async def look_at_phones(visit: Visit) -> list[Finding]:
    """Whether everybody on call can be rung."""
    async with visit.look(READER) as tx:
        rows = sql.unreachable(tx, begins=visit.now, ends=visit.now + AHEAD)
        people = [row["person_id"] async for row in rows]
    sentences = [f"person {each} is on call and has no phone: add one" for each in people]
    return failures("phones", sentences, "everybody on call has a phone")


def _team(row: Mapping[str, Any], shifts: Sequence[Mapping[str, Any]]) -> Team:
    """A team; a loopback reaches nobody, but for a team that covers what is reserved for the canary."""
    levels: dict[str, list[Span]] = {shift["level"]: [] for shift in shifts}
    for shift in shifts:
        if row["is_reserved"] or not shift["is_loopback"]:
            levels[shift["level"]].append((shift["begins"], shift["ends"]))
    is_canary = row["is_reserved"] and any(shift["is_loopback"] for shift in shifts)
    return Team(row["team_id"], row["is_desk"], row["is_last_resort"], levels, is_canary)


def _when(spans: Sequence[Span], during: Span) -> str:
    """In words: now, or the first instant and how often."""
    begins, ends = spans[0]
    first = (
        f"NOW, until {ends:%F %H:%M} UTC" if begins == during[0] else f"from {begins:%F %H:%M} to {ends:%F %H:%M} UTC"
    )
    return first if len(spans) == 1 else f"{first}, and {len(spans) - 1} more times within {AHEAD.days} days"
