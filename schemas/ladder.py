"""The ladder: who is called, when, on what, until a person takes responsibility. From a pack."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.terms import AlertChannel, Level
from schemas.zones import TimeZone

SATURDAY = 5


class Rung(BaseModel):
    """One level of a ladder, called `after` the start. Rungs add people; earlier ones go on ringing."""

    model_config = ConfigDict(frozen=True)

    level: Level
    after: timedelta
    channels: tuple[AlertChannel, ...] = Field(min_length=1)


class WorkingHours(BaseModel):
    """The hours of Monday to Friday, on the wall of the place of a case, from `begins` until before `ends`."""

    model_config = ConfigDict(frozen=True)

    begins: time
    ends: time
    time_zone: TimeZone

    @model_validator(mode="after")
    def has_length(self) -> "WorkingHours":
        """Refuse hours that are never open."""
        if self.begins >= self.ends:
            raise ValueError("working hours begin before they end, on one day")
        return self

    def next_within(self, instant: datetime) -> datetime:
        """The instant itself when it lies in the hours, else the next one at which they begin, in UTC."""
        zone = ZoneInfo(self.time_zone)
        day = instant.astimezone(zone).date()
        while True:
            begins_at, ends_at = (datetime.combine(day, at, zone).astimezone(UTC) for at in (self.begins, self.ends))
            if day.weekday() < SATURDAY and instant.astimezone(UTC) < ends_at:
                return max(instant.astimezone(UTC), begins_at)
            day += timedelta(days=1)


class Ladder(BaseModel):
    """A ladder as stamped on an assignment: waits are final, any demonstration scale already applied.

    Unanswered voice repeats after `voice_again`, then every `voice_every`; after the last rung everybody
    on it is called together every `everybody_every`. `links` says whether an SMS may hold a link, `emergency` what to
    ring in danger at the place of the case. Within `hours` alone somebody is called again, where a ladder has them:
    who was called for what can wait for days is not rung at night (decision 25). Rungs are called at their waits all
    the same.
    """

    model_config = ConfigDict(frozen=True)

    rungs: tuple[Rung, ...] = Field(min_length=1)
    voice_again: timedelta = timedelta(seconds=60)
    voice_every: timedelta = timedelta(minutes=2)
    everybody_every: timedelta = timedelta(minutes=4)
    ring_for: timedelta = timedelta(seconds=30)
    links: bool = False
    emergency: str = Field("", max_length=20)
    hours: WorkingHours | None = None

    @classmethod
    def of_one(cls, *channels: AlertChannel) -> "Ladder":
        """A ladder for one person, called at once."""
        return cls(rungs=(Rung(level=Level.FIRST, after=timedelta(), channels=channels),))

    @model_validator(mode="after")
    def rungs_rise(self) -> "Ladder":
        """Refuse a ladder whose waits do not rise or whose levels repeat."""
        waits = [rung.after for rung in self.rungs]
        levels = [rung.level for rung in self.rungs]
        if waits != sorted(waits) or len(set(levels)) != len(levels):
            raise ValueError("the rungs of a ladder rise in time and name each level once")
        return self
