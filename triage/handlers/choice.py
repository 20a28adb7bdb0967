"""Choosing the team of an area and the responder who is called first, over what the stores know."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any
from uuid import UUID

from schemas.area import Area
from schemas.terms import Level
from triage.domain.assignment import OnCall, ResponderChoice, Team, choose_first_responder, choose_team
from triage.domain.case import Case
from triage.handlers.turn import Turn
from triage.store import people


async def team_for(turn: Turn, area: Area) -> tuple[Any, bool]:
    """The team of an area, and whether that team covers it; the last-resort team owns what nobody covers."""
    covered: dict[tuple[UUID, str], list[str]] = {}
    for row in await people.team_areas(turn.tx):
        if row["edition"] == area.edition:
            covered.setdefault((row["team_id"], row["system"]), []).append(row["prefix"])
    teams = [Team(str(team_id), system, tuple(prefixes)) for (team_id, system), prefixes in covered.items()]
    rows = {str(row["team_id"]): row for row in await people.teams(turn.tx)}
    teams += [Team(team_id, is_last_resort=True) for team_id, row in rows.items() if row["is_last_resort"]]
    choice = choose_team(area, teams)
    return rows[choice.team_id], choice.reasons == ("covers_area",)


async def first_responder(
    turn: Turn, case: Case, level: Level, excluded: Collection[UUID]
) -> tuple[UUID | None, dict[str, object]]:
    """Who of the case's team is called first, and the reasons as they are kept."""
    rows = [row for row in await people.on_call(turn.tx, case.team_id, turn.now) if row["level"] == level]
    on_call = [OnCall(str(row["person_id"]), row["position"], (row["language"], *row["languages"])) for row in rows]
    loads = {str(row["person_id"]): row["open_cases"] for row in rows}
    choice: ResponderChoice = choose_first_responder(on_call, case.language, loads, [str(each) for each in excluded])
    person = UUID(choice.person_id) if choice.person_id else None
    return person, asdict(choice)
