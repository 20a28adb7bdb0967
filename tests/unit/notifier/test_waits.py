"""How long something that was not taken waits until it is tried again."""

from datetime import timedelta

import pytest

from notifier.domain.waits import backoff, least_wait, retry_after
from schemas.terms import AlertChannel

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("leases", "waits"), [(1, 0.5), (2, 1), (4, 4), (5, 5), (100_000, 5)])
def test_an_alert_is_tried_again_within_five_seconds(leases: int, waits: float) -> None:
    assert backoff(leases) == retry_after(AlertChannel.SMS, leases) == waits * SECOND
    assert not least_wait(AlertChannel.SMS, leases)


@pytest.mark.parametrize(("leases", "waits"), [(1, 0.5), (5, 8), (10, 256), (11, 300), (100_000, 300)])
def test_a_system_is_asked_more_and_more_seldom_also_while_it_is_left_alone(leases: int, waits: float) -> None:
    assert retry_after(AlertChannel.PARTNER, leases) == least_wait(AlertChannel.PARTNER, leases) == waits * SECOND
