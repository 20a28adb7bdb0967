"""How a person wants to be reached: in which order by urgency, and when it is quiet. Kept as JSON by triage."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.terms import AlertChannel, Urgency

EMAIL_PLACE = 0
"""The place of the e-mail address among the ways of a person; phones have the others."""
MARK_LASTS = timedelta(days=30)
"""How long the notifier keeps to what a provider says of a number. Then it is tried again: directories are mended
without our hearing of it."""
LONGEST_QUIET = timedelta(hours=11)
"""Shorter than the day in which phones are tried, so that some of it is always left."""

Way = Annotated[str, Field(pattern=r"^((voice|sms):[1-9]\d?|email)$")]
"""A channel and the place of a phone (`voice:2`), or `email`."""


class Quiet(BaseModel):
    """Hours on the wall of a person in which nothing rings that is not immediate; they may go over midnight."""

    model_config = ConfigDict(frozen=True)

    begins: time
    ends: time

    @model_validator(mode="after")
    def is_short(self) -> "Quiet":
        """Refuse hours without a length, and too many of them."""
        if not timedelta() < self.lasts <= LONGEST_QUIET:
            raise ValueError("quiet hours last longer than nothing and at most eleven hours")
        return self

    @property
    def lasts(self) -> timedelta:
        """How long they last on the wall; nothing where they end when they begin."""
        begins, ends = (timedelta(hours=at.hour, minutes=at.minute) for at in (self.begins, self.ends))
        return (ends - begins) % timedelta(days=1)

    def ends_at(self, now: datetime, time_zone: str) -> datetime | None:
        """When the quiet that holds now ends; None while it is not quiet."""
        local = now.astimezone(ZoneInfo(time_zone))
        for day in (local.date() - timedelta(days=1), local.date()):
            begins_at = datetime.combine(day, self.begins, local.tzinfo)
            ends_on = day if self.begins < self.ends else day + timedelta(days=1)
            ends_at = datetime.combine(ends_on, self.ends, local.tzinfo)
            if begins_at.timestamp() <= now.timestamp() < ends_at.timestamp():
                return ends_at.astimezone(now.tzinfo)
        return None


class Preferences(BaseModel):
    """A person's own. `orders` name the ways by urgency, the first one first; `time_zone` is IANA."""

    model_config = ConfigDict(frozen=True)

    time_zone: str = "UTC"
    quiet: Quiet | None = None
    orders: Mapping[Urgency, tuple[Way, ...]] = Field(default_factory=dict)

    def order(self, urgency: Urgency) -> tuple[Way, ...]:
        """The ways for an urgency, the first one first; nothing where the ladder alone says."""
        return self.orders.get(urgency, ())

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the quiet that holds now ends; None while it is not quiet."""
        return self.quiet.ends_at(now, self.time_zone) if self.quiet is not None else None


def channel_of(way: Way) -> AlertChannel:
    """The channel of a way."""
    return AlertChannel(way.partition(":")[0])


def place_of(way: Way) -> int:
    """The place of the phone of a way."""
    return int(way.partition(":")[2] or EMAIL_PLACE)
