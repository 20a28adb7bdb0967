"""Judging a case again when no report brought new words: time has passed, or the desk has asked something."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from schemas.report import Answers
from schemas.terms import Channel, ReporterRole, Urgency
from triage.domain.asking import gravest
from triage.domain.assessment import AnswerGiven, AssessedReport, Assessment, History
from triage.domain.case import Case
from triage.domain.engine import assess
from triage.domain.history import Earlier
from triage.domain.pack import Pack
from triage.handlers import opening, past, sheets
from triage.handlers.turn import Turn
from triage.store import answers, cases, reports
from triage.store.reports import Report


@dataclass(frozen=True, slots=True)
class Judged:
    """A case judged again: the urgency of the report worst off, and the rules that fired in any."""

    urgency: Urgency
    rules: frozenset[str]

    @property
    def why(self) -> dict[str, object]:
        """What is kept with a change of urgency that follows from it."""
        return {"rules": sorted(self.rules)}


@dataclass(frozen=True, slots=True)
class Beside:
    """What the reports of a case are judged with besides their words: what the desk was told, and their history.

    `versions` are those last judged, by report, in the order they joined the case.
    """

    versions: dict[UUID, int]
    answers: tuple[Answers, ...]
    steps: tuple[AnswerGiven, ...]
    tied: tuple[Earlier, ...]

    def judge(self, report: Report, pack: Pack, now: datetime) -> Assessment:
        """Judge one of them."""
        history = past.before(report, len(self.versions) - 1, self.tied)
        return assess(opening.with_answers(report, self.answers, pack, self.steps), history, pack, now)


async def judge_again(turn: Turn, case: Case, safe_until: datetime | None = None) -> Judged:
    """Judge every report of a case with what the desk was told; with `safe_until` as if that were its end of safety.

    What opens is judged and kept. Where something does not open, what does and what the desk was told may still
    raise: nobody waits because a seal is broken.
    """
    beside = await beside_of(turn, case.case_id, safe_until)
    told = [await open_report(turn, each, version) for each, version in beside.versions.items()]
    judged = [
        (each, beside.judge(each, opening.pack_of(turn, each.jurisdiction), turn.now))
        for each in told
        if each is not None
    ]
    assessments = [each for _, each in judged]
    await _keep(turn, case, judged)
    await sheets.keep(turn, case, told, assessments)
    if not all(each is not None and each.is_open for each in told):
        assessments.append(_judge_alone(turn, case, beside))
    urgency = min((each.urgency for each in assessments), key=lambda each: each.rank)
    return Judged(urgency, frozenset().union(*(each.rules for each in assessments)))


async def beside_of(turn: Turn, case_id: UUID, safe_until: datetime | None = None) -> Beside:
    """What the reports of a case are judged with, as it is now known."""
    told = (*await answers.told(turn.tx, case_id), Answers(child_safe_until=safe_until))
    steps, tied = await answers.steps(turn.tx, case_id), await past.others(turn, case_id)
    return Beside(await cases.reports(turn.tx, case_id), told, steps, tuple(tied))


async def open_report(turn: Turn, report_id: UUID, version: int) -> Report | None:
    """A report as it now is, at the version last judged: new words whose event is still to come must be heard too.

    None for one that was never read, or of which nothing can be.
    """
    report = await reports.read_what_opens(turn.tx, turn.means.vault, report_id)
    return replace(report, version=version) if report and version else None


async def _keep(turn: Turn, case: Case, judged: list[tuple[Report, Assessment]]) -> None:
    """Keep what was judged from all that a report says, the worst last: it is then the newest."""
    for report, assessment in sorted(judged, key=lambda each: each[1].urgency.rank, reverse=True):
        if report.is_open:
            version = (report.report_id, report.version)
            await cases.keep_judgement(turn.tx, version, case.case_id, (assessment, turn.now))


def _judge_alone(turn: Turn, case: Case, beside: Beside) -> Assessment:
    """What the answers given to the desk come to by themselves."""
    pack = opening.pack_of(turn, case.jurisdiction)
    alone = AssessedReport(
        pieces=(),
        answers=gravest(Answers(), beside.answers, pack.questions),
        steps=beside.steps,
        channel=Channel.VOICE,
        reporter_role=ReporterRole.NOT_SAID,
    )
    return assess(alone, History(), pack, turn.now)
