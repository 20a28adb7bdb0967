"""What the sending of alerts stands on."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.buckets import Bucket
from infra.clock import Clock
from infra.postgres import Database
from notifier.channels import Channel
from notifier.handlers.letters import Letters
from notifier.handlers.waking import Wake
from schemas.terms import AlertChannel


@dataclass(frozen=True)
class Counter:
    """Where alerts are handed in: the database, the channels, how fast each may be used, and what to wake.

    `buckets`: the rate of one number on a channel; each number has a bucket of its own.
    """

    db: Database
    clock: Clock
    letters: Letters
    channels: Mapping[AlertChannel, Channel]
    buckets: Mapping[AlertChannel, Bucket]
    wake: Wake
