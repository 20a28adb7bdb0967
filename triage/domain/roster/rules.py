"""What a roster file may say: rotations and when they work, shifts by hand, overrides."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.terms import Level
from triage.domain.roster import calendars

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "working", "free", "holiday"]
WEEKDAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time()
WEEK = timedelta(days=7)


def _is_known_zone(name: object) -> object:
    try:
        ZoneInfo(str(name))
    except (KeyError, ValueError):
        raise ValueError(f"{name} is no time zone, such as Asia/Shanghai") from None
    return name


def _is_quoted(given: object) -> object:
    """Refuse a number: YAML reads 18:00 without quotes as seconds."""
    if isinstance(given, int | float):
        raise ValueError('write a time of day in quotes, such as "18:00"')
    return given


def _is_known_calendar(code: str) -> str:
    if not calendars.is_known(code):
        raise ValueError(f"no public holidays are known for {code}; name a country or a part of it, CN or GB-ENG")
    return code


def _is_local(at: datetime) -> datetime:
    if at.tzinfo is not None:
        raise ValueError("write it in the roster's local time, without an offset")
    return at


TimeZone = Annotated[str, BeforeValidator(_is_known_zone)]
TimeOfDay = Annotated[time, BeforeValidator(_is_quoted)]
Holidays = Annotated[str, AfterValidator(_is_known_calendar)]
LocalTime = Annotated[datetime, AfterValidator(_is_local)]


class Rule(BaseModel):
    """The base of everything in a roster file: closed, so that a mistyped key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Window(Rule):
    """On days of these kinds, from `begins` until `ends`: the next day's where that is not later. Else the whole day.

    `working` and `free` are the days that are worked and those that are not, `holiday` the public holidays.
    """

    days: tuple[Day, ...] = Field(min_length=1)
    begins: TimeOfDay = MIDNIGHT
    ends: TimeOfDay = MIDNIGHT


class Rotation(Rule):
    """People in turn at one level, from local `handover` on `starts_on`.

    A turn lasts `days` (a week unless said) or `hours`, or, with `each_stretch`, one stretch of `during`. The
    rotation works always, or `during` some windows only, and in no case `except_during` others.
    """

    level: Level
    people: tuple[str, ...] = Field(min_length=1)
    starts_on: date
    handover: TimeOfDay = time(8, 0)
    days: int | None = Field(default=None, ge=1, le=366)
    hours: int | None = Field(default=None, ge=1, le=366 * 24)
    each_stretch: bool = False
    during: tuple[Window, ...] = ()
    except_during: tuple[Window, ...] = ()
    position: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def has_one_kind_of_turn(self) -> Self:
        """Refuse two lengths of a turn, or a turn for each stretch where there are none."""
        if sum((self.days is not None, self.hours is not None, self.each_stretch)) > 1:
            raise ValueError("a turn lasts days, hours, or each stretch: say one of them")
        if self.each_stretch and not self.during:
            raise ValueError("each_stretch needs `during`: which stretches")
        return self

    @property
    def every(self) -> timedelta | None:
        """How long a turn lasts on the wall; None where it is one stretch."""
        if self.each_stretch:
            return None
        return timedelta(hours=self.hours) if self.hours else timedelta(days=self.days) if self.days else WEEK

    @property
    def windows(self) -> tuple[Window, ...]:
        """Every window it names."""
        return (*self.during, *self.except_during)


class _Between(Rule):
    level: Level
    begins: LocalTime
    ends: LocalTime

    @model_validator(mode="after")
    def ends_later(self) -> Self:
        """Refuse what does not end after it begins."""
        if self.ends <= self.begins:
            raise ValueError("it ends after it begins")
        return self


class ByHand(_Between):
    """A shift written by hand. `is_imported`: from a table or calendar, so that no file of rules names it."""

    person: str
    position: int = Field(default=1, ge=1)
    is_imported: bool = False


class Override(_Between):
    """One stretch of local time in which somebody is added to a level, removed from it, or replaced there."""

    add: str | None = None
    remove: str | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        """Refuse an override that changes nothing."""
        if self.add is None and self.remove is None:
            raise ValueError("an override adds or removes somebody")
        return self


class Roster(Rule):
    """The rules of one team. `levels` must each have somebody at every hour; `holidays` is its calendar."""

    team: str
    time_zone: TimeZone
    levels: tuple[Level, ...] = Field(min_length=1)
    holidays: Holidays | None = None
    rotations: tuple[Rotation, ...] = ()
    shifts: tuple[ByHand, ...] = ()
    overrides: tuple[Override, ...] = ()

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        """Refuse a roster that puts nobody on call, or asks for holidays without their calendar."""
        if not self.rotations and not self.shifts:
            raise ValueError("a roster has rotations or shifts")
        asks = any("holiday" in window.days for rotation in self.rotations for window in rotation.windows)
        if asks and self.holidays is None:
            raise ValueError("`holiday` needs the calendar of the roster: `holidays: CN`, or GB-ENG")
        return self

    @property
    def handles(self) -> frozenset[str]:
        """Everybody the roster names."""
        turns = {handle for rotation in self.rotations for handle in rotation.people}
        changes = {handle for each in self.overrides for handle in (each.add, each.remove) if handle}
        return frozenset(turns | changes | {each.person for each in self.shifts})

    def last_position(self, level: Level) -> int:
        """The last place at a level that a rotation or a shift by hand gives; 0 where none does."""
        turns = [each.position for each in self.rotations if each.level is level]
        return max(turns + [each.position for each in self.shifts if each.level is level], default=0)


def is_of(window: Window, day: date, calendar: str | None) -> bool:
    """Whether a window begins on a day."""
    kinds: set[Day] = {WEEKDAYS[day.weekday()], "working" if calendars.is_working(calendar, day) else "free"}
    if calendar is not None and calendars.is_holiday(calendar, day):
        kinds.add("holiday")
    return not kinds.isdisjoint(window.days)
