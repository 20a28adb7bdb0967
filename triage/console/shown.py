"""The reports of a case as its page shows them: words with marks, answers, instants, reasons; what will not open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.postgres import Transaction, queries
from infra.vault import Vault
from schemas.area import Areas
from schemas.report import Answers, MomentKind, Person, Places, SafeContact
from triage.console.narrative import Segment, mark_of, segments
from triage.console.recordings import Recording, elsewhere, recordings_of
from triage.console.words import Words
from triage.domain.assessment import ABSENT, BOTH_ENDS
from triage.semantics import exemplars
from triage.store import cases, reports
from triage.store.queue import CasePage
from triage.store.reports import Report

_sql = queries(__file__)

TOLD: Mapping[MomentKind, str] = {
    "happened": "happened_at",
    "first_known": "first_known_at",
    "told": "told_at",
    "child_safe_until": "child_safe_until",
}
MEASURED = ("began_at", "received_at")


@dataclass(frozen=True)
class ShownReason:
    """One reason as a sentence, numbered as it is marked in the words."""

    number: int
    sentence: str
    factor: str
    counts: bool
    how: str
    question: str
    answer: str
    has_span: bool
    nearest: str


@dataclass(frozen=True)
class Contact:
    """What one contact said, with its marks; not `is_open` when something of it cannot be opened.

    `has_way_back`: it says anything new of how to reach the reporter.
    """

    segments: list[Segment]
    is_update: bool
    received_at: Any
    places: Places
    areas: Areas
    people: tuple[Person, ...]
    contact: SafeContact
    is_open: bool
    came_from: str | None
    keys: tuple[str, ...]
    has_way_back: bool


@dataclass(frozen=True)
class Instant:
    """One instant of a report, None when none was said or read in what was `written`, and how it is known.

    `told` to us or `measured` here; where the reporter's words are kept, how they were read.
    """

    name: str
    at: datetime | None
    known: str
    written: str = ""


@dataclass(frozen=True)
class ShownReport:
    """One report of a case: its words, the answers so far, the reasons of its newest judgement.

    `changes` are, by question, the answer that would change the urgency and what it would make of it.
    """

    report: Report
    contacts: list[Contact]
    answers: Answers
    instants: list[Instant]
    reasons: list[ShownReason]
    ask: list[str]
    changes: dict[str, Mapping[str, str]]
    urgency: str
    pack: str
    semantic: str
    recordings: list[Recording]
    elsewhere: int

    @property
    def model(self) -> str:
        """The name of the model that read the words."""
        return self.semantic.removesuffix(BOTH_ENDS)

    @property
    def is_read_in_part(self) -> bool:
        """Whether it read only the beginning and the end of what was said."""
        return self.semantic.endswith(BOTH_ENDS)


@dataclass(frozen=True)
class ShutReport:
    """A report of which nothing can be read; `outline` is its row as it stands, None when there is none."""

    report_id: UUID
    outline: Any
    recordings: list[Recording]


async def read_reports(
    tx: Transaction, vault: Vault, words: Words, stored: CasePage
) -> tuple[list[ShownReport], list[ShutReport]]:
    """The reports of a case as far as they open, and those that do not: neither hides the other."""
    case_id = stored.case["case_id"]
    heard = await recordings_of(tx, case_id)
    outlines = {row["report_id"]: row async for row in _sql.find_report_outlines(tx, case_id=case_id)}
    shown: list[ShownReport] = []
    shut = []
    for report_id in await cases.reports(tx, case_id):
        number = 1 + sum(len(each.reasons) for each in shown)
        sounds = heard.get(report_id, [])
        report = await reports.read_what_opens(tx, vault, report_id)
        if report is None:
            shut.append(ShutReport(report_id, outlines.get(report_id), sounds))
        else:
            shown.append(_shown(words, (report, outlines[report_id], sounds), stored, number))
    return shown, shut


def _shown(words: Words, of: tuple[Report, Any, list[Recording]], stored: CasePage, number: int) -> ShownReport:
    """One report, its reasons numbered from `number`."""
    report, outline, sounds = of
    judged = next((each for each in stored.assessments if each["report_id"] == report.report_id), None)
    raw = list(enumerate(judged["reasons"] if judged else [], number))
    return ShownReport(
        report,
        _contacts(report, raw),
        report.answers,
        _instants(report, outline),
        [_reason(words, at, reason) for at, reason in raw],
        list(judged["ask"]) if judged else [],
        {each["question"]: each for each in judged["what_would_change"]} if judged else {},
        judged["urgency"] if judged else "",
        judged["pack"] if judged else "",
        judged["semantic"] if judged else ABSENT,
        sounds,
        elsewhere((sid for said in report.words for sid in said.facts.recording_sids), sounds),
    )


def _instants(report: Report, outline: Any) -> list[Instant]:
    """Every instant that was told, the reporter's words beside it, then what was recorded here."""
    told: list[Instant] = []
    for kind, name in TOLD.items():
        moments = [each for said in report.words for each in said.facts.moments if each.kind == kind]
        told += [Instant(name, each.at, each.known, each.written or "") for each in moments]
        at = report.answers.child_safe_until if kind == "child_safe_until" else outline[name]
        if not moments or at not in {None, *(each.at for each in moments)}:
            told.append(Instant(name, at, "told"))
    return told + [Instant(name, outline[name], "measured") for name in MEASURED]


def _contacts(report: Report, raw: list[tuple[int, Any]]) -> list[Contact]:
    contacts: list[Contact] = []
    for said in report.words:
        is_known = said.facts.came_from in {None, *(each.came_from for each in contacts)}
        contacts.append(_contact(said, raw, is_update=bool(contacts), is_known=is_known))
    return contacts


def _contact(said: Any, raw: list[tuple[int, Any]], *, is_update: bool, is_known: bool) -> Contact:
    here = [(number, reason) for number, reason in raw if reason["span"] and reason["span"]["piece"] == str(said.id)]
    marks = [mark for mark in (mark_of(number, reason) for number, reason in here) if mark]
    facts = said.facts
    return Contact(
        segments(facts.narrative, marks),
        is_update,
        said.received_at,
        facts.places,
        facts.areas,
        facts.people,
        facts.contact,
        said.is_open,
        facts.came_from,
        facts.keys,
        said.is_open and (not is_update or not is_known or facts.contact != SafeContact()),
    )


def _reason(words: Words, number: int, reason: Mapping[str, Any]) -> ShownReason:
    denied = reason["polarity"] == "negative"
    how = [words.t("desk_denied")] if denied else []
    how += [words.term("certainty", reason["certainty"])] if reason["certainty"] != "stated" else []
    how += [words.term("when", reason["time"])] if reason["time"] != "not_said" else []
    how += [words.term("source", reason["source"])] if reason["source"] != "first_hand" else []
    given = reason["answer"]
    return ShownReason(
        number,
        words.reason(reason),
        words.factor(reason["factor"]) if reason["factor"] != reason["rule"] else "",
        reason["rule"] is not None,
        words.t("desk_and").join(how),
        words.question(given["question"]) if given else "",
        words.term("answer", given["value"]) if given else "",
        reason["span"] is not None,
        _nearest(words, reason.get("nearest")),
    )


def _nearest(words: Words, nearest: Mapping[str, Any] | None) -> str:
    """The reviewed exemplar that a machine's reading rests on, and how alike the two are; empty for other reasons."""
    exemplar = exemplars.by_id().get(nearest["exemplar"]) if nearest else None
    if nearest is None or exemplar is None:
        return ""
    return words.t("desk_nearest", percent=round(100 * nearest["similarity"]), text=exemplar.text)
