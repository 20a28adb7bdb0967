"""What ingest must know of a jurisdiction: whom to ring in an emergency, languages, notices and time zone."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ingest.domain.phones import region
from schemas.zones import TimeZone


class Jurisdiction(BaseModel):
    """One jurisdiction. `phone_region` is the ISO 3166 region whose numbers are taken to report from here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    emergency_numbers: tuple[str, ...] = Field(min_length=1)
    languages: tuple[str, ...] = Field(min_length=1)
    phone_region: str = Field(pattern=r"^[A-Z]{2}$")
    time_zone: TimeZone
    has_recording_notice: bool

    @field_validator("emergency_numbers")
    @classmethod
    def can_be_dialled(cls, numbers: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse an emergency number that is not digits."""
        if not all(number.isdecimal() for number in numbers):
            raise ValueError("an emergency number is digits only, in quotes")
        return numbers

    @property
    def emergency(self) -> str:
        """The emergency numbers as they are shown: 110 / 120."""
        return " / ".join(self.emergency_numbers)

    def name(self, language: str) -> str:
        """The name in a language."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True)
class Jurisdictions:
    """All jurisdictions by code, and the one of a report whose place tells none."""

    by_code: Mapping[str, Jurisdiction]
    usual: str

    def __getitem__(self, code: str) -> Jurisdiction:
        return self.by_code.get(code) or self.by_code[self.usual]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions in whose way people here write phone numbers, the usual first."""
        codes = sorted(self.by_code, key=lambda code: code != self.usual)
        return tuple(self.by_code[code].phone_region for code in codes)

    @property
    def time_zones(self) -> tuple[str, ...]:
        """The time zones of all of them: where a time may be meant while the place is not known."""
        return tuple(dict.fromkeys(each.time_zone for each in self.by_code.values()))

    def of_phone(self, number: str | None) -> str:
        """The code of the jurisdiction a phone (E.164) belongs to; the usual one when that tells none."""
        place = region(number)
        codes = [code for code, each in self.by_code.items() if each.phone_region == place]
        return self.usual if self.usual in codes or not codes else codes[0]
