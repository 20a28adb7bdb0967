"""When one person is on call, at whatever level and team, as a calendar of their own shows it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OwnShift:
    """A shift of somebody, from–until; shifts are made in pieces, so one turn may be several that meet."""

    team_id: UUID
    level: str
    position: int
    begins_at: datetime
    ends_at: datetime


Stretch = tuple[datetime, datetime]


def times(shifts: Iterable[OwnShift]) -> list[Stretch]:
    """From–until of each turn, in order: pieces at one place are one turn, and turns that overlap are shown as one.

    Turns that only meet stay apart: a handover is worth seeing.
    """
    of: dict[tuple[UUID, str, int], list[Stretch]] = {}
    for each in shifts:
        of.setdefault((each.team_id, each.level, each.position), []).append((each.begins_at, each.ends_at))
    pieces = [turn for turns in of.values() for turn in _joined(sorted(turns), meeting=True)]
    return _joined(sorted(pieces), meeting=False)


def _joined(stretches: Sequence[Stretch], meeting: bool) -> list[Stretch]:
    found: list[Stretch] = []
    for begins, ends in stretches:
        if found and (begins < found[-1][1] or (meeting and begins == found[-1][1])):
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found
