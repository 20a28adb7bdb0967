"""Token buckets in the database, one for each account, number and channel: no process sends faster than all may.

The most urgent sends may use a bucket to its last token; the rest leave a part of it untouched.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.clock import DRIFT_REFUSED
from infra.postgres import Pool

# The bucket's row is locked for this statement alone; `now` never runs backwards between processes whose clocks
# agree. What a clock filled that was further ahead than any may be is not waited for: it fills from now on, from what
# it was left with. Nobody waits for the disk here: every send would, one after the other, and a server that dies
# forgets less than a second of tokens.
TAKE = """
with bucket as materialized (
    select least($2, tokens + $3::float8 * greatest(0, extract(epoch from $4::timestamptz - filled_at)::float8))
           as held,
           case when filled_at - $4 > $7::interval then $4 else greatest(filled_at, $4) end as filled_at
      from infra.send_buckets
     where name = $1 and set_config('synchronous_commit', 'off', true) = 'off' for update),
given as (select held, filled_at, greatest(0, least($6::int, floor(held - $5::float8)))::int as tokens from bucket)
update infra.send_buckets b set tokens = g.held - g.tokens, filled_at = g.filled_at from given g
 where b.name = $1
returning g.tokens as given, b.tokens as left
"""
FILL = "insert into infra.send_buckets (name, tokens, filled_at) values ($1, $2, $3) on conflict do nothing"


@dataclass(frozen=True)
class Bucket:
    """A bucket that fills at `rate` tokens a second up to `capacity`; `reserved` of them are for the most urgent."""

    name: str
    rate: float
    capacity: float
    reserved: float

    def __post_init__(self) -> None:
        if not (self.rate > 0 and self.capacity >= 1 and 0 <= self.reserved <= self.capacity - 1):
            raise ValueError(f"bucket {self.name}: what is reserved must leave at least one token of the capacity")


async def take(pool: Pool, bucket: Bucket, now: datetime, is_most_urgent: bool = False) -> timedelta:
    """Take a token: zero when there was one, else how long until there may be one. Nothing is kept for who waits."""
    return (await take_many(pool, bucket, now, 1, is_most_urgent))[0]


async def take_many(
    pool: Pool, bucket: Bucket, now: datetime, count: int, is_most_urgent: bool = False
) -> list[timedelta]:
    """Take so many tokens in one statement: zero for each that there was, then how long until each of the others."""
    floor = 0.0 if is_most_urgent else bucket.reserved
    arguments: tuple[Any, ...] = (bucket.name, bucket.capacity, bucket.rate, now, floor, count, DRIFT_REFUSED)
    while (row := await pool.fetchrow(TAKE, *arguments)) is None:
        await pool.execute(FILL, bucket.name, bucket.capacity, now)
    lacking = range(1, count - row["given"] + 1)
    waits = [timedelta(seconds=max(0.001, (floor + n - row["left"]) / bucket.rate)) for n in lacking]
    return [timedelta()] * row["given"] + waits
