"""The rate of a number of ours: a send waits a little for its bucket, never long."""

from datetime import timedelta

from infra import buckets
from infra.buckets import Bucket
from infra.clock import Clock
from infra.postgres import Pool

LONGEST_WAIT = timedelta(seconds=2)


async def wait_for_token(pool: Pool, clock: Clock, bucket: Bucket, is_most_urgent: bool) -> timedelta:
    """Take a token, zero; or how long it would still take, when that is too long to wait here."""
    until = clock.now() + LONGEST_WAIT
    while True:
        now = clock.now()
        wait = await buckets.take(pool, bucket, now, is_most_urgent)
        if not wait or now + wait > until:
            return wait
        await clock.sleep_until(now + wait)
