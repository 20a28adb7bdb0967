"""A circuit breaker: after a few failures in a row a provider is left alone for a while, then tried once.

Pure: `now` is an argument, nothing is counted by a clock of its own. The rests are short, since what is refused here
is somebody being called: it only spares the wait for a provider that does not answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES_IN_A_ROW = 3
REST = timedelta(seconds=2)
PROBE_LASTS = timedelta(seconds=6)
"""A probe whose end nobody told, because its process was stopped in it, keeps the next one back so long."""
FORGOTTEN_AFTER = timedelta(minutes=1)
"""Nothing was tried since: nobody knows how the provider is, so it is tried like one that is well."""


@dataclass
class Breaker:
    """The state of one provider in this process. Closed: all passes. Open: nothing does, until `rests_until`."""

    name: str
    failures: int = 0
    opened_at: datetime | None = None
    failed_at: datetime | None = None
    rests_until: datetime | None = None
    failed_for: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the provider failed last; while it is probed too."""
        return self.opened_at is not None

    def wait(self, now: datetime, recipient: str) -> timedelta:
        """How long a request must wait: zero lets it pass. After the rest the first one passes, as a probe.

        Whoever the last failure was for rests twice as long: what fails for one of them alone holds up nobody else.
        """
        if self.rests_until is None:
            return timedelta()
        until = self.rests_until + (REST if recipient == self.failed_for else timedelta())
        if now < until:
            return until - now
        self.rests_until = now + PROBE_LASTS
        return timedelta()

    def succeeded(self) -> None:
        """The provider answered, be it with a refusal: it is there."""
        self.failures, self.failed_for = 0, ""
        self.opened_at = self.failed_at = self.rests_until = None

    def forget(self, now: datetime) -> None:
        """Close it when nothing has been tried for long."""
        if self.failed_at is not None and now - self.failed_at > FORGOTTEN_AFTER:
            self.succeeded()

    def failed(self, now: datetime, recipient: str, for_good: bool = False) -> None:
        """The provider did not answer or failed; `for_good`: it will until a person mends it, so it opens at once."""
        self.failures += 1
        self.failed_at, self.failed_for = now, recipient
        if for_good or self.is_open or self.failures >= FAILURES_IN_A_ROW:
            self.opened_at = self.opened_at or now
            self.rests_until = now + REST
