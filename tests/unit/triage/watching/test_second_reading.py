"""Who is drawn for a second reading, and what readers find together."""

import hashlib
from collections import Counter
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.terms import Urgency
from triage.domain.second_reading import Framed, draw, truth

SIZES = {Urgency.IMMEDIATE: 2, Urgency.URGENT: 2, Urgency.PRIORITY: 2, Urgency.ROUTINE: 4}
E, U, P, R = Urgency


def frame(**counts: int) -> list[Framed]:
    """So many cases of each urgency, every third closed."""
    cases = [(Urgency(name), number) for name, count in counts.items() for number in range(count)]
    return [Framed(UUID(int=at), urgency, number % 3 == 0, False) for at, (urgency, number) in enumerate(cases, 1)]


def test_of_each_urgency_so_many_are_drawn_or_all_there_are() -> None:
    sample = draw(frame(immediate=1, urgent=9, routine=200), SIZES, "seed")

    assert Counter(each.urgency for each in sample.cases) == {E: 1, U: 2, R: 4}
    assert [(each.urgency, each.cases, each.drawn) for each in sample.strata] == [(E, 1, 1), (U, 9, 2), (R, 200, 4)]


def test_the_seed_alone_decides_whatever_the_order_of_the_cases() -> None:
    cases = frame(immediate=30, urgent=30, priority=30, routine=30)

    assert draw(cases, SIZES, "seed") == draw(cases[::-1], SIZES, "seed")
    assert draw(cases, SIZES, "seed") != draw(cases, SIZES, "another")


def test_anybody_can_draw_the_same_with_sha256() -> None:
    cases = frame(routine=50)
    lots = sorted(cases, key=lambda each: hashlib.sha256(f"seed {each.case_id}".encode()).hexdigest())

    assert draw(cases, SIZES, "seed").cases == tuple(lots[:4])


def test_a_place_says_nothing_about_the_urgency() -> None:
    orders = {
        tuple(each.urgency for each in draw(frame(immediate=5, routine=5), SIZES, str(n)).cases) for n in range(40)
    }

    assert len(orders) > 5


def test_closed_and_low_cases_are_drawn_as_often_as_others_of_their_urgency() -> None:
    cases = frame(routine=12)
    drawn = Counter(each.case_id for n in range(600) for each in draw(cases, SIZES, str(n)).cases)

    expected = 600 * 4 / 12
    assert all(abs(drawn[each.case_id] - expected) < 60 for each in cases), drawn


def test_nothing_is_drawn_of_an_empty_week() -> None:
    assert draw([], SIZES, "seed").cases == ()
    assert draw([], SIZES, "seed").strata == ()


@pytest.mark.parametrize(
    ("readings", "together"),
    [
        ((), None),
        ((E,), None),
        ((E, E), E),
        ((E, U), None),
        ((E, U, U), U),
        ((E, R, E), E),
        ((E, R, P), P),
        ((R, E, U), U),
    ],
)
def test_two_who_agree_settle_it_and_a_third_breaks_a_tie(
    readings: tuple[Urgency, ...], together: Urgency | None
) -> None:
    assert truth(readings) is together


def test_three_readings_always_settle_it_whatever_they_are() -> None:
    for readings in product(Urgency, repeat=3):
        found = truth(readings)
        assert found is not None
        assert found in readings


@given(st.lists(st.sampled_from(list(Urgency)), min_size=3, max_size=6))
def test_what_comes_after_the_third_changes_nothing(readings: list[Urgency]) -> None:
    assert truth(readings) is truth(readings[:3])
