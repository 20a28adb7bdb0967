"""Token buckets: never faster than the rate, the most urgent first."""

import asyncio
from datetime import timedelta

import pytest

from infra.buckets import Bucket, take
from tests.conftest import DatabaseAs, SettableClock

NONE = timedelta()


async def test_a_bucket_gives_its_capacity_then_its_rate(db_as: DatabaseAs, clock: SettableClock) -> None:
    pool = (await db_as("notifier")).pool
    bucket = Bucket("account:number:sms", rate=2, capacity=4, reserved=2)
    assert [await take(pool, bucket, clock.now()) for _ in range(2)] == [NONE, NONE]
    assert await take(pool, bucket, clock.now()) == timedelta(seconds=0.5)
    assert [await take(pool, bucket, clock.now(), is_most_urgent=True) for _ in range(2)] == [NONE, NONE]
    assert await take(pool, bucket, clock.now(), is_most_urgent=True) == timedelta(seconds=0.5)
    clock.advance(timedelta(seconds=0.5))
    assert await take(pool, bucket, clock.now()) > NONE
    assert await take(pool, bucket, clock.now(), is_most_urgent=True) == NONE


async def test_many_at_once_get_no_more_than_there_is(db_as: DatabaseAs, clock: SettableClock) -> None:
    pool = (await db_as("notifier")).pool
    bucket = Bucket("account:number:voice", rate=1, capacity=10, reserved=0)
    waits = await asyncio.gather(*(take(pool, bucket, clock.now()) for _ in range(30)))
    assert waits.count(NONE) == 10


def test_a_bucket_that_reserves_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one token"):
        Bucket("x", rate=1, capacity=1, reserved=1)
