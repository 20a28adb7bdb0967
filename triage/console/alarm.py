"""One alarm."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Alarm:
    """One thing to look at. `key` is the same as long as it is the same thing; `settle`: where a press ends it."""

    key: str
    kind: str
    text: str
    since: datetime | None = None
    link: str | None = None
    settle: str | None = None
