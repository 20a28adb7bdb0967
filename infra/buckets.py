"""Token buckets in the database, one for each account, number and channel: no process sends faster than all may.

The most urgent sends may use a bucket to its last token; the rest leave a part of it untouched.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.postgres import Pool

# The bucket's row is locked for this statement alone; `now` never runs backwards between processes. Nobody waits for
# the disk here: every send would, one after the other, and a server that dies forgets less than a second of tokens.
TAKE = """
insert into infra.send_buckets as b (name, tokens, filled_at)
select $1, $2::float8 - 1, $5::timestamptz where set_config('synchronous_commit', 'off', true) = 'off'
on conflict (name) do update
   set tokens = least($2, b.tokens + $3::float8 * greatest(0, extract(epoch from $5 - b.filled_at)::float8)) - 1,
       filled_at = greatest(b.filled_at, $5)
 where least($2, b.tokens + $3 * greatest(0, extract(epoch from $5 - b.filled_at)::float8)) >= $4::float8 + 1
returning tokens
"""
LOOK = """
select least($2::float8, tokens + $3::float8 * greatest(0, extract(epoch from $4::timestamptz - filled_at)::float8))
  from infra.send_buckets where name = $1
"""


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
    floor = 0.0 if is_most_urgent else bucket.reserved
    arguments: tuple[Any, ...] = (bucket.name, bucket.capacity, bucket.rate)
    if await pool.fetchval(TAKE, *arguments, floor, now) is not None:
        return timedelta()
    tokens = await pool.fetchval(LOOK, *arguments, now)
    return timedelta(seconds=max(0.001, (floor + 1 - float(tokens)) / bucket.rate))
