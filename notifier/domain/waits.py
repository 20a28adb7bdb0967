"""How long something that was not taken waits until it is tried again."""

from datetime import timedelta

from schemas.terms import AlertChannel

FIRST_RETRY = timedelta(seconds=0.5)
SLOWEST_RETRY = timedelta(seconds=5)
SLOWEST_TO_PARTNERS = timedelta(minutes=5)
"""Nobody waits at night for what a system is told; one that is away for a day must not be asked all the time."""


def backoff(leases: int, slowest: timedelta = SLOWEST_RETRY) -> timedelta:
    """Half a second, doubling with each lease, up to the slowest."""
    doubled: int = 2 ** min(leases - 1, 10)
    return min(slowest, FIRST_RETRY * doubled)


def retry_after(channel: AlertChannel, leases: int) -> timedelta:
    """How long an alert waits that its provider did not take."""
    return backoff(leases, SLOWEST_TO_PARTNERS if channel is AlertChannel.PARTNER else SLOWEST_RETRY)


def least_wait(channel: AlertChannel, leases: int) -> timedelta:
    """How long at least one waits while its provider is left alone: an alert, no longer than that lasts."""
    return retry_after(channel, leases) if channel is AlertChannel.PARTNER else timedelta()
