"""What a report says: the closed answers, kept readable, and the facts, kept sealed."""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from schemas.area import Areas
from schemas.terms import Answer, Injury

PersonRole = Literal["child_of_concern", "other_child", "carer", "person_of_concern", "witness", "reporter"]
CHILDREN: frozenset[PersonRole] = frozenset({"child_of_concern", "other_child"})
MomentKind = Literal["child_safe_until", "happened", "first_known", "told"]
HowKnown = Literal["given", "read_as_time", "read_as_day", "not_read"]


def _is_no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("an age is a number")
    return value


Age = Annotated[int, BeforeValidator(_is_no_truth)]
"""Completed years or months. A truth value is none, though Python counts it as 0 or 1."""


class Answers(BaseModel):
    """The answers to the danger questions: classes and instants only, nothing that names anybody.

    Ages are completed years or months (周岁). `child_safe_until` ends the time in which the child is safe.
    """

    model_config = ConfigDict(frozen=True)

    danger_now: Answer = Answer.NOT_ASKED
    child_safe_now: Answer = Answer.NOT_ASKED
    child_safe_until: datetime | None = None
    person_of_concern_has_access: Answer = Answer.NOT_ASKED
    child_alone: Answer = Answer.NOT_ASKED
    injury: Injury = Injury.NOT_ASKED
    child_age_years: Age | None = Field(default=None, ge=0, le=25)
    child_age_months: Age | None = Field(default=None, ge=0, le=300)


class Person(BaseModel):
    """Somebody in a report, with every role they hold. Words as the reporter gave them."""

    model_config = ConfigDict(frozen=True)

    roles: tuple[PersonRole, ...]
    name: str | None = None
    age: str | None = None
    sex: str | None = None
    note: str | None = None


class Places(BaseModel):
    """The five places, each as written; none is derived from another."""

    model_config = ConfigDict(frozen=True)

    now: str | None = None
    home: str | None = None
    registration: str | None = None
    incident: str | None = None
    carers: str | None = None


class SafeContact(BaseModel):
    """A safe and easy way to reach the reporter. Unknown safety is treated as unsafe.

    `wants_news`: to be told by a text without content that something became of the report, on the reporter's wall
    between `news_from` and `news_until`, which may pass midnight; without both, never.
    """

    model_config = ConfigDict(frozen=True)

    phone: str | None = None
    is_safe_to_text: Answer = Answer.NOT_ASKED
    is_safe_to_call: Answer = Answer.NOT_ASKED
    when: str | None = None
    wants_news: Answer = Answer.NOT_ASKED
    news_from: time | None = None
    news_until: time | None = None


class Moment(BaseModel):
    """An instant of a report: the reporter's words for it, and beside them what was read in them, and how.

    `given`: a system gave the instant itself. `read_as_day`: the words name a day alone; `at` is its beginning there.
    """

    model_config = ConfigDict(frozen=True)

    kind: MomentKind
    written: str | None = None
    at: datetime | None = None
    known: HowKnown


class Facts(BaseModel):
    """The words of one report or update, kept as written. Stored sealed, under the report's own data key.

    `came_from` is the phone a text or call came from, as the provider names it; None when withheld or no phone. Of it
    too `contact` says whether it is safe. `keys` are those pressed at the questions of a call, in order. `areas` are
    the codes given for places.
    """

    model_config = ConfigDict(frozen=True)

    narrative: str = ""
    places: Places = Places()
    areas: Areas = Areas()
    people: tuple[Person, ...] = ()
    contact: SafeContact = SafeContact()
    moments: tuple[Moment, ...] = ()
    recording_sids: tuple[str, ...] = ()
    came_from: str | None = None
    keys: tuple[str, ...] = ()


class WayBack(BaseModel):
    """How the reporter may be reached, without anything else that was said. Stored sealed, under the report's key.

    `news_to` (E.164): the number that the reporter gave, else the phone the contact came from.
    """

    model_config = ConfigDict(frozen=True)

    came_from: str | None = None
    contact: SafeContact = SafeContact()
    news_to: str | None = None
    language: str = "zh"
    time_zone: str | None = None


GoWith = Literal["police", "second_person"]
"""Who goes to the door beside the responder."""


class InWords(BaseModel):
    """The same in both languages of those who read it."""

    model_config = ConfigDict(frozen=True)

    zh: str
    en: str

    def of(self, language: str) -> str:
        """What it says in a language; Chinese for one that is not here."""
        return self.en if language == "en" else self.zh


class FactSheet(BaseModel):
    """What a responder needs at the door; opened only after the PIN. Stored sealed, under the case's key.

    `at_door` are dangers to whoever arrives, `found` everything else that was found. `dangers` says those at the door
    in one language, for readers from before `at_door`; in a sheet from then it is all that was found.
    `is_partial`: something of what was told could not be opened, and may be missing here.
    """

    model_config = ConfigDict(frozen=True)

    place: str | None = None
    children: tuple[Person, ...] = ()
    dangers: tuple[str, ...] = ()
    at_door: tuple[InWords, ...] = ()
    found: tuple[InWords, ...] = ()
    go_with: tuple[GoWith, ...] = ()
    narrative: str = ""
    desk_phone: str | None = None
    is_partial: bool = False

    def dangers_in(self, language: str) -> tuple[str, ...]:
        """The dangers at the door in a language; what an older sheet says stands as it was written."""
        said = {text for each in (*self.at_door, *self.found) for text in (each.zh, each.en)}
        older = (text for text in self.dangers if text not in said)
        return (*(each.of(language) for each in self.at_door), *older)

    def found_in(self, language: str) -> tuple[str, ...]:
        """What else was found, in a language."""
        return tuple(each.of(language) for each in self.found)
