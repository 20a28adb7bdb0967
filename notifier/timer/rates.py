"""The rate of a number of ours: a send waits a little for its bucket, never long.

Sends of one process that ask while the database answers another are asked for together, in one statement.
"""

import asyncio
from datetime import timedelta

from infra import buckets
from infra.buckets import Bucket
from infra.clock import Clock
from infra.postgres import Pool

LONGEST_WAIT = timedelta(seconds=2)

Asked = tuple[Bucket, bool]


class Rates:
    """Tokens for the sends of this process."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._waiting: dict[Asked, list[asyncio.Future[timedelta]]] = {}
        self._asking: dict[Asked, asyncio.Task[None]] = {}

    async def wait(self, bucket: Bucket, is_most_urgent: bool) -> timedelta:
        """Take a token, zero; or how long it would still take, when that is too long to wait here."""
        until = self._clock.now() + LONGEST_WAIT
        while True:
            wait = await self._take((bucket, is_most_urgent))
            now = self._clock.now()
            if not wait or now + wait > until:
                return wait
            await self._clock.sleep_until(now + wait)

    async def _take(self, asked: Asked) -> timedelta:
        answer: asyncio.Future[timedelta] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asked, []).append(answer)
        if asked not in self._asking:
            self._asking[asked] = asyncio.create_task(self._ask(asked))
        return await answer

    async def _ask(self, asked: Asked) -> None:
        try:
            while waiting := self._waiting.pop(asked, []):
                await self._answer(asked, waiting)
        finally:
            del self._asking[asked]

    async def _answer(self, asked: Asked, waiting: list[asyncio.Future[timedelta]]) -> None:
        """Whoever asked first is given first; an error of the database is everybody's."""
        bucket, is_most_urgent = asked
        try:
            waits = await buckets.take_many(self._pool, bucket, self._clock.now(), len(waiting), is_most_urgent)
        except Exception as error:  # noqa: BLE001 - it is raised where the token was asked for
            for answer in waiting:
                if not answer.done():
                    answer.set_exception(error)
            return
        for answer, wait in zip(waiting, waits, strict=True):
            if not answer.done():
                answer.set_result(wait)
