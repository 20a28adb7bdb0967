"""Reports as ingest publishes them, their sealed words opened."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from infra.postgres import Transaction, queries
from infra.vault import Subject, Vault, VaultError
from schemas.area import Area, Place
from schemas.report import CHILDREN, Answers, Facts
from schemas.terms import Answer, Channel, ContactKind, ReporterRole
from triage.domain.assessment import AssessedReport, Meaning, Piece
from triage.domain.case import merged

_sql = queries(Path(__file__).with_suffix(".sql"))
_UPDATE = ("update_id", "update_version", "update_answers", "update_facts", "update_received_at")


_SAFE = {"child_safe_now": Answer.YES, "person_of_concern_has_access": Answer.NO}
"""The answers of safety, by question: what was so when it was said need not be so after newer words."""


class NoSuchReport(Exception):
    """An event tells of a report that the published view does not hold."""


@dataclass(frozen=True, slots=True)
class Words:
    """What one contact said: the report itself or an update, at its instant.

    Not `is_open` when something of it could not be opened; what could is there. Only `read_what_opens` gives such.
    """

    id: UUID
    version: int
    answers: Answers
    facts: Facts
    received_at: datetime
    is_open: bool = True

    @property
    def ages(self) -> tuple[str, ...]:
        """How old children are, as written beside their names."""
        return tuple(person.age for person in self.facts.people if person.age and CHILDREN & set(person.roles))


@dataclass(frozen=True, slots=True)
class LastJudged:
    """A report in a case, and when and at which version it was last judged; None and 0 where it never was."""

    case_id: UUID
    alias: str
    child_safe_until: datetime | None
    report_id: UUID
    assessed_at: datetime | None
    version: int

    @property
    def name(self) -> str:
        """Which one it is, for people who may look it up."""
        return f"{self.alias} {self.report_id}"


Opener = Callable[[Transaction, Vault, Subject, tuple[Any, ...]], Awaitable[Words]]


@dataclass(frozen=True, slots=True)
class Report:
    """A report with its updates so far; `words` begins with the report itself. `case_id` is the case it is in."""

    report_id: UUID
    version: int
    kind: ContactKind
    channel: Channel
    jurisdiction: str
    area: Area
    language: str
    reporter_role: ReporterRole
    time_zone: str | None
    received_at: datetime
    linked_report_id: UUID | None
    is_canary: bool
    case_id: UUID | None
    words: tuple[Words, ...]
    meaning: Meaning | None = None
    reference_token: bytes | None = None
    area_place: Place = "now"

    @property
    def answers(self) -> Answers:
        """The answers so far: what was asked anew holds, as *safe now* holds over a safety that had ended by then."""
        answers = self.words[0].answers
        for update in self.words[1:]:
            until = answers.child_safe_until
            if update.answers.child_safe_now is Answer.YES and until is not None and until <= update.received_at:
                answers = answers.model_copy(update={"child_safe_until": None})
            answers = merged(answers, update.answers)
        return answers

    @property
    def is_open(self) -> bool:
        """Whether everything that was said could be opened."""
        return all(each.is_open for each in self.words)

    def as_of(self, version: int) -> "Report":
        """The report as it was at a version: without the updates that came later."""
        updates = tuple(each for each in self.words[1:] if each.version <= version)
        return replace(self, words=(self.words[0], *updates), version=version)

    def as_assessed(self) -> AssessedReport:
        """The report as the engine reads it; pieces are named by the contact they were said in."""
        pieces = [Piece(id=str(each.id), text=each.facts.narrative) for each in self.words if each.facts.narrative]
        return AssessedReport(
            pieces=tuple(pieces),
            answers=self._standing(),
            channel=self.channel,
            reporter_role=self.reporter_role,
            has_unheard_recording=any(each.facts.recording_sids and not each.facts.narrative for each in self.words),
            meaning=self.meaning,
            ages=tuple(age for each in self.words for age in each.ages),
        )

    def _standing(self) -> Answers:
        """The answers that stand: one of safety is open again once the reporter has told more than answers."""
        answers, told = self.answers, [at for at, each in enumerate(self.words) if at and _tells_more(each)]
        newest = max(told, default=0)
        for name, safe in _SAFE.items():
            said = [at for at, each in enumerate(self.words) if getattr(each.answers, name) is not Answer.NOT_ASKED]
            if getattr(answers, name) is safe and said[-1] < newest:
                answers = answers.model_copy(update={name: Answer.NOT_ASKED})
        return answers


def _tells_more(words: Words) -> bool:
    """Whether a contact tells something new, and does not only answer a danger question or say where the child is."""
    told = words.facts.narrative
    return bool(told) and words.answers == Answers() and words.facts.places.now != told


async def read(tx: Transaction, vault: Vault, report_id: UUID) -> Report:
    """A report with its updates, opened; NoSuchReport when it is not there."""
    return await _read(tx, vault, report_id, _words)


async def read_what_opens(tx: Transaction, vault: Vault, report_id: UUID) -> Report | None:
    """A report as far as it opens: a contact with a broken seal or an unknown word hides no other.

    For people to read; a judgement by one that is not `is_open` may raise, and is not kept.
    None when it is not there, or its own row holds a word that nobody here knows.
    """
    try:
        return await _read(tx, vault, report_id, _words_that_open)
    except (NoSuchReport, ValueError):
        return None


async def _read(tx: Transaction, vault: Vault, report_id: UUID, words: Opener) -> Report:
    rows = [row async for row in _sql.find_report(tx, report_id=report_id)]
    if not rows:
        raise NoSuchReport(f"report {report_id}")
    first = rows[0]
    said = [(report_id, first["version"], first["answers"], first["facts"], first["received_at"])]
    said += [tuple(row[name] for name in _UPDATE) for row in rows if row["update_id"] is not None]
    subject = Subject("report", report_id)
    return _report(first, tuple([await words(tx, vault, subject, each) for each in said]))


def known_answers(given: Mapping[str, Any]) -> tuple[Answers, bool]:
    """The answers that can be understood, for people to read, and whether that is all of them."""
    try:
        return Answers.model_validate(given), True
    except ValidationError as error:
        strange = {each["loc"][0] for each in error.errors()}
        return Answers.model_validate({name: value for name, value in given.items() if name not in strange}), False


async def answers(tx: Transaction, case_id: UUID) -> list[tuple[ReporterRole, Answers]]:
    """The answers of every report of a case and of their updates, in order, with the role of each reporter.

    They are not sealed: a report whose words cannot be opened has them too. A word that nobody here knows is no
    answer: its question is still to be asked.
    """
    rows = [row async for row in _sql.find_answers(tx, case_id=case_id)]
    return [(_role(row["reporter_role"]), known_answers(row["answers"] or {})[0]) for row in rows]


async def without_case(tx: Transaction, received_before: datetime, received_after: datetime) -> list[UUID]:
    """Reports received between two instants that are in no case; at most twenty."""
    rows = _sql.find_without_case(tx, received_before=received_before, received_after=received_after)
    return [row["report_id"] async for row in rows]


async def last_judged(tx: Transaction, since: datetime) -> list[LastJudged]:
    """Reports in cases that were received since an instant, in order; no canaries."""
    return [LastJudged(**dict(row)) async for row in _sql.find_last_judged(tx, since=since)]


def _role(word: str) -> ReporterRole:
    return ReporterRole(word) if word in set(ReporterRole) else ReporterRole.NOT_SAID


def _report(row: Any, words: tuple[Words, ...]) -> Report:
    return Report(
        report_id=row["report_id"],
        version=max(row["version"], *(each.version for each in words)),
        kind=ContactKind(row["kind"]),
        channel=Channel(row["channel"]),
        jurisdiction=row["jurisdiction"],
        area=Area(system=row["area_system"], edition=row["area_edition"], code=row["area_code"]),
        language=row["language"],
        reporter_role=ReporterRole(row["reporter_role"]),
        time_zone=row["time_zone"],
        received_at=row["received_at"],
        linked_report_id=row["linked_report_id"],
        is_canary=row["is_canary"],
        case_id=row["case_id"],
        words=words,
        meaning=None if row["meaning"] is None else Meaning.model_validate(row["meaning"]),
        reference_token=row["reference_token"],
        area_place=row["area_place"],
    )


async def _words(tx: Transaction, vault: Vault, subject: Subject, said: tuple[Any, ...]) -> Words:
    contact_id, version, answers, sealed, received_at = said
    facts = await _facts(tx, vault, subject, sealed)
    return Words(contact_id, version, Answers.model_validate(answers or {}), facts, received_at)


async def _words_that_open(tx: Transaction, vault: Vault, subject: Subject, said: tuple[Any, ...]) -> Words:
    contact_id, version, given, sealed, received_at = said
    answers, is_known = known_answers(given or {})
    try:
        facts = await _facts(tx, vault, subject, sealed)
    except (VaultError, ValidationError):
        return Words(contact_id, version, answers, Facts(), received_at, is_open=False)
    return Words(contact_id, version, answers, facts, received_at, is_known)


async def _facts(tx: Transaction, vault: Vault, subject: Subject, sealed: bytes | None) -> Facts:
    if sealed is None:
        return Facts()
    return Facts.model_validate_json(await vault.open(tx, subject, "facts", sealed))
