"""Everything the page of a case shows, read and opened in one transaction, with the names of what was shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from infra.postgres import Transaction, queries
from infra.vault import Vault
from schemas.report import Answers
from schemas.terms import AssignmentStatus
from triage.console.asked_of_desk import AskedOfDesk, asked_of_desk
from triage.console.assigned import Assigned, assigned
from triage.console.closing import ClosingView, read_closing
from triage.console.opened import open_words
from triage.console.queue import areas_of, called_of, open_names
from triage.console.rows import area_of, calling_of, holder_of
from triage.console.shown import ShownReport, ShutReport, read_reports
from triage.console.timeline import Happened, happened
from triage.console.trees import ShownTree, grown
from triage.console.words import Words
from triage.domain import clocks, there
from triage.domain.asking import QUESTIONS
from triage.domain.engine import CHILD_AGE
from triage.domain.structured import open_questions
from triage.store import answers, cases, queue, reports
from triage.store.answers import DeskAnswer
from triage.store.queue import CasePage

_sql = queries(__file__)

CALLED_FOR = ("respond", "read", "emergency_service", "check_in", "safety")

SHOWN = (
    "case.urgency", "case.reasons", "case.area", "case.clocks", "case.timeline", "case.notes", "case.responders",
    "case.answers",
    "report.narrative", "report.answers", "report.instants", "report.places", "report.people", "report.contact",
    "case.desk_answers", "case.closing", "case.suspected_malice", "case.assignment_reasons", "case.responder_phones",
)  # fmt: skip


@dataclass(frozen=True)
class CaseView:
    """A case as the desk sees it."""

    stored: CasePage
    case: Any
    names: Mapping[UUID, str]
    reports: list[ShownReport]
    shut: list[ShutReport]
    timeline: list[Happened]
    holder_kind: str
    holder: str
    other_calling: list[str]
    lower_reason: str
    closing: ClosingView
    teams: list[Any]
    callable: dict[UUID, list[UUID]]
    excluded: tuple[UUID, ...]
    asked: list[DeskAnswer]
    unasked: list[str]
    trees: dict[UUID, list[ShownTree]]
    area: str
    assigned: Assigned
    asking: AskedOfDesk

    @property
    def others_named(self) -> list[UUID]:
        """People of the hotline whom the case names and no team calls: they too may be kept out of it."""
        called = {person for people in self.callable.values() for person in people}
        return [person for person in self.names if person not in called]

    @property
    def open_steps(self) -> list[str]:
        """The questions of decision trees that are worth asking, each once."""
        asked = (question for each in self.reports for question in each.ask)
        return list(dict.fromkeys(each for each in asked if each not in (*QUESTIONS, CHILD_AGE)))

    @property
    def running(self) -> list[Any]:
        """Its running clocks, soonest first."""
        return [clock for clock in self.stored.clocks if clock["ended_at"] is None]

    @property
    def answerable(self) -> set[str]:
        """Names of running clocks that a press ends; the rest have answers of their own, or keep a case in sight."""
        return {clock["name"] for clock in self.running} - clocks.NOT_ANSWERED - there.OWN_CLOCKS

    @property
    def is_asking_emergency(self) -> bool:
        """Whether the task *emergency service called?* waits for an answer."""
        return any(clock["name"] == "emergency_service" for clock in self.running)

    @property
    def is_unheard(self) -> bool:
        """Whether there is a recording that nobody has listened to."""
        sounds = [each.recordings for each in self.reports] + [each.recordings for each in self.shut]
        return any(not each.is_heard for recordings in sounds for each in recordings)

    @property
    def zone(self) -> str:
        """The zone in which its instants are told."""
        return str(self.case["time_zone"])


async def read_case(tx: Transaction, vault: Vault, words: Words, case_id: UUID) -> CaseView | None:
    """A case with everything opened, or None when there is none. Whoever shows it puts that on record."""
    stored = await queue.case_page(tx, case_id)
    if stored is None:
        return None
    entries = await happened(tx, vault, words, case_id)
    called = {purpose: await called_of(tx, [case_id], purpose) for purpose in CALLED_FOR}
    ids = {each["person_id"] for group in called.values() for row in group.values() for each in row}
    callable_ = await _callable(tx, words)
    excluded = await cases.exclusions(tx, case_id)
    ids |= entries.people | _people_of(stored) | {each for people in callable_.values() for each in people}
    asked = await answers.of_case(tx, case_id)
    opened, shut = await read_reports(tx, vault, words, stored)
    beside = answers.answered(asked)
    told = [each.report for each in opened]
    is_whole = not shut and all(each.is_open for each in told)
    closing = await read_closing(tx, vault, words, stored.case, (told, is_whole))
    ids |= set(excluded) | closing.people | {each.recorded_by for each in asked}
    asking = await asked_of_desk(tx, vault, words, stored)
    ids |= set(asking.phones)
    names = await open_names(tx, vault, words, ids)
    kind, holder = _holder(words, stored, called["respond"].get(case_id, []), names)
    return CaseView(
        stored=stored,
        case=stored.case,
        names=names,
        reports=opened,
        shut=shut,
        timeline=entries.told(names),
        holder_kind=kind,
        holder=holder,
        other_calling=_other(words, stored, {key: found.get(case_id, []) for key, found in called.items()}, names),
        lower_reason=await _lower_reason(tx, vault, words, stored),
        closing=closing,
        teams=[row async for row in _sql.find_teams(tx)],
        callable=callable_,
        excluded=excluded,
        asked=asked,
        unasked=await _unasked(tx, words, stored, beside),
        trees={each.report.report_id: grown(words, each, stored, beside).opened() for each in opened},
        area=area_of(words, stored.case, await areas_of(tx, [case_id])),
        asking=asking,
        assigned=assigned(words, stored.case, _newest(stored, "respond"), names),
    )


async def _callable(tx: Transaction, words: Words) -> dict[UUID, list[UUID]]:
    """By team: whom it calls, now or at a later shift, so that somebody can be kept out before they are called."""
    found: dict[UUID, list[UUID]] = {}
    async for row in _sql.find_callable(tx, now=words.now):
        found.setdefault(row["team_id"], []).append(row["person_id"])
    return found


async def _unasked(tx: Transaction, words: Words, stored: CasePage, asked: Iterable[Answers]) -> list[str]:
    """The danger questions that nobody was asked yet: while there is one, nobody lowers the case."""
    told = await reports.answers(tx, stored.case["case_id"])
    pack = words.packs.for_jurisdiction(stored.case["jurisdiction"], words.now.date())
    return open_questions(told, pack.questions, asked)


def _people_of(stored: CasePage) -> set[UUID]:
    case, request = stored.case, stored.urgency_request
    ids = {case[name] for name in ("read_by", "taken_by", "stood_down_by", "closed_by")}
    ids |= {
        each[name] for each in stored.assignments for name in ("taken_by", "acknowledged_by", "first_responder_id")
    }
    ids |= {request["asked_by"]} if request else set()
    return {each for each in ids if each is not None}


def _holder(words: Words, stored: CasePage, called: list[Any], names: Mapping[UUID, str]) -> tuple[str, str]:
    newest = _newest(stored, "respond")
    row = {
        **dict(stored.case),
        "clocks": [clock for clock in stored.clocks if clock["ended_at"] is None],
        "calling_status": newest["status"] if newest else None,
        "calling_taken_by": newest["taken_by"] if newest else None,
        "escalation_status": newest["escalation_status"] if newest else None,
    }
    return holder_of(words, row, called, names)


def _other(words: Words, stored: CasePage, called: Mapping[str, list[Any]], names: Mapping[UUID, str]) -> list[str]:
    """Who else is called for this case: officers to read it, the supervisor about the emergency service."""
    told = []
    for purpose in CALLED_FOR[1:]:
        newest = _newest(stored, purpose)
        if newest and newest["status"] == AssignmentStatus.CALLING and newest["acknowledged_by"] is None:
            who = calling_of(words, called[purpose], names)
            told.append(words.t("desk_calling_for", purpose=words.term("purpose", purpose), who=who))
    return told


def _newest(stored: CasePage, purpose: str) -> Any:
    found = [each for each in stored.assignments if each["purpose"] == purpose]
    return max(found, key=lambda each: each["number"], default=None)


async def _lower_reason(tx: Transaction, vault: Vault, words: Words, stored: CasePage) -> str:
    request = stored.urgency_request
    if request is None:
        return ""
    return await open_words(tx, vault, words, (stored.case["case_id"], "lower_reason", request["reason"]))
