"""When a phone is tried by the monthly test, on which channel, and what a trial says. Nobody has to answer one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.terms import AlertChannel
from schemas.ways import Preferences

TESTED_EVERY = timedelta(days=30)
TESTED_AGAIN = timedelta(days=1)
"""How soon after a test that failed: the second one in a row is told to the desk."""
DAY_BEGINS, DAY_ENDS = time(8), time(20)
SATURDAY = 5
NOT_THE_PHONES = frozenset({"30001", "30002", "30007", "no_channel", "unwritable"})
"""Failures that are about our number, our account, our wording or our settings (`notifier/domain/failures.py`)."""
FAILED = frozenset({"failed", "undelivered"})
WORKED = frozenset({"delivered", "ringing", "connected", "unanswered", "answered"})
"""A call that rang has shown enough: nobody has to pick it up."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One trial of a way: `state` and `error_code` of what was sent, None before the notifier has it."""

    channel: AlertChannel
    asked_at: datetime
    state: str | None
    error_code: str | None

    @property
    def has_worked(self) -> bool | None:
        """Whether the way works; None when that is not known, or it failed for a reason of ours."""
        if self.state in WORKED:
            return True
        return False if self.state in FAILED and self.error_code not in NOT_THE_PHONES else None


@dataclass(frozen=True, slots=True)
class PhoneTests:
    """A proven phone, with its tests since then, newest first."""

    verified_at: datetime
    channels: tuple[AlertChannel, ...]
    tests: Sequence[Tried] = ()

    @property
    def is_failing(self) -> bool:
        """Whether the last two tests that said anything failed."""
        said = [test.has_worked for test in self.tests if test.has_worked is not None]
        return said[:2] == [False, False]

    def due(self, now: datetime) -> AlertChannel | None:
        """The channel it is to be tested on now; None while no test is due.

        A month after the last test, or a day after the first one that failed. Channels take turns; one that failed is
        tried again.
        """
        last = self.tests[0] if self.tests else None
        if last is None:
            return self.channels[0] if self.channels and self.verified_at + TESTED_EVERY <= now else None
        has_failed_once = last.has_worked is False and not self.is_failing
        if not self.channels or last.asked_at + (TESTED_AGAIN if has_failed_once else TESTED_EVERY) > now:
            return None
        others = [channel for channel in self.channels if channel is not last.channel]
        is_again = last.has_worked is False and last.channel in self.channels
        return last.channel if is_again or not others else others[0]


def is_by_day(preferences: Preferences, now: datetime) -> bool:
    """Whether a person may be disturbed by a test: a weekday between eight and eight, outside their quiet hours."""
    local = now.astimezone(ZoneInfo(preferences.time_zone))
    is_day = local.weekday() < SATURDAY and DAY_BEGINS <= local.time() < DAY_ENDS
    return is_day and preferences.quiet_until(now) is None
