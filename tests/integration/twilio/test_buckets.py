"""Token buckets: never faster than the rate, the most urgent first."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from infra import buckets
from infra.buckets import Bucket, take, take_many
from infra.clock import DRIFT_REFUSED
from notifier.timer.rates import Rates
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


async def test_many_are_taken_together_and_the_rest_wait_their_turn(db_as: DatabaseAs, clock: SettableClock) -> None:
    pool = (await db_as("notifier")).pool
    bucket = Bucket("account:number:sms", rate=2, capacity=5, reserved=2)
    waits = await take_many(pool, bucket, clock.now(), 5)
    assert waits == [NONE, NONE, NONE, timedelta(seconds=0.5), timedelta(seconds=1)]
    assert await take_many(pool, bucket, clock.now(), 3, is_most_urgent=True) == [NONE, NONE, timedelta(seconds=0.5)]
    clock.advance(timedelta(seconds=1))
    assert await take_many(pool, bucket, clock.now(), 2, is_most_urgent=True) == [NONE, NONE]


async def test_a_clock_an_hour_ahead_costs_the_others_no_rate(db_as: DatabaseAs, clock: SettableClock) -> None:
    pool = (await db_as("notifier")).pool
    bucket = Bucket("account:number:sms", rate=1, capacity=2, reserved=1)
    ahead = clock.now() + timedelta(hours=1)
    assert await take_many(pool, bucket, ahead, 2, is_most_urgent=True) == [NONE, NONE]
    # What it took is taken: the bucket is as empty for the others as it was left, and fills from now on.
    assert await take(pool, bucket, clock.now(), is_most_urgent=True) == timedelta(seconds=1)
    for _ in range(30):
        clock.advance(timedelta(seconds=1))
        assert await take(pool, bucket, clock.now(), is_most_urgent=True) == NONE


async def test_clocks_that_are_a_little_apart_fill_no_bucket_twice(db_as: DatabaseAs, clock: SettableClock) -> None:
    pool = (await db_as("notifier")).pool
    bucket = Bucket("account:number:sms", rate=1, capacity=2, reserved=0)
    ahead = clock.now() + DRIFT_REFUSED
    assert await take_many(pool, bucket, ahead, 2) == [NONE, NONE]
    assert await take(pool, bucket, clock.now()) == timedelta(seconds=1)
    assert await take(pool, bucket, ahead) == timedelta(seconds=1)


async def test_sends_that_ask_together_are_asked_for_together(
    db_as: DatabaseAs, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = (await db_as("notifier")).pool
    bucket = Bucket("account:number:sms", rate=1, capacity=10, reserved=0)
    counts, held = [], buckets.take_many

    async def counted(pool: Any, bucket: Bucket, now: datetime, count: int, is_most_urgent: bool) -> Any:
        counts.append(count)
        return await held(pool, bucket, now, count, is_most_urgent)

    monkeypatch.setattr(buckets, "take_many", counted)
    rates = Rates(pool, clock)
    waits = await asyncio.gather(*(rates.wait(bucket, is_most_urgent=True) for _ in range(10)))
    assert waits == [NONE] * 10
    assert counts == [10]
    waiting = [asyncio.create_task(rates.wait(bucket, is_most_urgent=True)) for _ in range(4)]
    # Whoever would wait longer than two seconds hears so at once.
    assert await asyncio.gather(*waiting[2:]) == [timedelta(seconds=3), timedelta(seconds=4)]
    clock.advance(timedelta(seconds=2))
    assert await asyncio.gather(*waiting[:2]) == [NONE, NONE]


async def test_whoever_asks_hears_that_the_database_is_away(
    db_as: DatabaseAs, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = (await db_as("notifier")).pool
    bucket = Bucket("account:number:sms", rate=1, capacity=10, reserved=0)
    rates = Rates(pool, clock)

    async def away(*_: Any) -> Any:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(buckets, "take_many", away)
        told = await asyncio.gather(*(rates.wait(bucket, True) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in told] == [ConnectionError] * 3
    assert await rates.wait(bucket, True) == NONE
