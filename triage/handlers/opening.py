"""Opening a case: alias, team, clocks, the first people called, and what its reports are judged to be."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from infra.ids import new_alias, new_id
from infra.outbox import Trace
from schemas.report import Answers
from schemas.terms import Urgency
from triage.domain import clocks
from triage.domain.asking import gravest
from triage.domain.assessment import AnswerGiven, AssessedReport, Assessment, History
from triage.domain.assignment import TeamChoice
from triage.domain.case import SAFETY_MARGIN, Case, Cause, Status
from triage.domain.desk import is_staffed
from triage.domain.engine import assess
from triage.domain.pack import ACKNOWLEDGED, CASE_OPENED, REPORT_COMMITTED, Clock, Pack
from triage.handlers import likenesses, past, responders, sheets
from triage.handlers.choice import team_for
from triage.handlers.publish import publish_new
from triage.handlers.turn import Turn
from triage.store import answers, cases, desks, reports, timeline
from triage.store import clocks as clock_store
from triage.store.reports import Report
from triage.store.timeline import Entry


def pack_of(turn: Turn, jurisdiction: str) -> Pack:
    """The pack in force in a jurisdiction today."""
    return turn.means.packs.for_jurisdiction(jurisdiction, turn.now.date())


async def open_case(turn: Turn, report: Report, trace: Trace) -> Case:
    """Open a case for a report, judge its urgency, and call whoever is on call: all in this transaction."""
    pack = pack_of(turn, report.jurisdiction)
    assessment = assess(report.as_assessed(), await past.of_new(turn, report), pack, turn.now)
    team, choice = await team_for(turn, report.area, report.area_place)
    case = await opened(
        turn,
        Case(
            case_id=new_id(),
            alias=new_alias(),
            version=1,
            urgency=assessment.urgency,
            status=Status.OPEN,
            team_id=team["team_id"],
            jurisdiction=report.jurisdiction,
            area=report.area,
            time_zone=team["area_zone"] or report.time_zone or team["time_zone"],
            language=report.language,
            opened_at=turn.now,
            correlation_id=trace.correlation_id,
            traceparent=trace.traceparent,
            is_canary=report.is_canary,
            unread_since=turn.now,
            child_safe_until=report.answers.child_safe_until,
            team_reasons=choice.reasons,
        ),
        (report.report_id, report.version),
    )
    await keep_judgement(turn, case, (report, assessment), (report.report_id,))
    entries = [_joined(report), Entry("case_opened", turn.now, detail=_opened(assessment, choice))]
    await timeline.add_all(turn.tx, case.case_id, entries)
    if case.is_canary:
        made = await responders.assign(turn, case, Cause.OPENED)
    else:
        await start_clocks(turn, case, choice.is_where_child_is, (report, assessment))
        made = await responders.begin(turn, case, Cause.OPENED)
    return await publish_new(turn, case, made, report.report_id)


async def opened(turn: Turn, case: Case, report: tuple[UUID, int]) -> Case:
    """Open a case with its first report (id, version), under another alias when its own is in use."""
    while not await cases.open_with(turn.tx, case, report):
        case = replace(case, alias=new_alias())
    return case


async def take_in(turn: Turn, case: Case, judged: tuple[Report, Assessment], others: Iterable[UUID]) -> None:
    """Put a report into a case beside others, with its judgement, its place in the timeline, the sheet of facts."""
    report = judged[0]
    await cases.join(turn.tx, case.case_id, (report.report_id, report.version), turn.now)
    await keep_judgement(turn, case, judged, (*others, report.report_id))
    await timeline.add_all(turn.tx, case.case_id, [_joined(report)])


async def keep_judgement(
    turn: Turn, case: Case, judged: tuple[Report, Assessment], report_ids: Iterable[UUID]
) -> None:
    """Keep a judgement of a report as it now is, and seal the sheet of facts of all reports of the case anew."""
    report, assessment = judged
    told = [
        report if each == report.report_id else await reports.read_what_opens(turn.tx, turn.means.vault, each)
        for each in report_ids
    ]
    await cases.keep_judgement(turn.tx, (report.report_id, report.version), case.case_id, (assessment, turn.now))
    await sheets.keep(turn, case, told, (assessment,))
    if not case.is_canary:
        await likenesses.keep(turn, case.alias, report)


async def start_clocks(turn: Turn, case: Case, is_placed: bool, judged: tuple[Report, Assessment]) -> None:
    """Start the clocks of a new case; unless `is_placed`, that the child's place is found is one of them."""
    await clock_store.start(turn.tx, case.case_id, [await read_clock(turn, case)])
    await _start_opened(turn, case, is_placed, judged[1].rules)
    await start_after_report(turn, case, judged)


async def start_after_reopening(turn: Turn, case: Case) -> None:
    """Start the clocks of a case that lives again, from now. Whoever brings unread words starts the read clock.

    Where the child's place was still to be found when the case was closed, it is to be found again.
    """
    await clock_store.start(turn.tx, case.case_id, [review_clock(turn, case)])
    is_placed = not await clock_store.was_left(turn.tx, case.case_id, clocks.FIND_PLACE)
    await _start_opened(turn, case, is_placed, await cases.rules(turn.tx, case.case_id))


async def _start_opened(turn: Turn, case: Case, is_placed: bool, fired: Collection[str]) -> None:
    """Start what counts from the opening of a case, and the watch over the child's safety."""
    deadlines = [clocks.respond_by(case.urgency, turn.now)]
    if case.urgency is Urgency.IMMEDIATE:
        deadlines.append(clocks.emergency_service(turn.now))
    if not is_placed:
        deadlines.append(clocks.find_place(turn.now))
    deadlines += clocks.started(_clocks_of(turn, case), CASE_OPENED, turn.now, case.time_zone, fired)
    await clock_store.start(turn.tx, case.case_id, deadlines)
    await watch_safety(turn, case)


async def watch_safety(turn: Turn, case: Case) -> None:
    """Judge the case again when the child's safety nears its end; a response is due before, where there is time."""
    if case.child_safe_until is None:
        return
    deadline = clocks.safety_ends(turn.now, case.child_safe_until)
    await clock_store.restart(turn.tx, case.case_id, [deadline] if deadline else [])
    respond_at = case.child_safe_until - SAFETY_MARGIN
    if respond_at > turn.now:
        await clock_store.bring_forward(turn.tx, case.case_id, clocks.RESPONSE, respond_at)


async def start_after_report(turn: Turn, case: Case, judged: tuple[Report, Assessment]) -> None:
    """Start what the pack counts from the commit of a report, unless it runs."""
    report, assessment = judged
    own = _clocks_of(turn, case)
    deadlines = clocks.started(own, REPORT_COMMITTED, report.received_at, case.time_zone, assessment.rules)
    await clock_store.start(turn.tx, case.case_id, deadlines)


async def start_after_words(turn: Turn, case: Case, judged: tuple[Report, Assessment]) -> None:
    """Start what the pack counts from the commit of words in which certain rules fired, unless it runs."""
    report, assessment = judged
    await start_for_rules(turn, case, assessment.rules, report.words[-1].received_at)


async def start_for_rules(turn: Turn, case: Case, fired: Collection[str], at: datetime) -> None:
    """Start, from an instant, what the pack counts because certain rules fired, unless it runs."""
    own = [clock for clock in _clocks_of(turn, case) if clock.rules]
    deadlines = clocks.started(own, REPORT_COMMITTED, at, case.time_zone, fired)
    await clock_store.start(turn.tx, case.case_id, deadlines)


async def start_after_raise(turn: Turn, case: Case, before: Urgency) -> None:
    """Start what the pack counts for the new urgency alone."""
    own = [clock for clock in _clocks_of(turn, case) if before not in clock.urgency]
    deadlines = [
        deadline
        for event in (REPORT_COMMITTED, CASE_OPENED)
        for deadline in clocks.started(own, event, turn.now, case.time_zone)
    ]
    await clock_store.start(turn.tx, case.case_id, deadlines)


async def start_after_clock(turn: Turn, case: Case, name: str) -> None:
    """Start what the pack counts from the instant at which what another clock waits for has happened."""
    deadlines = clocks.started(_clocks_of(turn, case), name, turn.now, case.time_zone)
    await clock_store.restart(turn.tx, case.case_id, deadlines)


async def read_clock(turn: Turn, case: Case) -> clocks.Deadline:
    """When a person must have read what the case now says."""
    # Only the less urgent wait for a staffed desk.
    desk = await desks.read(turn.tx) if case.urgency.rank >= Urgency.PRIORITY.rank else None
    staffed = desk is not None and is_staffed(desk.state, turn.now)
    return clocks.read_by(case.urgency, turn.now, case.time_zone, staffed)


def review_clock(turn: Turn, case: Case) -> clocks.Deadline:
    """When somebody at the desk must look at the case again, as its pack says."""
    return clocks.review(turn.now, _clocks_of(turn, case), case.time_zone)


async def start_after_taking(turn: Turn, case: Case) -> None:
    """Start what the pack counts from the moment somebody took the case: first action, arrival."""
    deadlines = clocks.started(_clocks_of(turn, case), ACKNOWLEDGED, turn.now, case.time_zone)
    await clock_store.restart(turn.tx, case.case_id, deadlines)


async def judge(turn: Turn, case_id: UUID, report: Report, history: History) -> Assessment:
    """Judge a report of a case by the pack in force where it happened, with what others answered beside it."""
    pack, asked = pack_of(turn, report.jurisdiction), await answers.told(turn.tx, case_id)
    steps = await answers.steps(turn.tx, case_id)
    return assess(with_answers(report, asked, pack, steps), history, pack, turn.now)


def with_answers(
    report: Report, beside: Iterable[Answers], pack: Pack, steps: tuple[AnswerGiven, ...] = ()
) -> AssessedReport:
    """A report as the engine reads it, with what others answered beside it; `steps` to questions of trees."""
    assessed = report.as_assessed()
    worst = gravest(assessed.answers, beside, pack.questions)
    return assessed.model_copy(update={"answers": worst, "steps": steps})


def _clocks_of(turn: Turn, case: Case) -> tuple[Clock, ...]:
    return pack_of(turn, case.jurisdiction).clocks_for(case.urgency)


def _opened(assessment: Assessment, choice: TeamChoice) -> dict[str, object]:
    rules, is_covered = sorted(assessment.rules), "covers_area" in choice.reasons
    return {"urgency": assessment.urgency, "pack": assessment.pack, "rules": rules, "is_covered": is_covered}


def _joined(report: Report) -> Entry:
    detail = {"report_id": str(report.report_id), "channel": report.channel, "kind": report.kind}
    return Entry("report_received", report.received_at, "ingest", detail)
