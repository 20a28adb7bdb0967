"""Who is on call at a level now, who was before, and who comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.domain.roster.shifts import Shift


@dataclass(frozen=True, slots=True)
class Watch:
    """From–until the same people are on call, in the same order; nobody where `shifts` is empty.

    The ends are those of the shifts that are known: None where the watch goes on beyond them.
    """

    shifts: tuple[Shift, ...]
    begins_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Around:
    """The watch before an instant, the one it is in, and the one after; None where nothing is known of it."""

    last: Watch | None
    now: Watch
    next: Watch | None


def around(shifts: Iterable[Shift], at: datetime) -> Around:
    """The watches around an instant, of one level's shifts."""
    known = list(shifts)
    edges = sorted({edge for shift in known for edge in (shift.begins_at, shift.ends_at)})
    watches = _watches(known, edges)
    here = next((i for i, each in enumerate(watches) if each.ends_at is None or at < each.ends_at), 0)
    last = watches[here - 1] if here > 0 and watches[here - 1].begins_at is not None else None
    following = watches[here + 1] if here + 1 < len(watches) and watches[here + 1].ends_at is not None else None
    # Why somebody is on call may change within a watch: told is what holds now.
    now = replace(watches[here], shifts=_at(known, at))
    return Around(last, now, following)


def _watches(known: Sequence[Shift], edges: Sequence[datetime]) -> list[Watch]:
    """Every watch in order of time; the first and the last, beyond what is known, have nobody."""
    found: list[Watch] = []
    for begins, ends in zip([None, *edges], [*edges, None], strict=True):
        here = _at(known, begins) if begins is not None and ends is not None else ()
        if found and _who(found[-1].shifts) == _who(here) and None not in (found[-1].begins_at, ends):
            found[-1] = Watch(found[-1].shifts, found[-1].begins_at, ends)
        else:
            found.append(Watch(here, begins, ends))
    return found


def _at(known: Sequence[Shift], at: datetime) -> tuple[Shift, ...]:
    here = (shift for shift in known if shift.begins_at <= at < shift.ends_at)
    return tuple(sorted(here, key=lambda shift: (shift.position, shift.person)))


def _who(shifts: Sequence[Shift]) -> list[str]:
    return [shift.person for shift in shifts]
