"""The figures of the evaluation, on judgements small enough to count by hand."""

import pytest

from schemas.terms import Urgency
from tests.evaluation.score import Judged, Rate, behind, confusion, figures

NOW, SOON, LATER, NEVER = Urgency.IMMEDIATE, Urgency.URGENT, Urgency.PRIORITY, Urgency.ROUTINE


def judged(*pairs: tuple[Urgency, Urgency], group: str = "zh") -> list[Judged]:
    return [Judged(label, placed, group) for label, placed in pairs]


def test_each_figure_has_its_own_denominator() -> None:
    seen = figures(judged((NOW, NOW), (NOW, SOON), (NOW, LATER), (SOON, LATER), (SOON, NOW), (NEVER, NEVER)))
    assert seen.accuracy == Rate(2, 6)
    assert seen.immediate_found == Rate(1, 3)
    assert seen.under_triage == Rate(3, 5)
    assert seen.grave_under_triage == Rate(1, 3)
    assert seen.over_triage == Rate(1, 2)


def test_the_confusion_has_labels_in_rows() -> None:
    counts = confusion(judged((NOW, SOON), (NEVER, NOW)))
    assert counts[0] == [0, 1, 0, 0]
    assert counts[3] == [1, 0, 0, 0]


def test_wilsons_interval_is_that_of_the_tables() -> None:
    # 9 of 10: 0.596 to 0.982 (Newcombe 1998, table I gives the same method).
    low, high = Rate(9, 10).interval
    assert (low, high) == pytest.approx((0.596, 0.982), abs=0.001)
    assert Rate(0, 0).interval == (0.0, 1.0)


def test_a_group_that_is_found_less_often_is_behind() -> None:
    well = judged(*[(NOW, NOW)] * 95, *[(NOW, SOON)] * 5)
    badly = judged(*[(NOW, NOW)] * 60, *[(NOW, SOON)] * 40, group="en")
    gap, low, _ = behind([*well, *badly])["en"]
    assert gap == pytest.approx(0.35)
    assert low > 0
    assert behind([*well, *badly])["zh"][0] == pytest.approx(-0.35)
