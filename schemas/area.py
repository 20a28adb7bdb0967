"""Where something is: an official code with its system and edition, never a name."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Area(BaseModel):
    """An area code. China: 12-digit division code (`CN-XZQH`), matched by prefix. England: `GB-GSS`.

    `code` is None when the place is unknown or doubtful: the case then belongs to the last-resort team.
    """

    model_config = ConfigDict(frozen=True)

    system: str
    edition: str
    code: str | None = None


UNKNOWN = Area(system="none", edition="none")

Place = Literal["now", "incident", "home", "carers", "registration"]
"""The five places of a report, in the order in which they tell where the child may be reached."""


class Areas(BaseModel):
    """The areas of the five places, as far as they are known, in the order of `Place`."""

    model_config = ConfigDict(frozen=True)

    now: Area | None = None
    incident: Area | None = None
    home: Area | None = None
    carers: Area | None = None
    registration: Area | None = None

    def first(self) -> tuple[Area, Place]:
        """The area of the first place that has a code, and which place that is: where the child is now, before all.

        Registration says least: a child seldom lives where a household was written down.
        """
        told: list[tuple[Area | None, Place]] = [
            (self.now, "now"),
            (self.incident, "incident"),
            (self.home, "home"),
            (self.carers, "carers"),
            (self.registration, "registration"),
        ]
        known = ((area, place) for area, place in told if area is not None and area.code)
        return next(known, (self.now or UNKNOWN, "now"))
