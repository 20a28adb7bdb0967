"""Clues that two reports tell of the same child, each by its kind: pure, and never kept but as keyed tokens.

A clue joins what together tells one child from many (a name with a birth year, a place with a day), so that no
later weighing is needed: one shared clue is a reason by itself. Which kinds are strong stands in `likeness`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import phonenumbers

from schemas.area import Area
from schemas.report import CHILDREN, Answers, Facts, Person
from schemas.terms import ReporterRole
from triage.domain import birth, names, places
from triage.domain.assessment import Piece
from triage.domain.evidence import ages_of_the_child, ages_written, read
from triage.domain.lexicon import Lexicon
from triage.domain.structured import age_months

LEAST_DIGITS = 10
"""Of a national number that is in no known series."""
MOST = 240
"""Clues of one report: beyond them a report repeats itself."""


class Kind(StrEnum):
    """What a clue is made of."""

    IDENTITY = "identity"
    PHONE = "phone"
    REFERENCE = "reference"
    NAME_BORN = "name_born"
    NAME_BIRTHDAY = "name_birthday"
    SOUND_BORN = "sound_born"
    SOUND_AREA = "sound_area"
    NAME = "name"
    GIVEN_BORN_AREA = "given_born_area"
    GIVEN_PLACE = "given_place"
    PLACE_DAY = "place_day"
    ADULT_AREA = "adult_area"
    REPORTER_PHONE = "reporter_phone"


@dataclass(frozen=True, slots=True)
class Clue:
    """One clue. Two of one value are the same, whatever their kinds: a phone that was named and one that called."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Told:
    """What clues are drawn from: all words of one report. `day` is that of its commit where it happened."""

    facts: tuple[Facts, ...]
    answers: Answers
    role: ReporterRole
    jurisdiction: str
    area: Area
    day: date


@dataclass(frozen=True, slots=True)
class _Child:
    name: str
    years: tuple[int, ...]
    birthdays: tuple[date, ...]


_ADULT_ROLES = frozenset({"carer", "person_of_concern"})
_CALLED_ZH = re.compile(r"(?:名叫|叫做|叫|名字是|姓名[:：]?)([\u4e00-\u9fff]{2,4})")
_CALLED_EN = re.compile(r"\b(?:[Nn]amed?|[Cc]alled|[Nn]ame is|[Nn]ame's)\s+([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})")
_REFERENCE = re.compile(r"(?<!\d)(\d{4}[ -]?\d{4})(?:[ -]?\d{4}[ -]?\d{4})?(?!\d)")
_ALIAS = re.compile(r"(?<![A-Za-z])[ACDEFHJKLMNPRTWXY]{2}[2-9]{3}(?!\d)")
_ADJACENT = timedelta(days=1)


def clues_of(told: Told, lexicon: Lexicon) -> frozenset[Clue]:
    """Every clue that a report gives. Total: any words give clues, possibly none."""
    where = _places(told)
    children = _of_children(told, lexicon, where)
    clues = dict.fromkeys((*_of_numbers(told), *children, *_of_adults(told), *_of_days(told, where)))
    return frozenset(list(clues)[:MOST])


def references_in(told: Told) -> frozenset[str]:
    """The references (eight digits) of other reports that the words name."""
    found = (each[1] for text in _texts(told) for each in _REFERENCE.finditer(text))
    return frozenset(re.sub("[ -]", "", each) for each in found)


def aliases_in(told: Told) -> frozenset[str]:
    """The case aliases that the words name."""
    return frozenset(each for text in _texts(told) for each in _ALIAS.findall(text.upper()))


def _texts(told: Told) -> list[str]:
    notes = [each for facts in told.facts for person in facts.people for each in (person.note, person.age) if each]
    return [facts.narrative for facts in told.facts if facts.narrative] + notes


def _of_numbers(told: Told) -> Iterator[Clue]:
    region = told.jurisdiction.partition("-")[0]
    for text in _texts(told):
        yield from (Clue(Kind.IDENTITY, f"identity {each}") for each in birth.identities_in(text))
        yield from (Clue(Kind.PHONE, f"phone {each}") for each in phones_in(birth.without_identities(text), region))
    own = Kind.PHONE if told.role is ReporterRole.CHILD else Kind.REPORTER_PHONE
    for facts in told.facts:
        for number in filter(None, (facts.contact.phone, facts.came_from)):
            yield from (Clue(own, f"phone {each}") for each in phones_in(number, region))


def phones_in(text: str, region: str) -> tuple[str, ...]:
    """The phone numbers in a text as E.164; one without country code is of the region."""
    if sum(char.isdecimal() for char in text) < 7:
        return ()
    known = region if region in phonenumbers.SUPPORTED_REGIONS else None
    # Numbers in no use yet, as those of stories and new series, count too; a date is not one.
    found = phonenumbers.PhoneNumberMatcher(text, known, leniency=phonenumbers.Leniency.POSSIBLE)
    numbers = (
        phonenumbers.format_number(each.number, phonenumbers.PhoneNumberFormat.E164)
        for each in found
        if len(str(each.number.national_number)) >= LEAST_DIGITS or phonenumbers.is_valid_number(each.number)
    )
    return tuple(dict.fromkeys(numbers))


def _of_children(told: Told, lexicon: Lexicon, where: tuple[str, ...]) -> Iterator[Clue]:
    district = places.district(told.area.system, told.area.code)
    for child in _children(told, lexicon):
        yield from _of_name(child, district)
        for given in sorted(names.given_sounds(child.name)):
            if district:
                yield from (Clue(Kind.GIVEN_BORN_AREA, f"given {given} {year} {district}") for year in child.years)
            yield from (Clue(Kind.GIVEN_PLACE, f"given {given} at {place}") for place in where)


def _of_name(child: _Child, district: str) -> Iterator[Clue]:
    """The clues of a whole name; a given name alone is none of these."""
    if not names.is_full(child.name):
        return
    name = names.written(child.name)
    yield Clue(Kind.NAME, f"name {name}")
    yield from (Clue(Kind.NAME_BORN, f"name {name} {year}") for year in child.years)
    for sound in sorted(names.sounds(child.name)):
        yield from (Clue(Kind.NAME_BIRTHDAY, f"sound {sound} {day}") for day in child.birthdays)
        yield from (Clue(Kind.SOUND_BORN, f"sound {sound} {year}") for year in child.years)
        if district:
            yield Clue(Kind.SOUND_AREA, f"sound {sound} {district}")


def _children(told: Told, lexicon: Lexicon) -> Iterator[_Child]:
    """Children by name, with when they were born: what is said of the person, else of the report's child."""
    days = tuple(day for text in _texts(told) for day in birth.born_in(text, told.day))
    ages = ages_of_the_child(read(Piece(id="", text=text), lexicon, told.role) for text in _texts(told))
    answered = age_months(told.answers)
    years = _years(told, [answered] if answered is not None else ages, days)
    for person in _named(told, CHILDREN):
        own_days = birth.dates_in(person.age or "", told.day) or days
        own = [age.months for age in ages_written(person.age or "", lexicon)]
        yield _Child(person.name or "", _years(told, own, own_days) if own or own_days else years, own_days)
    for name in _called(told):
        yield _Child(name, years, days)


def _years(told: Told, months: Iterable[int], days: Iterable[date]) -> tuple[int, ...]:
    exact = {day.year for day in days}
    return tuple(sorted(exact or {year for each in months for year in birth.years_of(each, told.day)}))[:6]


def _named(told: Told, roles: frozenset[str]) -> Iterator[Person]:
    for facts in told.facts:
        yield from (person for person in facts.people if person.name and roles & set(person.roles))


def _called(told: Told) -> Iterator[str]:
    """Names that running words give: *叫陈小雨*, *named Ella Brown*. Where a Chinese one ends nothing tells."""
    for facts in told.facts:
        for run in _CALLED_ZH.findall(facts.narrative):
            lengths = (2, 3) if run[:1] in names.SURNAMES else (2,)
            yield from (run[:length] for length in lengths if len(run) >= length)
        yield from _CALLED_EN.findall(facts.narrative)


def _places(told: Told) -> tuple[str, ...]:
    """The words of every place but that of registration, which whole villages share."""
    found: list[str] = []
    for facts in told.facts:
        for written in (facts.places.incident, facts.places.now, facts.places.home, facts.places.carers):
            found += places.field(written) if written else ()
        found += places.words_in(facts.narrative)
    return tuple(dict.fromkeys(found))[: places.MOST]


def _of_adults(told: Told) -> Iterator[Clue]:
    district = places.district(told.area.system, told.area.code)
    for person in _named(told, _ADULT_ROLES) if district else ():
        if names.is_full(person.name or ""):
            sounds = sorted(names.sounds(person.name or ""))
            yield from (Clue(Kind.ADULT_AREA, f"adult {sound} {district}") for sound in sounds)


def _of_days(told: Told, where: tuple[str, ...]) -> Iterator[Clue]:
    """A place on a day and on the next: reports that cross midnight share one of the two."""
    district = places.district(told.area.system, told.area.code)
    for place in where:
        for day in (told.day, told.day - _ADJACENT):
            yield Clue(Kind.PLACE_DAY, f"place {place} {district} {day}")
