"""Choosing the team of an area and the responder who is called first, over what the stores know."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from schemas.area import Area
from triage.domain.assignment import OnCall, ResponderChoice, Team, choose_first_responder, choose_team
from triage.handlers.turn import Turn
from triage.store import people


async def team_for(turn: Turn, area: Area) -> tuple[Any, bool]:
    """The team of an area, and whether that team covers it; the last-resort team owns what nobody covers.

    Its row has the area's time zone too, `area_zone`, when it is known.
    """
    found = await people.teams_for(turn.tx, area)
    rows = {str(row["team_id"]): row for row in found}
    covered: dict[str, list[str]] = {}
    for row in found:
        if row["prefix"] is not None:
            covered.setdefault(str(row["team_id"]), []).append(row["prefix"])
    teams = [Team(team_id, area.system, tuple(prefixes)) for team_id, prefixes in covered.items()]
    teams += [Team(team_id, is_last_resort=True) for team_id, row in rows.items() if row["is_last_resort"]]
    choice = choose_team(area, teams)
    return rows[choice.team_id], choice.reasons == ("covers_area",)


def first_responder(
    on_call: Iterable[Any], language: str, excluded: Collection[UUID]
) -> tuple[UUID | None, dict[str, object]]:
    """Who of those on call at a level is called first, and the reasons as they are kept."""
    rows = list(on_call)
    called = [OnCall(str(row["person_id"]), row["position"], (row["language"], *row["languages"])) for row in rows]
    loads = {str(row["person_id"]): row["open_cases"] for row in rows}
    choice: ResponderChoice = choose_first_responder(called, language, loads, [str(each) for each in excluded])
    person = UUID(choice.person_id) if choice.person_id else None
    return person, asdict(choice)
