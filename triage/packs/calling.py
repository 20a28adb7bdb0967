"""What a pack must say of calling and clocks: no clock of it is dead, no immediate case is left to the desk."""

import re
from collections.abc import Collection, Iterator

from schemas.terms import Urgency
from triage.domain.pack import (
    ACKNOWLEDGED,
    ARRIVAL,
    CASE_OPENED,
    FIRST_ACTION,
    REPORT_COMMITTED,
    START_EVENTS,
    AreaLadders,
    Clock,
    Ladders,
    PackFile,
)
from triage.packs.located import Location

AGAIN = "start_ladder_again"
AREAS = {
    # GB/T 2260: the first two digits of a division code are the province, twelve are a village.
    "CN-XZQH": r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{0,10}",
    # ONS codes of England, Wales, Scotland, Northern Ireland: the kind of area, then which.
    "GB-GSS": r"[EWSN]\d{2}\d{0,6}",
}
"""How the codes of a system begin, where that is known. Of a system that is not here any prefix is taken."""


def ladder_problems(file: PackFile) -> Iterator[tuple[Location, str]]:
    """An immediate case is called at once, an urgent one by day at the latest (design, rules 4 and 9)."""
    plans: list[tuple[Location, Ladders | AreaLadders]] = [(("ladders",), file.ladders)]
    plans += [(("area_ladders", at), own) for at, own in enumerate(file.area_ladders)]
    for location, each in plans:
        if each.immediate and each.immediate.start != "at_once":
            yield (*location, "immediate", "start"), "An immediate case is called `at_once`."
        if each.urgent and each.urgent.start not in ("at_once", "by_day"):
            yield (*location, "urgent", "start"), "An urgent case is called `at_once` or `by_day`."
    yield from _area_problems(file)


def _area_problems(file: PackFile) -> Iterator[tuple[Location, str]]:
    """Each area that has ladders of its own is one of the pack's system, and stands there once."""
    seen: set[str] = set()
    for at, own in enumerate(file.area_ladders):
        place = ("area_ladders", at, "prefix")
        if file.area_system == "none" or not re.fullmatch(AREAS.get(file.area_system, ".+"), own.prefix):
            yield place, f'No area of {file.area_system} begins with "{own.prefix}".'
        if own.prefix in seen:
            yield place, f'The area "{own.prefix}" stands there twice.'
        seen.add(own.prefix)


def clock_problems(file: PackFile, rules: Collection[str]) -> Iterator[tuple[Location, str]]:
    """Every clock can start and can be missed; who acknowledges an immediate case has a clock to act."""
    names = {clock.name for clock in file.clocks}
    for at, clock in enumerate(file.clocks):
        place = ("clocks", at)
        if clock.start_event not in (*START_EVENTS, *(names - {clock.name})):
            known = ", ".join(START_EVENTS)
            yield (
                (*place, "start_event"),
                f'Nothing starts a clock by "{clock.start_event}"; it is {known}, or a clock of this pack.',
            )
        if clock.on_breach == AGAIN and clock.name not in (FIRST_ACTION, ARRIVAL):
            yield (*place, "on_breach"), f"Only `{FIRST_ACTION}` and `{ARRIVAL}` start the ladder again."
        if clock.rules and clock.start_event not in (REPORT_COMMITTED, CASE_OPENED):
            yield (*place, "rules"), "Only a clock that starts with a report can be limited to rules."
        for unknown in sorted(set(clock.rules) - set(rules)):
            yield (*place, "rules"), f'There is no rule "{unknown}".'
    if not any(_is_first_action(clock) for clock in file.clocks):
        needed = f"`{FIRST_ACTION}` for immediate, from `{ACKNOWLEDGED}`, with a length and `{AGAIN}`"
        yield ("clocks",), f"A clock is missing: {needed}."


def _is_first_action(clock: Clock) -> bool:
    return (
        clock.name == FIRST_ACTION
        and Urgency.IMMEDIATE in clock.urgency
        and clock.start_event == ACKNOWLEDGED
        and clock.length is not None
        and clock.on_breach == AGAIN
    )
