"""Taking shifts written by hand into a team's roster: what changes by it, checked as every other change is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from infra.vault import Subject
from triage.domain.roster import MADE_AHEAD, Roster, Shift, joined
from triage.domain.roster.author import Acceptance
from triage.domain.roster.importing import Difference, Line, difference, imported, with_imported
from triage.domain.roster.rules import ByHand
from triage.handlers import covering, rosters
from triage.handlers.covering import Act, RosterRefused
from triage.handlers.lines import Fault, LinesRefused
from triage.handlers.turn import Turn
from triage.store import changes, people
from triage.store import rosters as store

FURTHEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Team:
    """A team with a roster: its row, and its rules."""

    row: Any
    roster: Roster

    @property
    def zone(self) -> ZoneInfo:
        """The zone on whose wall its times are."""
        return ZoneInfo(self.roster.time_zone)


async def team_of(turn: Turn, slug: str) -> Team:
    """A team by its name in files; RosterRefused when nobody knows it, or it has no roster."""
    rules = {row["team_id"]: row["rules"] for row in await store.rules(turn.tx)}
    for row in await people.teams(turn.tx):
        if row["slug"] == slug and row["team_id"] in rules:
            return Team(row, Roster.model_validate(rules[row["team_id"]]))
    raise RosterRefused("roster_unknown", team=slug)


async def keep_imported(turn: Turn, given: Iterable[Roster]) -> tuple[list[Roster], list[tuple[Roster, ByHand]]]:
    """Rosters with what imports had added to those they replace; and which shifts these are, each with its roster."""
    await store.lock(turn.tx)
    slugs = {row["team_id"]: row["slug"] for row in await people.teams(turn.tx)}
    before = {slugs[row["team_id"]]: Roster.model_validate(row["rules"]) for row in await store.rules(turn.tx)}
    whole: list[Roster] = []
    kept: list[tuple[Roster, ByHand]] = []
    for roster in given:
        was = before.get(roster.team)
        made_whole, added = with_imported(roster, was, turn.now) if was is not None else (roster, [])
        kept += [(roster, each) for each in added]
        whole.append(made_whole)
    return whole, kept


async def made(turn: Turn, team: Team) -> list[Shift]:
    """The shifts of a team as they are made from now on, running ones whole, reachable or not."""
    return joined(await store.team_shifts(turn.tx, team.row["team_id"], turn.now, turn.now + MADE_AHEAD))


async def import_shifts(
    turn: Turn, slug: str, lines: Sequence[Line], by: str, override: Acceptance | None = None
) -> Difference:
    """Take lines into a team's roster (`roster.importing`); returns what that changes, and writes nothing if nothing.

    LinesRefused names lines about people nobody knows, too far ahead, or that the wall cannot say. RosterRefused when
    it would leave a level uncovered, unless a supervisor accepts that.
    """
    await store.lock(turn.tx)
    team = await team_of(turn, slug)
    await _refuse_strange(turn, lines)
    during = (turn.now, max([turn.now + MADE_AHEAD, *(each.ends_at for each in lines)]))
    known = await changes.of_team(turn.tx, team.row["team_id"], turn.now)
    roster, unsaid = imported(team.roster, lines, during, known)
    if unsaid:
        raise LinesRefused(Fault(each.number, "roster_lines_twice", {}) for each in unsaid)
    found = difference(team.roster, roster, during, known)
    if roster != team.roster:
        before = await covering.uncovered(turn)
        await rosters.replace(turn, team.row["team_id"], roster, by)
        await covering.check(turn, before, Act("import_shifts", acceptance=override))
        await rosters.record(turn, by, "import_shifts", Subject("organisation", team.row["team_id"]))
    return found


async def _refuse_strange(turn: Turn, lines: Iterable[Line]) -> None:
    here = {row["handle"] for row in await people.people(turn.tx) if row["is_active"]}
    strange = (each for each in lines if each.person not in here)
    far = (each for each in lines if each.ends_at > turn.now + FURTHEST)
    faults = [
        *(Fault(each.number, "roster_lines_person", {"person": each.person}) for each in strange),
        *(Fault(each.number, "roster_lines_far", {"days": FURTHEST.days}) for each in far),
    ]
    if faults:
        raise LinesRefused(sorted(faults, key=lambda fault: fault.number))
