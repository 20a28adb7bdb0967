"""Between the time on the wall, which rosters are written in, and instants."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the wall there shows this time: the first of two, or when the clock sprang over it.

    A later time on the wall is never an earlier instant, so stretches that meet on the wall meet in truth.
    """
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local.replace(fold=0):
        return at
    return _sprang(local.replace(tzinfo=zone, fold=1).astimezone(UTC), at, zone)


def on_wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the wall there shows at an instant, without an offset."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _sprang(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the offset changes between two instants."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
