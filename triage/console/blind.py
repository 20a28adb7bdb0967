"""A case as its second reader sees it: what reporters and those who were asked said by the day of the draw, no more.

Left out is whatever could lead a reader: urgency, reasons and outcome, the case's name, who reported and how, and who
is suspected (domain reference, 2.6: the same act is judged worse when certain people do it).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.postgres import Transaction
from infra.vault import Vault
from schemas.report import Answers, Person
from triage.console.recordings import Recording, recordings_of
from triage.store import answers, cases, reports
from triage.store.answers import DeskAnswer
from triage.store.reports import Report

SHOWN = (
    "report.narrative", "report.answers", "report.places", "report.people", "report.recordings", "case.desk_answers",
)  # fmt: skip
PLACES = ("now", "incident")
HIDDEN_ROLE, CHILD_ROLE = "person_of_concern", "child_of_concern"


@dataclass(frozen=True)
class BlindPerson:
    """Somebody in a report without their name: what they are to the matter, how old, and what was said of them."""

    roles: tuple[str, ...]
    age: str | None
    sex: str | None
    note: str | None


@dataclass(frozen=True)
class BlindWords:
    """What one contact said."""

    text: str
    received_at: datetime
    is_update: bool
    is_open: bool
    places: dict[str, str]
    people: tuple[BlindPerson, ...]


@dataclass(frozen=True)
class BlindReport:
    """One report: its words, the answers it gave, its recordings. Not `is_open` when nothing of it can be read."""

    language: str
    words: tuple[BlindWords, ...]
    answers: Answers
    recordings: tuple[Recording, ...]
    is_open: bool = True


@dataclass(frozen=True)
class BlindCase:
    """Everything a reader is shown."""

    reports: tuple[BlindReport, ...]
    asked: tuple[DeskAnswer, ...]
    zone: str


async def blind_case(tx: Transaction, vault: Vault, entry: Any) -> BlindCase:
    """A drawn case (case_id, drawn_at, time_zone), opened for a reader. Whoever shows it puts that on record."""
    case_id, until = entry["case_id"], entry["drawn_at"]
    sounds = await recordings_of(tx, case_id)
    told = [await _report(tx, vault, each, until, sounds) for each in await cases.reports(tx, case_id)]
    asked = [each for each in await answers.of_case(tx, case_id) if each.recorded_at <= until]
    return BlindCase(tuple(each for each in told if each is not None), tuple(asked), str(entry["time_zone"]))


async def _report(
    tx: Transaction, vault: Vault, report_id: UUID, until: datetime, sounds: dict[UUID, list[Recording]]
) -> BlindReport | None:
    recordings = tuple(each for each in sounds.get(report_id, []) if each.received_at <= until)
    report = await reports.read_what_opens(tx, vault, report_id)
    if report is None:
        return BlindReport("", (), Answers(), recordings, is_open=False)
    said = tuple(each for each in report.words if each.received_at <= until)
    if not said:
        return None
    return _blind(replace(report, words=said), recordings)


def _blind(report: Report, recordings: tuple[Recording, ...]) -> BlindReport:
    words = tuple(
        BlindWords(
            text=each.facts.narrative,
            received_at=each.received_at,
            is_update=number > 0,
            is_open=each.is_open,
            places={name: place for name in PLACES if (place := getattr(each.facts.places, name))},
            people=tuple(_person(person) for person in each.facts.people if _is_shown(person)),
        )
        for number, each in enumerate(report.words)
    )
    return BlindReport(report.language, words, report.answers, recordings)


def _is_shown(person: Person) -> bool:
    """Whoever is suspected is not, unless it is the child whom all is about: a child may be both."""
    return HIDDEN_ROLE not in person.roles or CHILD_ROLE in person.roles


def _person(person: Person) -> BlindPerson:
    roles = tuple(each for each in person.roles if each != HIDDEN_ROLE)
    return BlindPerson(roles, person.age, person.sex, person.note)
