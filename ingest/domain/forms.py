"""The web form: what was typed, kept as typed, and what it tells. A mistake never loses a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from ingest.domain import phones, times
from ingest.domain.past import past
from ingest.domain.told import Told
from schemas.area import UNKNOWN, Area
from schemas.report import Answers, Facts, Moment, MomentKind, Person, Places, SafeContact
from schemas.terms import Answer, Channel, Injury, ReporterRole

LONGEST_TEXT = 20_000
LONGEST_LINE = 500
TEXTS = ("what", "where")
PAST: Mapping[str, MomentKind] = {"happened": "happened", "first_known": "first_known"}
LINES = (
    "child_safe_until",
    "child_name",
    "child_age",
    "home",
    "person_of_concern",
    "reporter_name",
    "phone",
    "when",
    *PAST,
)
ADDED = {"words": "what"}
ANSWERS = (
    "danger_now",
    "child_safe_now",
    "person_of_concern_has_access",
    "child_alone",
    "is_safe_to_text",
    "is_safe_to_call",
    "wants_news",
)
GIVEN = tuple(answer.value for answer in Answer if answer is not Answer.NOT_ASKED)
HOURS = {
    "morning": (time(8), time(12)),
    "afternoon": (time(12), time(18)),
    "evening": (time(18), time(22)),
    "day": (time(8), time(22)),
}
"""Hours in which a reporter may safely be texted, on their wall."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(ANSWERS, GIVEN),
    "wants_news": (Answer.YES.value, Answer.NO.value),
    "news_hours": tuple(HOURS),
    "injury": tuple(injury.value for injury in Injury if injury is not Injury.NOT_ASKED),
    "role": tuple(role.value for role in ReporterRole if role is not ReporterRole.NOT_SAID),
}


@dataclass(frozen=True)
class Form:
    """A form as it was typed; a field that was left blank is not there."""

    values: Mapping[str, str]

    @classmethod
    def read(cls, pairs: Sequence[tuple[str, str]]) -> "Form":
        """The first value of each known field that is not blank; words that could not be added tell what happened."""
        known = {*TEXTS, *LINES, *CHOICES, "area"}
        values: dict[str, str] = {}
        for name, value in ((ADDED.get(name, name), value) for name, value in pairs):
            if name in known and value.strip() and name not in values:
                values[name] = value
        return cls(values)

    @property
    def body(self) -> bytes:
        """What tells two sendings of one form apart."""
        return "\n".join(f"{name}={value}" for name, value in sorted(self.values.items())).encode()

    def mistakes(self, areas: Sequence[str], regions: Sequence[str]) -> dict[str, str]:
        """What must be mended, by field, as keys of the locale; `areas` are the values that can be chosen."""
        found = {name: "mistake.choice" for name, choices in CHOICES.items() if self._is_strange(name, choices)}
        if self._is_strange("area", areas):
            found["area"] = "mistake.choice"
        found |= {name: "mistake.too_long" for name in TEXTS if len(self._text(name)) > LONGEST_TEXT}
        found |= {name: "mistake.too_long" for name in LINES if len(self._text(name)) > LONGEST_LINE}
        if "phone" in self.values and not phones.is_number(self.values["phone"], regions):
            found["phone"] = "mistake.phone"
        if "child_safe_until" in self.values and not times.readings(self.values["child_safe_until"]):
            found["child_safe_until"] = "mistake.time"
        if not {"what", "where", "danger_now"} & self.values.keys():
            found["what"] = "mistake.nothing_said"
        return found

    def told(self, page: "Page") -> Told:
        """What the form tells; only of a form without mistakes."""
        values, moments = self.values, self._moments(page)
        instants = {moment.kind: moment.at for moment in moments}
        return Told(
            channel=Channel.WEB,
            language=page.language,
            jurisdiction=page.jurisdiction,
            time_zone=page.time_zone,
            began_at=page.began_at,
            area=read_area(values.get("area", "")),
            reporter_role=ReporterRole(values.get("role", ReporterRole.NOT_SAID)),
            answers=self._answers(page),
            facts=self._facts(moments),
            happened_at=instants.get("happened"),
            first_known_at=instants.get("first_known"),
        )

    def _answers(self, page: "Page") -> Answers:
        choices = [name for name in CHOICES if name in Answers.model_fields and name in self.values]
        given: dict[str, object] = {name: self.values[name] for name in choices}
        given["child_safe_until"] = self._safe_until(page)
        years = self._text("child_age").strip().removesuffix("岁").strip()
        if years.isascii() and years.isdecimal() and int(years) <= 25:
            return Answers.model_validate({**given, "child_age_years": int(years)})
        return Answers.model_validate(given)

    def _safe_until(self, page: "Page") -> datetime | None:
        return times.meant(self._text("child_safe_until"), page.began_at, page.zones)

    def _moments(self, page: "Page") -> tuple[Moment, ...]:
        """Every time that was written, as written, with the instant that is read in it."""
        moments = []
        if "child_safe_until" in self.values:
            written, at = self.values["child_safe_until"], self._safe_until(page)
            moments.append(Moment(kind="child_safe_until", written=written, at=at, known="read_as_time"))
        for name, kind in PAST.items():
            if name in self.values:
                moments.append(_past_moment(kind, self.values[name], page))
        return tuple(moments)

    def _facts(self, moments: tuple[Moment, ...]) -> Facts:
        values = self.values
        contact = SafeContact(
            phone=values.get("phone"),
            is_safe_to_text=Answer(values.get("is_safe_to_text", Answer.NOT_ASKED)),
            is_safe_to_call=Answer(values.get("is_safe_to_call", Answer.NOT_ASKED)),
            when=values.get("when"),
            wants_news=Answer(values.get("wants_news", Answer.NOT_ASKED)),
            **_hours(values.get("news_hours")),
        )
        places = Places(now=values.get("where"), home=values.get("home"))
        return Facts(
            narrative=self._text("what"), places=places, people=self._people(), contact=contact, moments=moments
        )

    def _people(self) -> tuple[Person, ...]:
        values, people = self.values, []
        if {"child_name", "child_age"} & values.keys():
            child = Person(roles=("child_of_concern",), name=values.get("child_name"), age=values.get("child_age"))
            people.append(child)
        if "person_of_concern" in values:
            people.append(Person(roles=("person_of_concern",), note=values["person_of_concern"]))
        if "reporter_name" in values:
            people.append(Person(roles=("reporter",), name=values["reporter_name"]))
        return tuple(people)

    def _is_strange(self, name: str, choices: Sequence[str]) -> bool:
        return name in self.values and self.values[name] not in choices

    def _text(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True)
class Page:
    """The page a form was sent from. `time_zones`: all in which a time may be meant, where no area tells the one."""

    language: str
    jurisdiction: str
    time_zone: str
    began_at: datetime
    time_zones: tuple[str, ...] = ()

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones in which a time on the wall may be meant."""
        return self.time_zones or (self.time_zone,)


def _past_moment(kind: MomentKind, written: str, page: Page) -> Moment:
    found = past(written, page.began_at, page.zones)
    if found is None:
        return Moment(kind=kind, written=written, known="not_read")
    return Moment(kind=kind, written=written, at=found.at, known="read_as_day" if found.is_day else "read_as_time")


def written_area(area: Area) -> str:
    """An area as the value of a choice."""
    return f"{area.system}|{area.edition}|{area.code or ''}"


def read_area(written: str) -> Area:
    """The area of a choice; unknown when none was chosen."""
    system, _, rest = written.partition("|")
    edition, _, code = rest.partition("|")
    return Area(system=system, edition=edition, code=code or None) if code else UNKNOWN


def added_words(page: Page, words: str) -> Told:
    """Words added on the follow-up page."""
    told = Told(
        channel=Channel.WEB,
        language=page.language,
        jurisdiction=page.jurisdiction,
        time_zone=page.time_zone,
        began_at=page.began_at,
    )
    return replace(told, facts=Facts(narrative=words))


def _hours(chosen: str | None) -> dict[str, time]:
    begin, end = HOURS.get(chosen or "", (None, None))
    return {"news_from": begin, "news_until": end} if begin and end else {}
