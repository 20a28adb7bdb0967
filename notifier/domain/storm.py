"""Many cases at once for one person: an alert each for what is immediate, one text in a while for the rest.

Nothing waits for it but its words: each case keeps its own calling, its next step and its reply pair.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.terms import AlertChannel, Purpose

WITHIN = timedelta(minutes=5)
MANY = 3
"""So many other cases within that time are told one by one."""
GATHER = timedelta(seconds=20)
"""How long a digest waits for more to tell."""
APART = timedelta(minutes=2)
"""Between two digests, and between two calls, to one person in a storm: as often as an unanswered call repeats."""
PURPOSES = frozenset({Purpose.RESPOND, Purpose.READ})
"""What a digest tells of. An empty desk, a call for help or a check-in is never one of many."""
WRITTEN = (AlertChannel.SMS, AlertChannel.WEBHOOK, AlertChannel.EMAIL)


@dataclass(frozen=True)
class Load:
    """What one person was told of within WITHIN that was not immediate: other cases, the last call and digest.

    `lost_at`: since when the last digest is not brought, and `lost_channel` by which.
    """

    cases: int
    last_call_at: datetime | None = None
    last_digest_at: datetime | None = None
    lost_at: datetime | None = None
    lost_channel: AlertChannel | None = None


def is_folded(channel: AlertChannel, load: Load, reach: Collection[AlertChannel], now: datetime) -> bool:
    """Whether an alert is told in a digest. One call in a while still rings, and nobody without texts is folded.

    What replaces a digest that is not brought rings at once, whenever the last call was.
    """
    if load.cases < MANY or not set(reach) & set(WRITTEN):
        return False
    if channel is AlertChannel.VOICE:
        rang = load.last_call_at
        return rang is not None and now < rang + APART and (load.lost_at is None or load.lost_at <= rang)
    return True


def digest_channel(load: Load, reach: Collection[AlertChannel]) -> AlertChannel:
    """By what a digest goes: the first written channel that reaches its person, another than lost the last one."""
    written = [channel for channel in WRITTEN if channel in reach]
    return next((channel for channel in written if channel is not load.lost_channel), written[0])


def digest_due_at(load: Load, now: datetime) -> datetime:
    """When a digest that begins to gather now is sent."""
    gathered = now + GATHER
    return max(gathered, load.last_digest_at + APART) if load.last_digest_at else gathered
