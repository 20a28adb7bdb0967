"""What the provider remembers: numbers, messages, calls and recordings."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from infra.emulators.twilio.line import Line

FINAL_CALL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
FINAL_MESSAGE = frozenset({"delivered", "undelivered", "failed", "canceled", "received"})
# The statuses in which a message is still with the provider and can be taken back.
STILL_QUEUED = frozenset({"accepted", "scheduled", "queued"})


def draw_sid(prefix: str) -> str:
    """A new identifier in Twilio's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True)
class Account:
    """The one account, and the token it signs in and its webhooks are signed with."""

    sid: str
    auth_token: str


@dataclass(frozen=True)
class Hook:
    """An address of the application, and how it is to be asked."""

    url: str
    method: str = "POST"


@dataclass
class Number:
    """A number the account owns, and whom it tells of texts and calls."""

    sid: str
    phone_number: str
    created_at: datetime
    sms: Hook | None = None
    voice: Hook | None = None
    sms_fallback: Hook | None = None
    voice_fallback: Hook | None = None
    status_callback: Hook | None = None


@dataclass(frozen=True)
class Media:
    """A picture sent with a text: what it is, not what it shows."""

    sid: str
    content_type: str


@dataclass
class Message:
    """An SMS or MMS in either direction."""

    sid: str
    from_: str
    to: str
    body: str
    direction: Literal["inbound", "outbound-api", "outbound-reply"]
    status: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    callback: Hook | None = None
    error_code: int | None = None
    service_sid: str | None = None
    validity: float = 36000.0
    media: tuple[Media, ...] = ()

    @property
    def phone(self) -> str:
        """The person's side of it."""
        return self.from_ if self.direction == "inbound" else self.to

    @property
    def is_shown(self) -> bool:
        """Whether the text has reached the person's phone, or came from it."""
        return self.status in {"received", "delivered"}


@dataclass(frozen=True)
class Said:
    """A piece of what was heard in a call, and on which side."""

    by: Literal["hotline", "phone"]
    text: str
    language: str = ""
    kind: Literal["speech", "keys", "tone", "pause"] = "speech"


@dataclass
class Call:
    """A call in either direction, with the line on which people act."""

    sid: str
    from_: str
    to: str
    direction: Literal["inbound", "outbound-api", "outbound-dial"]
    status: str
    created_at: datetime
    updated_at: datetime
    line: Line = field(default_factory=Line)
    answer: Hook | None = None
    twiml: str | None = None
    fallback: Hook | None = None
    callback: Hook | None = None
    callback_events: frozenset[str] = frozenset({"completed"})
    timeout: float = 60.0
    detects_machines: bool = False
    answered_by: str | None = None
    parent_sid: str | None = None
    start_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    said: list[Said] = field(default_factory=list)

    @property
    def phone(self) -> str:
        """The person's side of it."""
        return self.from_ if self.direction == "inbound" else self.to

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen on it."""
        return self.status in FINAL_CALL

    @property
    def seconds(self) -> int | None:
        """How long people were connected, in whole seconds, at least one; None if they never were."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(1, round((self.ended_at - self.answered_at).total_seconds()))


@dataclass(frozen=True)
class Recording:
    """What was said after a tone, kept as words and given out as sound."""

    sid: str
    call_sid: str
    words: str
    seconds: int
    created_at: datetime
