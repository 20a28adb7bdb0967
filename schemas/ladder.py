"""The ladder: who is called, when, on what, until a person takes responsibility. From a pack."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.terms import AlertChannel, Level


class Rung(BaseModel):
    """One level of a ladder, called `after` the start. Rungs add people; earlier ones go on ringing."""

    model_config = ConfigDict(frozen=True)

    level: Level
    after: timedelta
    channels: tuple[AlertChannel, ...] = Field(min_length=1)


class Ladder(BaseModel):
    """A ladder as stamped on an assignment: waits are final, any demonstration scale already applied.

    Unanswered voice repeats after `voice_again`, then every `voice_every`; after the last rung everybody
    on it is called together every `everybody_every`. `links` says whether an SMS may hold a link.
    """

    model_config = ConfigDict(frozen=True)

    rungs: tuple[Rung, ...] = Field(min_length=1)
    voice_again: timedelta = timedelta(seconds=60)
    voice_every: timedelta = timedelta(minutes=2)
    everybody_every: timedelta = timedelta(minutes=4)
    ring_for: timedelta = timedelta(seconds=30)
    links: bool = False

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
