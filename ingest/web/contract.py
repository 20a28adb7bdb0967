"""What the API takes and gives, as models: /openapi.json is made from them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from schemas.area import Area, Areas
from schemas.report import Answers, Person, Places, SafeContact
from schemas.terms import ReporterRole, StateWord
from schemas.zones import TimeZone


def _in_reach(at: datetime) -> datetime:
    """An instant that every zone can show and the database can keep."""
    if not FIRST_YEAR <= at.year < LAST_YEAR:
        raise ValueError("no year of ours")
    return at


FIRST_YEAR, LAST_YEAR = 1900, 2200
Instant = Annotated[AwareDatetime, AfterValidator(_in_reach)]
Language = Literal["zh", "en"]
Text = Annotated[str, Field(max_length=100_000)]
Token = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class AreaIn(Area):
    """An area code with its system and edition."""

    model_config = ConfigDict(extra="forbid")

    system: Token
    edition: Token
    code: Token | None = None


class AreasIn(Areas):
    """The areas of the five places, as far as they are known."""

    model_config = ConfigDict(extra="forbid")

    now: AreaIn | None = None
    incident: AreaIn | None = None
    home: AreaIn | None = None
    carers: AreaIn | None = None
    registration: AreaIn | None = None


class AnswersIn(Answers):
    """The answers to the danger questions. A question that is left out was not asked."""

    model_config = ConfigDict(extra="forbid")

    child_safe_until: Instant | None = None


class PersonIn(Person):
    """Somebody in the report, in the reporter's words."""

    model_config = ConfigDict(extra="forbid")


class PlacesIn(Places):
    """The five places, each as written."""

    model_config = ConfigDict(extra="forbid")


class SafeContactIn(SafeContact):
    """A safe and easy way to reach the reporter."""

    model_config = ConfigDict(extra="forbid")


class Telling(BaseModel):
    """What reports and contacts have in common.

    `area` is where the child is now. `areas` may give those of the other places too; the first that is known, in the
    order now, incident, home, carers, registration, decides who is called.
    """

    model_config = ConfigDict(extra="forbid")

    language: Language | None = None
    reporter_role: ReporterRole = ReporterRole.NOT_SAID
    area: AreaIn | None = None
    areas: AreasIn = AreasIn()
    narrative: Text = ""
    answers: AnswersIn = AnswersIn()
    places: PlacesIn = PlacesIn()
    people: tuple[PersonIn, ...] = Field(default=(), max_length=50)
    contact: SafeContactIn = SafeContactIn()
    happened_at: Instant | None = None
    first_known_at: Instant | None = None
    told_at: Instant | None = None
    began_at: Instant | None = None
    time_zone: TimeZone | None = None

    @property
    def all_areas(self) -> AreasIn:
        """The areas of the places; `area` is that of the place now."""
        return self.areas.model_copy(update={"now": self.area or self.areas.now})

    @property
    def says_nothing(self) -> bool:
        """Whether there is not one word and not one answer in it."""
        is_silent = not self.narrative.strip() and self.answers == AnswersIn()
        return is_silent and self.places == PlacesIn() and not self.people


class ReportIn(Telling):
    """A report. With `code`, the sixteen digits of an earlier one, its words are added to that."""

    kind: Literal["report", "consultation"] = "report"
    code: str | None = Field(default=None, max_length=40)


class ContactIn(Telling):
    """A contact that a gateway hands over: a text (`sms`), a call (`voice`) or a page of its own (`web`).

    `sid` is the gateway's own id of it; the same one is taken once. `sender` is the phone it came from, with
    or without its country code; one that is no phone counts as unknown.
    """

    provider: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    sid: Token
    channel: Literal["sms", "voice", "web"]
    sender: str | None = Field(default=None, max_length=40)
    recording_sids: tuple[Token, ...] = Field(default=(), max_length=20)
    is_new_event: bool = False
    is_canary: bool = False


class ReceiptOut(BaseModel):
    """What a reporter gets at once. The sixteen digits of `code` open the follow-up page; keep them safe."""

    report_id: UUID
    reference: str
    code: str
    version: int
    is_update: bool
    state: StateWord
    received_at: datetime
    follow_url: str
    emergency_numbers: str


class StateOut(BaseModel):
    """What became of a report, for the system that filed it: the word its reporter is told, and nothing more."""

    report_id: UUID
    state: StateWord
    received_at: datetime


class ContactOut(BaseModel):
    """What became of a contact; `reply` is the text to send back, null for silence."""

    report_id: UUID
    reply: str | None = None
    receipt: ReceiptOut | None = None


class Mistake(BaseModel):
    """One thing to mend."""

    field: str
    message: str


class Problem(BaseModel):
    """A problem (RFC 9457) in the language of Accept-Language, with the emergency numbers."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    emergency: str
    errors: tuple[Mistake, ...] = ()
