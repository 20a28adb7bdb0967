"""What a pack must say of calling and clocks: no clock of it is dead, no immediate case is left to the desk."""

from collections.abc import Collection, Iterator

from schemas.terms import Urgency
from triage.domain.pack import (
    ACKNOWLEDGED,
    ARRIVAL,
    CASE_OPENED,
    FIRST_ACTION,
    REPORT_COMMITTED,
    START_EVENTS,
    Clock,
    PackFile,
)
from triage.packs.located import Location

AGAIN = "start_ladder_again"


def ladder_problems(file: PackFile) -> Iterator[tuple[Location, str]]:
    """An immediate case is called at once, an urgent one by day at the latest (design, rules 4 and 9)."""
    if file.ladders.immediate.start != "at_once":
        yield ("ladders", "immediate", "start"), "An immediate case is called `at_once`."
    if file.ladders.urgent.start not in ("at_once", "by_day"):
        yield ("ladders", "urgent", "start"), "An urgent case is called `at_once` or `by_day`."


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
