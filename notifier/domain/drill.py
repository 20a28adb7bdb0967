"""What an exercise does otherwise than a case: it gives way, ends with its ladder, asks nothing of who took it."""

from datetime import datetime

from notifier.domain.answers import Effect
from notifier.domain.ladder import VALID_FOR

SAID = frozenset({Effect.TAKEN, Effect.TAKEN_BY_OTHER, Effect.DECLINED, Effect.NOT_TAKEN, Effect.NEEDS_HELP})
"""What an answer to a drill can do. *I need help* is never taken for a part of it."""


def may_begin(called_at: datetime, now: datetime, is_at_real_work: bool) -> bool:
    """Whether people are called for a drill: not once it is stale (the machine was down), nor beside real work."""
    return not is_at_real_work and now < called_at + VALID_FOR


def effect_in_drill(effect: Effect) -> Effect:
    """What an answer does in a drill: there is nothing to begin, to go to or to hand back."""
    return effect if effect in SAID else Effect.ENDED
