"""Misbehaviour on demand: which fault strikes which phone, and how often."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal

Channel = Literal["sms", "voice"]


class Kind(StrEnum):
    """The ways in which a provider, a network or a phone fails."""

    REFUSE = "refuse"  # refused at create with `code`
    ERROR_BEFORE = "error_before"  # HTTP `status` at create, nothing accepted
    ERROR_AFTER = "error_after"  # HTTP `status` at create, although it was accepted
    SLOW_ACCEPT = "slow_accept"  # accepted after `seconds`, and never if the client left before
    SLOW_ANSWER = "slow_answer"  # accepted at once, answered after `seconds`
    HELD = "held"  # a message stays queued for `seconds`
    UNDELIVERED = "undelivered"  # sent, then undelivered with `code`
    FAILED = "failed"  # never sent: failed with `code`
    NO_ANSWER = "no_answer"  # nobody can pick up; gives up after `seconds`, else the call's Timeout
    BUSY = "busy"
    ANSWERING_MACHINE = "answering_machine"  # picks up, presses nothing, hangs up after `seconds`
    CALLBACKS_TWICE = "callbacks_twice"
    CALLBACKS_REVERSED = "callbacks_reversed"  # kept until the last, then sent last first
    CALLBACKS_LATE = "callbacks_late"  # each one `seconds` late
    CALLBACKS_LOST = "callbacks_lost"
    INBOUND_TWICE = "inbound_twice"  # the webhook of an incoming text is sent twice
    INBOUND_LOST = "inbound_lost"  # the webhook of an incoming text or call is never sent
    LISTS_LATE = "lists_late"  # what is younger than `seconds` is missing from lists


@dataclass
class Fault:
    """One fault. No phone means every phone; no channel means both; no count means until taken away."""

    kind: Kind
    phone: str | None = None
    channel: Channel | None = None
    count: int | None = None
    code: int = 30008
    status: int = 500
    seconds: float = 0.0

    def strikes(self, kind: Kind, phone: str | None, channel: Channel) -> bool:
        """Whether this fault is of that kind and meant for that phone and channel."""
        return (
            self.kind == kind and self.count != 0 and self.phone in (None, phone) and self.channel in (None, channel)
        )


@dataclass
class Faults:
    """The faults that are set, in the order in which they were set."""

    standing: list[Fault] = field(default_factory=list)

    def take(self, kind: Kind, phone: str | None, channel: Channel) -> Fault | None:
        """The first fault that strikes, counted as used once; None if there is none."""
        fault = next((one for one in self.standing if one.strikes(kind, phone, channel)), None)
        if fault is not None and fault.count is not None:
            fault.count -= 1
        return fault

    def shown(self) -> list[dict[str, Any]]:
        """The faults that can still strike, as JSON."""
        return [asdict(fault) for fault in self.standing if fault.count != 0]
