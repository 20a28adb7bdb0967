"""Leave and swaps at the desk: what people have asked for, and the forms by which they ask and supervisors decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from infra import audit
from infra.postgres import Transaction
from triage.console.desk_pages import chrome
from triage.console.frame import Frame
from triage.console.opened import open_name
from triage.console.rosters import look
from triage.console.sessions import Session
from triage.console.words import Words
from triage.domain.roster import MADE_AHEAD, Roster, Shift, joined
from triage.domain.roster.author import Author
from triage.store import changes, people, rosters

HOME = "/rosters/changes"
SHOWN = ("person.name", "leave", "swap", "shifts")


@dataclass(frozen=True)
class Choice:
    """A shift that can be given, as the form sends it and as it is read; `person_id` has it."""

    value: str
    person_id: UUID
    shift: Shift


@dataclass(frozen=True)
class View:
    """What the page shows: to supervisors everybody's, to others what they have a part in.

    `zones` are those of the teams, `zone_of` that of each person; `team` the one whose shifts can be swapped.
    """

    by: Author
    names: Mapping[UUID, str]
    zone_of: Mapping[UUID, str]
    zones: Sequence[str]
    teams: Mapping[UUID, Any]
    leaves: Sequence[Any]
    swaps: Sequence[Any]
    team: Any
    choices: Sequence[Choice]

    @property
    def askers(self) -> list[UUID]:
        """For whom this person can ask: a supervisor for everybody, others for themselves."""
        return list(self.names) if self.by.may_grant else [self.by.person_id]

    def may_decide(self, swap: Any) -> bool:
        """Whether this person can grant a swap."""
        return self.by.may_grant and self.by.person_id not in (swap["asked_by"], swap["giver_id"], swap["taker_id"])

    def may_refuse(self, swap: Any) -> bool:
        """Whether this person can refuse a swap."""
        return self.by.may_grant or self.by.person_id in (swap["giver_id"], swap["taker_id"])


async def changes_page(
    frame: Frame,
    request: Request,
    session: Session,
    messages: Sequence[str] = (),
    kept: Mapping[str, str] | None = None,
) -> Response:
    """The page; refused, with why and everything that was typed."""
    request.state.home = HOME
    async with frame.service.db.transaction() as tx:
        request.state.chrome = await chrome(tx, frame, request)
        view = await _view(tx, frame, request, Author.of(session.actor))
        await audit.record(tx, look(frame, session, "roster_changes_shown", SHOWN))
    status = 409 if messages else 200
    values = {"view": view, "messages": messages, "kept": kept or {}, "place": HOME}
    return frame.page(request, "roster_changes.html", status, **values)


async def _view(tx: Transaction, frame: Frame, request: Request, by: Author) -> View:
    now, words = frame.service.clock.now(), frame.words(request)
    rows = [row for row in await people.people(tx) if row["is_active"]]
    handles = {row["handle"]: row["person_id"] for row in rows}
    teams = {row["team_id"]: row for row in await people.teams(tx)}
    rules = {row["team_id"]: Roster.model_validate(row["rules"]) for row in await rosters.rules(tx)}
    zones = {handles[each]: zone for each, zone in (await rosters.zones(tx)).items() if each in handles}
    team = _chosen(request, teams, rules, by.person_id, handles)
    only = None if by.may_grant else by.person_id
    shifts = await rosters.team_shifts(tx, team["team_id"], now, now + MADE_AHEAD) if team else []
    return View(
        by,
        await _names(tx, frame, words, rows),
        zones,
        sorted({rule.time_zone for rule in rules.values()}),
        teams,
        await changes.coming_leaves(tx, only, now),
        await changes.coming_swaps(tx, only, now),
        team,
        [_choice(each, handles) for each in joined(shifts) if each.person in handles],
    )


def _chosen(
    request: Request, teams: Mapping[UUID, Any], rules: Mapping[UUID, Roster], me: UUID, handles: Mapping[str, UUID]
) -> Any:
    """The team that was asked for, else the first in which this person has a part, else the first with a roster."""
    asked = request.query_params.get("team") or getattr(request.state, "kept", {}).get("team")
    with_roster = [row for team_id, row in teams.items() if team_id in rules]
    mine = (row for row in with_roster if me in {handles.get(each) for each in rules[row["team_id"]].handles})
    wanted = (row for row in with_roster if row["slug"] == asked)
    return next(chain(wanted, mine, with_roster), None)


async def _names(tx: Transaction, frame: Frame, words: Words, rows: Sequence[Any]) -> dict[UUID, str]:
    named = {row["person_id"]: await open_name(tx, frame.service.vault, words, row) for row in rows}
    return dict(sorted(named.items(), key=lambda each: each[1]))


def _choice(shift: Shift, handles: Mapping[str, UUID]) -> Choice:
    person_id = handles[shift.person]
    value = f"{shift.level} {person_id} {shift.begins_at.isoformat()} {shift.ends_at.isoformat()}"
    return Choice(value, person_id, shift)
