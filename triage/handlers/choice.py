"""Choosing the team of an area and the responder who is called first, over what the stores know."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from schemas.area import Area, Place
from triage.domain.assignment import (
    Because,
    Needs,
    OnCall,
    ResponderChoice,
    Team,
    TeamChoice,
    choose_first_responder,
    choose_team,
)
from triage.handlers.turn import Turn
from triage.store import desks, people


async def team_for(turn: Turn, area: Area, place: Place) -> tuple[Any, TeamChoice]:
    """The team of an area, which is that of a place, and why; the last-resort team owns what nobody covers.

    Its row has the area's time zone too, `area_zone`, when it is known. That it is full sounds the desk's alarm.
    """
    found = await people.teams_for(turn.tx, area)
    rows = {str(row["team_id"]): row for row in found}
    prefixes: dict[str, list[str]] = {team_id: [] for team_id in rows}
    for row in found:
        if row["prefix"] is not None:
            prefixes[str(row["team_id"])].append(row["prefix"])
    teams = [_team(row, area.system, prefixes[team_id]) for team_id, row in rows.items()]
    choice = choose_team(area, place, teams)
    team = rows[choice.team_id]
    if "at_capacity" in choice.reasons:
        await _alarm_full(turn, team["team_id"], team["open_cases"])
    return team, choice


async def given_at_desk(turn: Turn, team_id: UUID, case_id: UUID) -> tuple[Because, ...]:
    """Why a team has a case that a person gave to it. That it is full sounds the same alarm, and hinders nothing."""
    held = await people.load(turn.tx, team_id, case_id)
    if not Team(str(team_id), capacity=held["capacity"], open_cases=held["open_cases"]).is_full:
        return ("given_at_desk",)
    await _alarm_full(turn, team_id, held["open_cases"])
    return ("given_at_desk", "at_capacity")


async def _alarm_full(turn: Turn, team_id: UUID, open_cases: int) -> None:
    await desks.alarm(turn.tx, "team_full", team_id, {"count": open_cases}, turn.now)


def _team(row: Any, system: str, prefixes: Iterable[str]) -> Team:
    return Team(
        str(row["team_id"]), system, tuple(prefixes), row["is_last_resort"], row["capacity"], row["open_cases"]
    )


def first_responder(
    on_call: Iterable[Any], needs: Needs, excluded: Iterable[UUID], avoid: UUID | None
) -> ResponderChoice:
    """Who of those on call at a level is called first, and why."""
    called = [
        OnCall(
            str(row["person_id"]),
            row["position"],
            (row["language"], *row["languages"]),
            tuple(row["skills"]),
            row["open_cases"],
        )
        for row in on_call
    ]
    return choose_first_responder(called, needs, {str(each) for each in excluded}, str(avoid) if avoid else None)
