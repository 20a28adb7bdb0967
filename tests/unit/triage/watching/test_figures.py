"""Figures against values worked out by hand or published."""

from datetime import date, timedelta

import pytest

from schemas.terms import Urgency
from triage.domain import figures
from triage.domain.figures import ReadCase, Weighed

E, U, P, R = Urgency
WEEK = date(2026, 3, 2)


def case(stood: Urgency, truth: Urgency, **given: object) -> ReadCase:
    values = {"engine": stood, "readings": (truth, truth), "stratum": 1, "week": WEEK} | given
    return ReadCase(groups={}, urgency=stood, truth=truth, **values)  # type: ignore[arg-type]


def alike(*cases: ReadCase) -> list[Weighed]:
    """Cases that each stand for themselves alone."""
    return [Weighed(each, 1.0) for each in cases]


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    # Newcombe (1998), table E, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(hits: int, count: int, low: float, high: float) -> None:
    assert figures.wilson(hits / count, count) == pytest.approx((low, high), abs=0.0001)


def test_the_denominators_are_those_of_the_definition() -> None:
    weighed = alike(case(E, E), case(E, R), case(U, P), case(P, U), case(R, R), case(R, E))

    under, over = figures.under_triage(weighed), figures.over_triage(weighed)

    # Truly soon: (E, E), (P, U), (R, E), of which two were placed lower. Placed soon: three, of which two are not.
    assert under is not None
    assert over is not None
    assert [under.value, under.count] == pytest.approx([2 / 3, 3])
    assert [over.value, over.count] == pytest.approx([2 / 3, 3])


def test_urgent_placed_immediate_is_neither() -> None:
    weighed = alike(case(E, U), case(U, E))

    assert [each.value for each in (figures.under_triage(weighed), figures.over_triage(weighed)) if each] == [0, 0]


def test_what_the_machine_said_is_counted_apart() -> None:
    weighed = alike(case(R, E, engine=E), case(R, R, engine=E))

    under, by_engine = figures.under_triage(weighed), figures.under_triage(weighed, by_engine=True)
    over = figures.over_triage(weighed, by_engine=True)

    assert under is not None
    assert by_engine is not None
    assert over is not None
    assert (under.value, by_engine.value, over.value) == (1.0, 0.0, 0.5)
    assert figures.over_triage(weighed) is None


def test_a_case_stands_for_its_share_of_its_week_and_urgency() -> None:
    # Of 2 immediate cases both were read; of 100 routine ones four, and one of those is truly immediate.
    grave = [case(E, E, stratum=2)] * 2
    low = [case(R, E, stratum=100), *[case(R, R, stratum=100)] * 3]

    weighed = figures.weigh([*grave, *low])
    under = figures.under_triage(weighed)

    assert [each.weight for each in weighed] == [1, 1, 25, 25, 25, 25]
    assert under is not None
    assert under.value == pytest.approx(25 / 27)
    assert under.count == 3
    # Three readings of such unequal weight tell little: the interval is that of 27^2 / (1 + 1 + 625) = 1.16.
    assert (under.low, under.high) == pytest.approx(figures.wilson(25 / 27, 27**2 / 627))
    assert under.high - under.low > 0.6


def test_weeks_do_not_lend_each_other_their_weights() -> None:
    weighed = figures.weigh([case(R, R, stratum=10), case(R, R, stratum=30, week=WEEK + timedelta(days=7))])

    assert [each.weight for each in weighed] == [10, 30]


def test_there_is_no_share_of_nothing() -> None:
    assert figures.under_triage(alike(case(R, R))) is None
    assert figures.over_triage([]) is None
    assert figures.plain_share([]) is None


def test_kappa_is_cohens() -> None:
    # The textbook table 20, 5, 10, 15: observed 0.7, by chance 0.5, kappa 0.4.
    pairs = [(E, E)] * 20 + [(E, U)] * 5 + [(U, E)] * 10 + [(U, U)] * 15
    found = figures.agreement(case(R, first, readings=(first, second, first)) for first, second in pairs)

    assert found.kappa == pytest.approx(0.4)
    assert found.count == 50


def test_kappa_says_nothing_where_only_one_urgency_was_given() -> None:
    assert figures.agreement([case(R, R)] * 8).kappa is None
    assert figures.agreement([]) == figures.Agreement(None, 0)


def test_waits_are_by_nearest_rank_and_leave_out_who_still_waits() -> None:
    spans = [timedelta(seconds=each) for each in (10, 20, 30, 40, 50, 60, 70, 80, 90, 1000)]

    found = figures.waits([*spans, None, None])

    assert found == figures.Waits(timedelta(seconds=50), timedelta(seconds=90), 10)
    assert figures.waits([None]) is None
