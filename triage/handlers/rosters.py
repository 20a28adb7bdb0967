"""Rosters: rules become shifts 35 days ahead, are made anew when people change them, and can be explained."""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from infra import audit
from infra.audit import AuditEntry
from infra.vault import Subject
from schemas.terms import Level
from triage.domain.roster import MADE_AHEAD, Explanation, Roster, explain, materialise
from triage.domain.roster.author import Acceptance
from triage.handlers import covering
from triage.handlers.covering import Act, RosterRefused, Uncovered
from triage.handlers.turn import Turn
from triage.store import changes, people, rosters

EXTEND_BELOW = MADE_AHEAD - timedelta(days=1)
PURPOSE = "roster"


async def apply_rosters(turn: Turn, given: Iterable[Roster], by: str, override: Acceptance | None = None) -> None:
    """Apply rosters together, replacing those of their teams from now on; leave and granted swaps stand.

    Refused when they name a team or person nobody knows, when they leave a level uncovered in the next 30 days or no
    longer say that it must have somebody (unless a supervisor's `override` accepts that), or when there is no desk
    team or no last-resort team. A gap that another team has already, or that a supervisor let stand and was not
    mended since, does not keep one team's roster from being mended.
    """
    await rosters.lock(turn.tx)
    known = await _ids(turn)
    by_slug = {row["slug"]: row for row in await people.teams(turn.tx)}
    applied = list(given)
    before = await _known_before(turn, {roster.team for roster in applied})
    promised = {row["team_id"]: Roster.model_validate(row["rules"]).levels for row in await rosters.rules(turn.tx)}
    left_out: list[Uncovered] = []
    for roster in applied:
        if roster.team not in by_slug:
            raise RosterRefused("roster_no_team", team=roster.team)
        if missing := sorted(roster.handles - known.keys()):
            raise RosterRefused("roster_no_person", team=roster.team, person=", ".join(missing))
        team = by_slug[roster.team]
        # A pack's ladder calls every level; a team with a ladder of its own must cover the levels of that.
        called = () if team["ladder"] else tuple(Level)
        left_out += covering.left_out(turn, team, promised.get(team["team_id"], called), roster.levels)
        await replace(turn, team["team_id"], roster, by)
    await covering.check(turn, before, Act("apply_rosters", acceptance=override), left_out)
    if not any(row["is_last_resort"] for row in by_slug.values()):
        raise RosterRefused("roster_no_last_resort")
    if not any(row["is_desk"] for row in by_slug.values()):
        raise RosterRefused("roster_no_desk")
    for roster in applied:
        await record(turn, by, "apply_roster", Subject("organisation", by_slug[roster.team]["team_id"]))


async def replace(turn: Turn, team_id: UUID, roster: Roster, by: str) -> None:
    """Keep the rules of a team from now on, and make its shifts by them; whoever calls this checks what it leaves."""
    until = turn.now + MADE_AHEAD
    rules = roster.model_dump(mode="json", exclude_defaults=True)
    digest = hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).digest()
    await rosters.clear(turn.tx, team_id, turn.now)
    await rosters.save_rules(
        turn.tx, team_id, rules=rules, digest=digest, now=turn.now, applied_by=by, made_until=until
    )
    shifts = materialise(roster, turn.now, until, await changes.of_team(turn.tx, team_id, turn.now))
    await rosters.add_shifts(turn.tx, team_id, shifts, await _ids(turn))


async def extend(turn: Turn) -> None:
    """Make shifts further ahead where less than 34 days are made."""
    await rosters.lock(turn.tx)
    until = turn.now + MADE_AHEAD
    for row in await rosters.rules(turn.tx):
        if row["made_until"] < turn.now + EXTEND_BELOW:
            await _make(turn, row, max(row["made_until"], turn.now), until)
            await rosters.extend(turn.tx, row["team_id"], until)


async def remake(turn: Turn, team_ids: Collection[UUID], since: datetime) -> None:
    """Make the shifts of teams anew from an instant on (not before now), after people changed something."""
    since = max(since, turn.now)
    for row in await rosters.rules(turn.tx):
        if row["team_id"] in team_ids and since < row["made_until"]:
            await rosters.clear(turn.tx, row["team_id"], since)
            await _make(turn, row, since, row["made_until"])


async def teams_of(turn: Turn, person: Any, since: datetime) -> set[UUID]:
    """The teams whose rosters or granted swaps name a person (its row)."""
    rules = await rosters.rules(turn.tx)
    named = {row["team_id"] for row in rules if person["handle"] in Roster.model_validate(row["rules"]).handles}
    return named | await changes.swapping_teams(turn.tx, person["person_id"], since)


async def explanation(turn: Turn, slug: str, level: Level, at: datetime) -> Explanation:
    """Why whoever is on call is; RosterRefused for a team nobody knows, or one without a roster.

    `at` without an offset is in the time of the team. What is past is told from the shifts as they were made; of
    those who were not on call then nothing is known any more.
    """
    team = next((row for row in await people.teams(turn.tx) if row["slug"] == slug), None)
    rules = {row["team_id"]: row["rules"] for row in await rosters.rules(turn.tx)}
    if team is None or team["team_id"] not in rules:
        raise RosterRefused("roster_unknown", team=slug)
    roster = Roster.model_validate(rules[team["team_id"]])
    at = at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(roster.time_zone))
    if at < turn.now:
        return Explanation(level, tuple(await rosters.on_call(turn.tx, team["team_id"], level, at)), ())
    return explain(roster, level, at, await changes.of_team(turn.tx, team["team_id"], turn.now))


async def record(turn: Turn, actor: str, action: str, subject: Subject) -> None:
    """Write down what somebody did about a roster."""
    entry = AuditEntry(at=turn.now, actor=actor, purpose=PURPOSE, action=action, subject=subject)
    await audit.record(turn.tx, entry)


async def _known_before(turn: Turn, slugs: Collection[str]) -> list[Uncovered]:
    """What is uncovered now of teams that have a roster and are given none, and what was let stand of the others."""
    with_roster = {row["team_id"] for row in await rosters.rules(turn.tx)}
    found = await covering.uncovered(turn)
    given = [each for each in found if each.team["slug"] in slugs]
    others = [each for each in found if each not in given and each.team["team_id"] in with_roster]
    return others + await covering.let_stand(turn, given)


async def _make(turn: Turn, row: Any, since: datetime, until: datetime) -> None:
    roster = Roster.model_validate(row["rules"])
    shifts = materialise(roster, since, until, await changes.of_team(turn.tx, row["team_id"], since))
    await rosters.add_shifts(turn.tx, row["team_id"], shifts, await _ids(turn))


async def _ids(turn: Turn) -> dict[str, UUID]:
    return {row["handle"]: row["person_id"] for row in await people.people(turn.tx)}
