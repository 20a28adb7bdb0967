"""The emulator's own clock: real time, because a provider's clock is not ours to move."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the provider's clock is outside infra.clock on purpose


def monotonic_ns() -> int:
    """Nanoseconds of the machine's monotonic clock, comparable between processes of one machine."""
    return time.monotonic_ns()


def rfc2822(instant: datetime | None) -> str | None:
    """The form Twilio writes instants in, to the second."""
    return None if instant is None else format_datetime(instant)


def parse(text: str) -> datetime:
    """An instant or a day (its midnight) as a list filter gives it; ValueError if it is neither."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
