"""The rate of a number of ours: a send waits a little for its bucket, never long."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from infra import buckets
from infra.buckets import Bucket
from infra.clock import Clock
from infra.postgres import Pool
from infra.together import Together

LONGEST_WAIT = timedelta(seconds=2)


class Rates:
    """Tokens for the sends of this process."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._of: dict[tuple[Bucket, bool], Together[None, timedelta]] = {}

    async def wait(self, bucket: Bucket, is_most_urgent: bool) -> timedelta:
        """Take a token, zero; or how long it would still take, when that is too long to wait here."""
        kind = (bucket, is_most_urgent)
        if kind not in self._of:
            self._of[kind] = Together(partial(self._take, bucket, is_most_urgent))
        until = self._clock.now() + LONGEST_WAIT
        while True:
            wait = await self._of[kind].ask(None)
            now = self._clock.now()
            if not wait or now + wait > until:
                return wait
            await self._clock.sleep_until(now + wait)

    async def _take(self, bucket: Bucket, is_most_urgent: bool, asking: Sequence[None]) -> list[timedelta]:
        return await buckets.take_many(self._pool, bucket, self._clock.now(), len(asking), is_most_urgent)
