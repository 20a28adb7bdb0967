"""Percentiles and verdicts of the bench."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.figures import Figure, Name, growth, percentile, pooled, table, worst

SAMPLES = st.lists(st.floats(0, 1e6), min_size=1, max_size=200)


@given(SAMPLES, st.floats(0.01, 1))
def test_a_percentile_is_the_smallest_sample_that_the_share_does_not_exceed(
    samples: list[float], share: float
) -> None:
    found = percentile(samples, share)
    assert found in samples
    assert sum(each <= found for each in samples) >= share * len(samples) - 1e-9
    assert sum(each < found for each in samples) < share * len(samples)


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 0.5)


def test_a_report_that_never_arrived_is_not_averaged_away() -> None:
    figure = pooled(Name.REPORT_TO_SMS_P50, [[10.0] * 500, [10.0] * 499 + [math.inf]], 0.5, is_noisy=False)
    assert not figure.holds
    assert figure.verdict == "misses by inf"
    assert figure.shown()["value"] is None
    assert "never" in table([figure])


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        (Name.INGEST_RATIO, 0.35, "holds"),
        (Name.INGEST_RATIO, 0.3, "misses by 0.05"),
        (Name.READY, 20.0, "holds"),
        (Name.READY, 21.5, "misses by 1.5"),
        (Name.READY, None, "misses: not measured"),
    ],
)
def test_a_verdict_says_by_how_much(name: Name, value: float | None, verdict: str) -> None:
    assert Figure(name, value).verdict == verdict


def test_a_noisy_figure_never_passes() -> None:
    figure = worst(Name.RSS, [100.0, 90.0], is_noisy=True)
    assert figure.value == 100.0
    assert figure.verdict == "noisy"
    assert not figure.holds


def test_what_stays_below_twenty_milliseconds_has_not_grown() -> None:
    assert growth([1, 2], [19, 3]) == 1
    assert growth([10], [40]) == 2
    assert growth([40], [50]) == 1.25
