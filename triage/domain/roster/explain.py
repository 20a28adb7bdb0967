"""Why it is whoever it is who is on call at an instant, and why somebody is not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.terms import Level
from triage.domain.roster.rules import Roster
from triage.domain.roster.shifts import NOTHING, Changes, Shift, Step, steps

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody who would be on call and is not, by an override, a swap or leave."""

    person: str
    because: Step


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who is on call at a level at an instant, in order, each shift with its grounds; and who is not, and why."""

    level: Level
    on_call: tuple[Shift, ...]
    absent: tuple[Absence, ...]


def explain(roster: Roster, level: Level, at: datetime, changes: Changes = NOTHING) -> Explanation:
    """Why whoever is on call at an instant is: the same steps by which shifts are made, looked at one by one."""
    here: list[Shift] = []
    absent: dict[str, Step] = {}
    for step, shifts in steps(roster, (at, at + MOMENT), changes):
        before, here = here, [shift for shift in shifts if shift.level is level]
        if step is not None:
            gone = {shift.person for shift in before} - {shift.person for shift in here}
            absent |= dict.fromkeys(sorted(gone), step)
    present = {shift.person for shift in here}
    return Explanation(
        level,
        tuple(sorted(here, key=lambda shift: (shift.position, shift.person))),
        tuple(Absence(person, step) for person, step in absent.items() if person not in present),
    )
