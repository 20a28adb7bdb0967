"""Drills: when nobody is woken for one, and what a report of one says of each rung."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.ladder import Ladder
from schemas.terms import EscalationStatus, Level

NIGHT_FROM, NIGHT_UNTIL = time(22), time(7)
"""On the wall of the team; the hours in which urgent alerts do not call either (domain reference, 3.2)."""
TAKEN_UP_WITHIN = timedelta(minutes=5)
"""After that the notifier calls nobody for it any more."""


class Outcome(StrEnum):
    """How a drill stands."""

    WAITING = "waiting"
    CALLING = "calling"
    TAKEN = "taken"
    NOBODY = "nobody"
    GAVE_WAY = "gave_way"
    NOT_BEGUN = "not_begun"

    @property
    def is_over(self) -> bool:
        """Whether nobody is called for it any more."""
        return self not in (Outcome.WAITING, Outcome.CALLING)


@dataclass(frozen=True, slots=True)
class Line:
    """One call or message of a drill. `late`: from the instant it was due until the provider had it, if it did."""

    level: Level
    person_id: UUID
    channel: str
    attempt: int
    state: str
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    answered_at: datetime | None
    answer: str | None

    @property
    def late(self) -> timedelta | None:
        """How late it left us."""
        return max(timedelta(), self.sent_at - self.due_at) if self.sent_at else None


@dataclass(frozen=True, slots=True)
class RungReport:
    """A level of the ladder: when its turn was, and whom it called; nobody where it had nobody new (`is_empty`)."""

    level: Level
    after: timedelta
    is_empty: bool
    lines: tuple[Line, ...]


def ends_by(ladder: Ladder, begin: datetime) -> datetime:
    """The latest instant at which a drill ends by itself: after the wait of its last rung."""
    return begin + ladder.rungs[-1].after + ladder.everybody_every


def is_at_night(begin: datetime, end: datetime, zone: str) -> bool:
    """Whether any instant of a drill is at night on the wall of its team."""
    at, last = begin.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if at.time() >= NIGHT_FROM or at.time() < NIGHT_UNTIL:
        return True
    return last >= datetime.combine(at.date(), NIGHT_FROM, ZoneInfo(zone))


def outcome_of(called_at: datetime, calling: Mapping[str, Any] | None, now: datetime) -> Outcome:
    """How a drill stands, by what the notifier has of its calling."""
    if calling is None or calling["status"] is None:
        return Outcome.WAITING if now < called_at + TAKEN_UP_WITHIN else Outcome.NOT_BEGUN
    status = EscalationStatus(calling["status"])
    if status is EscalationStatus.ACKNOWLEDGED:
        return Outcome.TAKEN
    if status is EscalationStatus.CALLING:
        return Outcome.CALLING
    if calling["started_at"] >= called_at + TAKEN_UP_WITHIN:
        return Outcome.NOT_BEGUN
    return Outcome.NOBODY if calling["exhausted_at"] else Outcome.GAVE_WAY


def rungs_of(ladder: Ladder, began_at: datetime, alerts: Sequence[Any], empty: Iterable[str]) -> list[RungReport]:
    """What a drill did, rung by rung; `alerts` as they were planned, `empty` the levels that had nobody new."""
    skipped = set(empty)
    return [
        RungReport(
            rung.level,
            rung.after,
            rung.level in skipped,
            tuple(_line(row, began_at + rung.after) for row in alerts if row["level"] == rung.level),
        )
        for rung in ladder.rungs
    ]


def _line(row: Any, turn_at: datetime) -> Line:
    """The first call of a rung is due at its turn, or earlier where the rung before could not take it."""
    due_at = min(row["planned_at"], turn_at) if row["attempt"] == 1 else row["planned_at"]
    return Line(
        Level(row["level"]),
        row["person_id"],
        row["channel"],
        row["attempt"],
        row["state"],
        due_at,
        row["sent_at"],
        row["delivered_at"],
        row["answered_at"],
        row["answer"],
    )
