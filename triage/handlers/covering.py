"""No level stands uncovered unseen: what would be is refused or accepted by a supervisor, and what is, is alarmed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from infra.postgres import Transaction
from infra.vault import Subject
from schemas.ladder import Ladder
from schemas.terms import Level, Role
from triage.domain.case import Cause, Refusal
from triage.domain.roster import WATCHED_AHEAD, Gap, Roster, beyond, gaps
from triage.domain.roster.author import Acceptance, Author, refuse_unless_granting
from triage.handlers.presence import call_manager
from triage.handlers.publish import announce
from triage.handlers.turn import Turn
from triage.store import desks, people, rosters
from triage.store import gaps as gap_store

ROSTERS_CHANNEL = "hotline_rosters"
"""Announced after every commit that changed who is on call; the timer looks for gaps again."""
CALLED_AHEAD = timedelta(days=1)
LOOKED_EVERY = timedelta(hours=1)
ALARMED_EVERY = timedelta(days=1)
CALLED_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A team's level at which nobody who can be reached is on call, from–until. `team` is its row.

    `is_left_out`: a roster no longer says that the level must have somebody, so that nobody would notice.
    """

    team: Any
    gap: Gap
    is_left_out: bool = False


class RosterRefused(Refusal):
    """A roster that would leave somebody unreached; nothing was changed. `key` and `values` name the sentence."""

    def __init__(self, key: str, uncovered: Sequence[Uncovered] = (), **values: object) -> None:
        super().__init__(key, **values)
        self.uncovered = tuple(uncovered)


@dataclass(frozen=True, slots=True)
class Act:
    """What changes who is on call: its name, whom it concerns, and a supervisor's word for a gap it leaves."""

    name: str
    concerned: frozenset[UUID] = frozenset()
    acceptance: Acceptance | None = None


async def uncovered(turn: Turn) -> list[Uncovered]:
    """Every level that must be covered, of every team, with nobody reachable at some time in the next 30 days."""
    until = turn.now + WATCHED_AHEAD
    shifts = await rosters.shifts(turn.tx, turn.now, until, turn.now)
    rules = {row["team_id"]: Roster.model_validate(row["rules"]) for row in await rosters.rules(turn.tx)}
    return [
        Uncovered(team, gap)
        for team in await people.teams(turn.tx)
        for gap in gaps(shifts.get(team["team_id"], []), _levels(team, rules), turn.now, until)
    ]


def left_out(turn: Turn, team: Any, before: Iterable[Level], levels: Iterable[Level]) -> list[Uncovered]:
    """The levels `before` that must no longer have somebody, over the next 30 days."""
    until = turn.now + WATCHED_AHEAD
    gone = [level for level in before if level not in set(levels)]
    return [Uncovered(team, Gap(level, turn.now, until), is_left_out=True) for level in gone]


async def check(turn: Turn, before: Iterable[Uncovered], act: Act, also: Iterable[Uncovered] = ()) -> None:
    """After a change: RosterRefused for what it leaves uncovered, unless a supervisor accepts it, which is alarmed.

    What was uncovered `before` is not what this act leaves; `also` is.
    """
    turn.tx.announce(ROSTERS_CHANNEL)
    found = _new([*await uncovered(turn), *also], before)
    if not found:
        return
    if act.acceptance is None:
        raise RosterRefused("roster_gap" if act.name == "apply_rosters" else "roster_gap_left", found)
    refuse_unless_granting(act.acceptance.by, act.concerned)
    if not act.acceptance.reason.strip():
        raise Refusal("refusal_empty")
    for each in found:
        await _accept(turn, each, act.name, act.acceptance)
    announce(turn)


async def watch(turn: Turn) -> datetime:
    """Alarm what is uncovered, and call the manager about what begins within a day; returns when to look again.

    What begins later is alarmed again a day after it was seen to. The manager is called once for each gap.
    """
    found = await uncovered(turn)
    soon = [each for each in found if each.gap.begins_at < turn.now + CALLED_AHEAD]
    later = [each for each in found if each not in soon]
    for each in await unaccepted(turn, later):
        if not await desks.was_alarmed(turn.tx, *_kind(turn, "roster_gap", each), turn.now - ALARMED_EVERY):
            await _alarm(turn, "roster_gap", each)
    for each in soon:
        await _alarm(turn, "roster_gap_soon", each)
    is_called = await _call(turn, soon)
    next_soon = min((each.gap.begins_at - CALLED_AHEAD for each in later), default=turn.now + LOOKED_EVERY)
    return min(next_soon, turn.now + (LOOKED_EVERY if is_called else CALLED_AGAIN))


async def call_anew(turn: Turn) -> None:
    """Nobody sees to the gaps that the manager was called about: the next look calls about each that lasts."""
    await gap_store.forget_calls(turn.tx, [])
    turn.tx.announce(ROSTERS_CHANNEL)


async def unaccepted(turn: Turn, found: Iterable[Uncovered]) -> list[Uncovered]:
    """What of some gaps no supervisor has let stand."""
    return _new(found, await _accepted(turn))


async def let_stand(turn: Turn, found: Sequence[Uncovered]) -> list[Uncovered]:
    """What of some gaps a supervisor has let stand."""
    return _new(found, await unaccepted(turn, found))


async def acceptance_of(tx: Transaction, username: str, reason: str) -> Acceptance:
    """A supervisor's word, given by their user name to a command; RosterRefused when they cannot give it."""
    account = await people.account(tx, username)
    if account is None or not account["is_active"] or account["role"] == Role.DUTY_OFFICER or not reason.strip():
        raise RosterRefused("roster_no_supervisor", username=username)
    return Acceptance(Author(account["person_id"], may_grant=True), reason)


def sentences(error: RosterRefused, say: Callable[..., str], language: str) -> list[str]:
    """Why it was refused, in a language: each stretch in the time of its team, or the one sentence there is."""
    if not error.uncovered:
        return [say(error.key, **error.values)]
    keys = ["roster_left_out" if each.is_left_out else error.key for each in error.uncovered]
    return [say(key, **_values(each, say, language)) for key, each in zip(keys, error.uncovered, strict=True)]


def _values(each: Uncovered, say: Callable[..., str], language: str) -> dict[str, object]:
    zone = ZoneInfo(each.team["time_zone"])
    return {
        "team": each.team[f"name_{language}"],
        "level": say(f"desk_level_{each.gap.level}"),
        "from_": f"{each.gap.begins_at.astimezone(zone):%Y-%m-%d %H:%M}",
        "until": f"{each.gap.ends_at.astimezone(zone):%Y-%m-%d %H:%M}",
    }


def _new(found: Iterable[Uncovered], known: Iterable[Uncovered]) -> list[Uncovered]:
    of: dict[UUID, list[Gap]] = {}
    for each in known:
        of.setdefault(each.team["team_id"], []).append(each.gap)
    return [replace(each, gap=gap) for each in found for gap in beyond([each.gap], of.get(each.team["team_id"], []))]


async def _accepted(turn: Turn) -> list[Uncovered]:
    rows = await gap_store.accepted(turn.tx, turn.now)
    return [Uncovered(row, Gap(Level(row["level"]), row["begins_at"], row["ends_at"])) for row in rows]


async def _accept(turn: Turn, each: Uncovered, act: str, acceptance: Acceptance) -> None:
    team_id = each.team["team_id"]
    reason = await turn.means.vault.seal(turn.tx, Subject("organisation", team_id), "gap_reason", acceptance.reason)
    by = acceptance.by.person_id
    await gap_store.accept(turn.tx, team_id, each.gap, act=act, reason=reason, accepted_by=by, now=turn.now)
    await _alarm(turn, "roster_gap_accepted", each)


async def _alarm(turn: Turn, name: str, each: Uncovered) -> None:
    gap = each.gap
    detail = {"level": gap.level, "from": gap.begins_at.isoformat(), "until": gap.ends_at.isoformat()}
    if await desks.alarm(turn.tx, *_kind(turn, name, each), detail, turn.now):
        announce(turn)


def _kind(turn: Turn, name: str, each: Uncovered) -> tuple[str, UUID]:
    """The kind of an alarm and its subject: each gap sounds by itself.

    A later one is known by its begin: its end may come into sight hour by hour. What is near or accepted may have
    begun, and is known by its end, unless that is not in sight.
    """
    at = each.gap.begins_at if name == "roster_gap" else each.gap.ends_at
    known = f"_{at:%Y%m%d%H%M}" if at < turn.now + WATCHED_AHEAD else ""
    return f"{name}/{each.gap.level}{known}", each.team["team_id"]


async def _call(turn: Turn, soon: Sequence[Uncovered]) -> bool:
    """Call the manager about gaps of which nobody told them yet; False when that must be tried again soon."""
    lasting = [(each.team["team_id"], each.gap) for each in soon]
    await gap_store.forget_calls(turn.tx, lasting)
    told = await gap_store.calls(turn.tx)
    untold = [(team_id, gap) for team_id, gap in lasting if not any(_is_told(team_id, gap, row) for row in told)]
    if untold and not await call_manager(turn, Cause.ROSTER_GAP):
        return False
    for team_id, gap in untold:
        await gap_store.add_call(turn.tx, team_id, gap, turn.now)
    return True


def _is_told(team_id: UUID, gap: Gap, row: Any) -> bool:
    is_of = (team_id, gap.level) == (row["team_id"], row["level"])
    return is_of and gap.begins_at < row["ends_at"] and row["begins_at"] < gap.ends_at


def _levels(team: Any, rules: dict[UUID, Roster]) -> tuple[Level, ...]:
    """The levels a team must cover: those its roster promises, and those of its own ladder."""
    promised = rules[team["team_id"]].levels if team["team_id"] in rules else (Level.FIRST,)
    own = tuple(rung.level for rung in Ladder.model_validate(team["ladder"]).rungs) if team["ladder"] else ()
    return tuple(dict.fromkeys((*promised, *own)))
