"""What every channel is to the timer. tests/integration/notifier/test_channels.py holds each to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Outgoing:
    """One alert, ready to go. `marks` are words by which a text is known again in the provider's list.

    `is_bulk`: many get it at once, so it does not go from the number that alerts come from. `is_other_sender`: that
    number could not send it. `is_notice`: it goes to a reporter, from the number that reporters know.
    """

    alert_id: UUID
    to: str
    body: str
    marks: tuple[str, ...]
    valid_for: timedelta
    ring_for: timedelta
    subject: str = ""
    is_bulk: bool = False
    is_other_sender: bool = False
    is_notice: bool = False


@dataclass(frozen=True)
class Taken:
    """An alert the provider has, with its id there and the alert's state."""

    sid: str
    state: str


class Channel(Protocol):
    """A way to reach a person. Raises the errors of `infra.sending`.

    A `Refused` says that this alert will never be taken; a `ProviderDown` or `Throttled` that it surely was not; an
    `Uncertain` that nobody knows, after which it is looked for with `find`.
    """

    @property
    def provider(self) -> str:
        """Whose failure takes this channel away, with every other channel of the same provider."""
        ...

    def sender(self, outgoing: Outgoing) -> str:
        """What it leaves from: a number or a server, whose rate is kept."""
        ...

    async def send(self, outgoing: Outgoing) -> Taken:
        """Hand an alert to the provider."""
        ...

    async def find(self, outgoing: Outgoing, since: datetime) -> list[Taken]:
        """What the provider may have of an alert whose answer was lost, newest first."""
        ...

    async def stop(self, sid: str) -> None:
        """End a call or take back a text, if it is not too late."""
        ...
