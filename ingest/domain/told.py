"""What one contact says, whatever the channel it came by."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from schemas.area import UNKNOWN, Area
from schemas.report import Answers, Facts
from schemas.terms import Channel, ContactKind, ReporterRole


@dataclass(frozen=True)
class Told:
    """The words and answers of one contact, with the instants the reporter gave (None: not said)."""

    channel: Channel
    language: str
    jurisdiction: str
    time_zone: str
    began_at: datetime
    kind: ContactKind = ContactKind.REPORT
    area: Area = UNKNOWN
    reporter_role: ReporterRole = ReporterRole.NOT_SAID
    answers: Answers = field(default_factory=Answers)
    facts: Facts = field(default_factory=Facts)
    happened_at: datetime | None = None
    first_known_at: datetime | None = None
    told_at: datetime | None = None
    is_canary: bool = False


@dataclass(frozen=True)
class Origin:
    """Where a contact came from: the provider and its id for it, and the phone (E.164) it came from.

    A phone that a reporter only writes down is no origin: anybody can write it. `sender` is what the provider names,
    where that is more than the phone: a short code, a name, a number without its country.
    """

    provider: str
    sid: str | None = None
    phone: str | None = None
    sender: str | None = None


@dataclass(frozen=True)
class Taken:
    """What became of a contact: a new report, or an update to one; `code` is for the reporter alone."""

    report_id: UUID
    version: int
    code: str
    received_at: datetime
    update_id: UUID | None = None
