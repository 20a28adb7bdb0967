"""What one contact says, whatever the channel it came by."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from ingest.domain.contacts import more_dangerous
from schemas.area import UNKNOWN, Area, Place
from schemas.report import Answers, Facts
from schemas.terms import Answer, Channel, ContactKind, Injury, ReporterRole


@dataclass(frozen=True)
class Told:
    """The words and answers of one contact, with the instants the reporter gave (None: not said).

    `area_place` is the place whose area `area` is. `partner`: the body whose system filed it, by its key.
    `is_zone_given`: the time zone is the sender's own word, which no area overrules.
    """

    channel: Channel
    language: str
    jurisdiction: str
    time_zone: str
    began_at: datetime
    kind: ContactKind = ContactKind.REPORT
    area: Area = UNKNOWN
    area_place: Place = "now"
    reporter_role: ReporterRole = ReporterRole.NOT_SAID
    answers: Answers = field(default_factory=Answers)
    facts: Facts = field(default_factory=Facts)
    happened_at: datetime | None = None
    first_known_at: datetime | None = None
    told_at: datetime | None = None
    is_canary: bool = False
    is_zone_given: bool = False
    partner: str | None = None


def together(told: Told, fields: Told | None) -> Told:
    """What a text says, with what its gateway tells in fields: the words answer before the fields do.

    Of two answers to *is a child in danger now* the more dangerous one stands.
    """
    if fields is None:
        return told
    unsaid: set[object] = {None, Answer.NOT_ASKED, Injury.NOT_ASKED}
    answered = {name: answer for name, answer in told.answers if answer not in unsaid}
    answered["danger_now"] = more_dangerous(told.answers.danger_now, fields.answers.danger_now)
    said, more = told.facts, fields.facts
    places = more.places.model_copy(update=said.places.model_dump(exclude_none=True))
    media = (*said.recording_sids, *more.recording_sids)
    return replace(
        fields,
        kind=told.kind,
        language=told.language,
        jurisdiction=told.jurisdiction,
        time_zone=fields.time_zone if fields.is_zone_given else told.time_zone,
        answers=fields.answers.model_copy(update=answered),
        facts=more.model_copy(update={"narrative": said.narrative, "places": places, "recording_sids": media}),
    )


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
    """What became of a contact: a new report, or an update to one; `code` is for the reporter alone.

    `jurisdiction` is the report's, as it is kept.
    """

    report_id: UUID
    version: int
    code: str
    received_at: datetime
    jurisdiction: str
    update_id: UUID | None = None
