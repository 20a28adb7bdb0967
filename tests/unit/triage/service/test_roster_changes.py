"""Overrides, swaps and leave over a roster, and why it is whoever it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Any
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.terms import Level
from triage.domain.roster import (
    Absence,
    Changes,
    Gap,
    Leave,
    Roster,
    Shift,
    Swap,
    beyond,
    explain,
    gaps,
    materialise,
)

HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 10, 20, tzinfo=UTC)
END = BEGIN + timedelta(days=12)
"""Across the end of summer time in London."""
PEOPLE = ["ann", "bob", "cat", "dan"]
SWAP = UUID(int=1)

hours = st.integers(0, 12 * 24).map(lambda n: BEGIN + n * HOUR)
stretches = st.tuples(hours, st.integers(1, 60)).map(lambda each: (each[0], each[0] + each[1] * HOUR))
people = st.sampled_from(PEOPLE)
levels = st.sampled_from([Level.FIRST, Level.BACKUP])


def roster(overrides: list[dict[str, Any]] = [], **more: Any) -> Roster:  # noqa: B006 - it is not changed
    rotations = [
        {"level": "first", "people": ["ann", "bob", "cat"], "starts_on": "2026-10-05", "hours": 12},
        {"level": "first", "people": ["bob", "dan"], "starts_on": "2026-10-05", "position": 2, "days": 2},
        {"level": "backup", "people": ["dan", "ann"], "starts_on": "2026-10-05"},
    ]
    rules = {"team": "x", "time_zone": "Europe/London", "levels": ["first", "backup"], "rotations": rotations}
    return Roster.model_validate(rules | {"overrides": overrides} | more)


@st.composite
def written(draw: Any) -> dict[str, Any]:
    begins, ends = draw(stretches)
    change: dict[str, Any] = {
        "level": draw(levels),
        "begins": begins.replace(tzinfo=None),
        "ends": ends.replace(tzinfo=None),
    }
    kind = draw(st.sampled_from(["add", "remove", "replace"]))
    if kind != "remove":
        change["add"] = draw(people)
    if kind != "add":
        change["remove"] = draw(people)
    return change


@st.composite
def swaps(draw: Any) -> Swap:
    giver, taker = draw(st.permutations(PEOPLE))[:2]
    begins_at, ends_at = draw(stretches)
    return Swap(SWAP, draw(levels), giver, taker, begins_at, ends_at, BEGIN)


leaves = st.builds(lambda person, stretch: Leave(person, *stretch), people, stretches)
changes = st.builds(Changes, st.lists(swaps(), max_size=3), st.lists(leaves, max_size=3))
rosters = st.lists(written(), max_size=3).map(roster)


def joined(shifts: list[Shift]) -> list[Shift]:
    """Shifts of one person on the same grounds that meet, as one."""
    kept: list[Shift] = []
    for shift in sorted(shifts, key=lambda each: (each.level, each.person, each.begins_at)):
        last = kept[-1] if kept else None
        if (
            last
            and replace(last, begins_at=shift.begins_at, ends_at=shift.ends_at) == shift
            and last.ends_at == shift.begins_at
        ):
            kept[-1] = replace(last, ends_at=shift.ends_at)
        else:
            kept.append(shift)
    return kept


@settings(deadline=None)
@given(rules=rosters, change=changes, cuts=st.lists(hours, max_size=4))
def test_making_shifts_in_pieces_makes_the_same_shifts(rules: Roster, change: Changes, cuts: list[datetime]) -> None:
    edges = sorted({BEGIN, *cuts, END})

    pieces = [shift for one, other in pairwise(edges) for shift in materialise(rules, one, other, change)]

    assert joined(pieces) == joined(materialise(rules, BEGIN, END, change))


@settings(deadline=None)
@given(rules=rosters, change=changes, at=st.integers(0, 12 * 24 * 60 - 1), level=levels)
def test_an_explanation_names_exactly_who_has_a_shift(rules: Roster, change: Changes, at: int, level: Level) -> None:
    instant = BEGIN + timedelta(minutes=at)
    made = [
        (s.position, s.person, s.grounds)
        for s in materialise(rules, BEGIN, END, change)
        if s.level is level and s.begins_at <= instant < s.ends_at
    ]

    told = explain(rules, level, instant, change)

    assert [(s.position, s.person, s.grounds) for s in told.on_call] == sorted(made, key=lambda each: each[:2])
    assert not {each.person for each in told.absent} & {person for _, person, _ in made}


@settings(deadline=None)
@given(rules=rosters, change=changes)
def test_leave_never_leaves_the_person_on_call(rules: Roster, change: Changes) -> None:
    for shift in materialise(rules, BEGIN, END, change):
        for leave in change.leaves:
            assert (
                leave.person != shift.person or shift.ends_at <= leave.begins_at or leave.ends_at <= shift.begins_at
            )


@settings(deadline=None)
@given(rules=rosters, change=changes)
def test_nobody_is_at_one_level_twice_at_a_time(rules: Roster, change: Changes) -> None:
    shifts = materialise(rules, BEGIN, END, change)
    pairs = [(s, t) for n, s in enumerate(shifts) for t in shifts[:n] if (s.person, s.level) == (t.person, t.level)]
    assert all(s.ends_at <= t.begins_at or t.ends_at <= s.begins_at for s, t in pairs)


@settings(deadline=None)
@given(data=st.data(), rules=rosters)
def test_a_granted_swap_exchanges_exactly_the_two_stretches(data: st.DataObject, rules: Roster) -> None:
    before = materialise(rules, BEGIN, END)
    may_swap = [(one, other) for one, other in product(before, before) if _may_swap(before, one, other)]
    assume(may_swap)
    one, other = data.draw(st.sampled_from(may_swap))
    there = Swap(SWAP, one.level, one.person, other.person, one.begins_at, one.ends_at, BEGIN)
    back = Swap(SWAP, other.level, other.person, one.person, other.begins_at, other.ends_at, BEGIN)

    after = materialise(rules, BEGIN, END, Changes([there, back]))

    expected = {one: other.person, other: one.person}
    assert {_who(shift) for shift in after} == {
        (*_who(shift)[:4], expected.get(shift, shift.person)) for shift in before
    }


def _may_swap(shifts: list[Shift], one: Shift, other: Shift) -> bool:
    is_free = not _is_on_call(shifts, other.person, one) and not _is_on_call(shifts, one.person, other)
    return one.person != other.person and is_free


def _is_on_call(shifts: list[Shift], person: str, during: Shift) -> bool:
    return any(
        s.person == person
        and s.level is during.level
        and s.begins_at < during.ends_at
        and during.begins_at < s.ends_at
        for s in shifts
    )


def _who(shift: Shift) -> tuple[Any, ...]:
    return (shift.level, shift.position, shift.begins_at, shift.ends_at, shift.person)


def test_a_swap_says_which_rule_it_replaced() -> None:
    rules = roster(
        rotations=[{"level": "first", "people": ["wang", "li"], "starts_on": "2026-10-05"}], levels=["first"]
    )
    at = datetime(2026, 10, 21, tzinfo=UTC)
    swap = Swap(SWAP, Level.FIRST, "wang", "li", at - HOUR, at + HOUR, datetime(2026, 10, 12, tzinfo=UTC))

    (shift,) = explain(rules, Level.FIRST, at, Changes([swap])).on_call

    assert shift.person == "li"
    assert (shift.grounds.kind, shift.grounds.instead_of, str(shift.grounds.on)) == ("swap", "wang", "2026-10-12")
    assert shift.grounds.replaced is not None
    assert shift.grounds.replaced.every == timedelta(days=7)


def test_an_empty_level_says_who_is_away_and_why() -> None:
    rules = roster(
        [{"level": "first", "remove": "ann", "begins": "2026-10-20T00:00", "ends": "2026-10-22T00:00"}],
        rotations=[{"level": "first", "people": [each], "starts_on": "2026-10-05"} for each in ("ann", "bob")],
        levels=["first"],
    )
    told = explain(rules, Level.FIRST, BEGIN + HOUR, Changes(leaves=[Leave("bob", BEGIN, END)]))

    assert told.on_call == ()
    assert told.absent == (Absence("ann", "override"), Absence("bob", "leave"))


def test_whoever_replaces_a_person_stands_where_that_person_stood_and_elsewhere_last() -> None:
    change = {
        "level": "first",
        "add": "eve",
        "remove": "dan",
        "begins": "2026-10-20T00:00",
        "ends": "2026-10-24T00:00",
    }

    shifts = [s for s in materialise(roster([change]), BEGIN, END) if s.person == "eve"]

    assert {shift.position for shift in shifts} == {2, 3}
    assert all((shift.position == 2) is (shift.grounds.replaced is not None) for shift in shifts)


def test_a_gap_that_is_known_is_left_out_of_those_found() -> None:
    known = [Gap(Level.FIRST, BEGIN + 2 * HOUR, BEGIN + 4 * HOUR), Gap(Level.BACKUP, BEGIN, END)]

    assert beyond([Gap(Level.FIRST, BEGIN, BEGIN + 6 * HOUR)], known) == [
        Gap(Level.FIRST, BEGIN, BEGIN + 2 * HOUR),
        Gap(Level.FIRST, BEGIN + 4 * HOUR, BEGIN + 6 * HOUR),
    ]
    assert gaps([], [Level.FIRST], BEGIN, END) == [Gap(Level.FIRST, BEGIN, END)]
