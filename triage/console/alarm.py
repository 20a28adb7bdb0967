"""One alarm."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Alarm:
    """One thing to look at. `key` is the same as long as it is the same thing."""

    key: str
    kind: str
    text: str
    since: datetime | None = None
    link: str | None = None
    settle: UUID | None = None
