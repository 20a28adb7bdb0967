"""Rosters at the desk: who is on call now, next and last and why, when nobody is, and how fairly it is shared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra import audit
from infra.audit import AuditEntry
from infra.postgres import Transaction
from infra.vault import Subject
from schemas.terms import Level
from triage.console.desk_pages import chrome
from triage.console.frame import Frame
from triage.console.opened import open_name
from triage.console.sessions import Session
from triage.console.words import Words
from triage.domain.roster import Absence, Explanation, Gap, Shift
from triage.domain.roster.around import Watch
from triage.domain.roster.load import Load
from triage.handlers import Means, Turn, explaining
from triage.handlers.on_call import Post, TeamOnCall, teams_on_call
from triage.handlers.seen_to import HOTLINE
from triage.store import people

Names = Mapping[str, str]
SHOWN = ("person.name", "shifts")


@dataclass(frozen=True)
class Shown:
    """A watch as it is shown: a sentence for each on call, with whether they can be reached, and for the absent."""

    watch: Watch
    sentences: Sequence[tuple[str, bool]]
    absent: Sequence[str]


class Rosters:
    """The pages of rosters, and the same for other programs."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def overview(self, frame: Frame, request: Request, session: Session) -> Response:
        """Every team on one page."""
        async with frame.service.db.transaction() as tx:
            request.state.chrome = await chrome(tx, frame, request)
            teams = await teams_on_call(Turn(tx, self._means, frame.service.clock.now()))
            names = await names_of(tx, frame, frame.words(request), (_around(team) for team in teams))
            await audit.record(tx, look(frame, session, "rosters_shown", SHOWN))
        show = _Showing(frame.words(request), names)
        return frame.page(request, "rosters.html", teams=teams, show=show, place="/rosters")

    async def team(self, frame: Frame, request: Request, session: Session) -> Response:
        """One team: what being on call asks of each, and its shifts to come."""
        words, now = frame.words(request), frame.service.clock.now()
        async with frame.service.db.transaction() as tx:
            request.state.chrome = await chrome(tx, frame, request)
            found = await teams_on_call(Turn(tx, self._means, now), request.path_params["slug"])
            if not found:
                raise HTTPException(404)
            names = await names_of(tx, frame, words, ((shift.person for shift in team.shifts) for team in found))
            await audit.record(tx, look(frame, session, "roster_shown", SHOWN))
        show = _Showing(words, names)
        coming = [shift for shift in found[0].shifts if shift.ends_at > now]
        return frame.page(request, "roster_team.html", team=found[0], show=show, coming=coming, place="")

    async def as_json(self, frame: Frame, request: Request, session: Session) -> Response:
        """What the pages show, for other programs; people by their handles, no name is opened."""
        async with frame.service.db.transaction() as tx:
            teams = await teams_on_call(Turn(tx, self._means, frame.service.clock.now()))
            await audit.record(tx, look(frame, session, "rosters_downloaded", ("shifts",)))
        show = _Showing(frame.words(request), {})
        told = [_team(team, show) for team in teams]
        return JSONResponse({"at": frame.service.clock.now().isoformat(), "teams": told})


class _Showing:
    """How a page says who is on call; `names` by handle, a handle where there is none."""

    def __init__(self, words: Words, names: Names) -> None:
        self._words = words
        self._names = names

    def name(self, handle: str) -> str:
        """What somebody is called."""
        return self._names.get(handle, handle)

    def watches(self, team: TeamOnCall, post: Post) -> list[tuple[str, Shown | None]]:
        """The watch that is now, the next and the last one of a level."""
        around = post.around
        return [
            ("now", self.watch(team, post.level, around.now, post.absent_now)),
            ("next", self.watch(team, post.level, around.next, post.absent_next) if around.next else None),
            ("last", self.watch(team, post.level, around.last, ()) if around.last else None),
        ]

    def watch(self, team: TeamOnCall, level: Level, watch: Watch, absent: Sequence[Absence]) -> Shown:
        """One watch in sentences."""
        on_call = [(self._said(level, (shift,), ())[0], shift.person in team.reachable) for shift in watch.shifts]
        # Whom somebody replaced is named in the sentence of whoever did.
        named = {shift.grounds.instead_of for shift in watch.shifts}
        nobody = self._said(level, (), [each for each in absent if each.person not in named])[1:]
        return Shown(watch, on_call, nobody)

    def widest(self, loads: Iterable[Load], figure: str, of: Load) -> float:
        """The largest of a figure at a place, in hours or nights, at least one: the length of the longest bar."""
        place = (of.level, of.position)
        return max([1.0, *(amount(each, figure) for each in loads if (each.level, each.position) == place)])

    def _said(self, level: Level, shifts: tuple[Shift, ...], absent: Sequence[Absence]) -> list[str]:
        told = Explanation(level, shifts, tuple(absent))
        return explaining.sentences(told, self._words.t, self._words.language, self.name)


def amount(load: Load, figure: str) -> float:
    """A figure of a load as a number: nights, or hours."""
    value = getattr(load, figure)
    return float(value) if isinstance(value, int) else float(value.total_seconds() / 3600)


async def names_of(tx: Transaction, frame: Frame, words: Words, handles: Iterable[Iterable[str]]) -> dict[str, str]:
    """The names of those of these people who are known, by handle; no other is opened."""
    wanted = {handle for some in handles for handle in some}
    rows = [row for row in await people.people(tx) if row["handle"] in wanted]
    return {row["handle"]: await open_name(tx, frame.service.vault, words, row) for row in rows}


def look(frame: Frame, session: Session, action: str, shown: tuple[str, ...]) -> AuditEntry:
    """That somebody looked at rosters."""
    subject = Subject("organisation", HOTLINE)
    return AuditEntry(frame.service.clock.now(), str(session.person_id), "roster", action, subject, shown=shown)


def _around(team: TeamOnCall) -> Iterable[str]:
    for post in team.posts:
        for watch in (post.around.last, post.around.now, post.around.next):
            for shift in watch.shifts if watch is not None else ():
                yield shift.person
                if shift.grounds.instead_of is not None:
                    yield shift.grounds.instead_of
        yield from (absence.person for absence in (*post.absent_now, *post.absent_next))


def _team(team: TeamOnCall, show: _Showing) -> dict[str, Any]:
    return {
        "team": team.team["slug"],
        "time_zone": team.zone.key,
        "levels": [
            {"level": post.level} | {name: _watch(shown) for name, shown in show.watches(team, post)}
            for post in team.posts
        ],
        "gaps": [_gap(gap, is_accepted) for gap, is_accepted in team.gaps],
        "last_30_days": [_load(each) for each in team.loads[0]],
        "next_30_days": [_load(each) for each in team.loads[1]],
    }


def _watch(shown: Shown | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    people = [
        {
            "person": shift.person,
            "position": shift.position,
            "is_reachable": is_reachable,
            "because": sentence,
            "kind": shift.grounds.kind,
        }
        for shift, (sentence, is_reachable) in zip(shown.watch.shifts, shown.sentences, strict=True)
    ]
    ends = {name: _iso(at) for name, at in (("begins_at", shown.watch.begins_at), ("ends_at", shown.watch.ends_at))}
    return ends | {"people": people, "absent": list(shown.absent)}


def _gap(gap: Gap, is_accepted: bool) -> dict[str, Any]:
    ends = {"begins_at": gap.begins_at.isoformat(), "ends_at": gap.ends_at.isoformat()}
    return {"level": gap.level} | ends | {"is_accepted": is_accepted}


def _load(load: Load) -> dict[str, Any]:
    figures = {f"{name}_hours" if name != "hours" else name: round(amount(load, name), 2) for name in HOURS}
    counts = {"shifts": load.shifts, "nights": load.nights}
    return {"person": load.person, "level": load.level, "position": load.position} | counts | figures


HOURS = ("hours", "weekend", "holiday")


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
