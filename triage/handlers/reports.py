"""What came from reporters: a new report, new words to a known one, a report that no handler could take."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from infra.ids import new_alias, new_id
from infra.inbox import DeadLetter, Delivery
from infra.outbox import Trace
from schemas.area import UNKNOWN
from schemas.terms import Urgency
from triage.domain import clocks
from triage.domain.assessment import Assessment
from triage.domain.case import Case, Cause, Status, is_raise, raised
from triage.handlers import new_words, opening, past, responders
from triage.handlers.judging import judge_again
from triage.handlers.publish import publish, publish_new
from triage.handlers.turn import NotReady, Turn
from triage.store import cases, desks, pairings, reports, timeline
from triage.store import clocks as clock_store
from triage.store.reports import Report

_RECEIVED, _UPDATED = "report.received", "report.updated"


async def on_report_received(delivery: Delivery, turn: Turn) -> None:
    """Open a case for a report, judge its urgency, and call whoever is on call; a linked one joins its case."""
    event = delivery.event
    await cases.lock_report(turn.tx, event.report_id)
    report = await reports.read(turn.tx, turn.means.vault, event.report_id)
    if report.case_id is not None:
        await _hear(turn, report.case_id, report)
        return
    linked = await cases.of_report(turn.tx, report.linked_report_id) if report.linked_report_id else None
    if linked is not None:
        await pairings.lock_families(turn.tx, linked)
    case = await cases.lock(turn.tx, linked) if linked else None
    if case is None or case.status is Status.CLOSED:
        await opening.open_case(turn, report, delivery.trace)
    else:
        await _join(turn, case, report)


async def on_report_updated(delivery: Delivery, turn: Turn) -> None:
    """Judge a report anew with its new words: the urgency may rise, and a person must read them."""
    case_id = await cases.of_report(turn.tx, delivery.event.report_id)
    # Without a case the report's first event is still to come, and will find these words too.
    if case_id is not None:
        report = await reports.read(turn.tx, turn.means.vault, delivery.event.report_id)
        await _hear(turn, case_id, report)


async def on_dead_letter(letter: DeadLetter, turn: Turn) -> None:
    """An event nobody here could take: a person must read it within two minutes, without a pack or its own words.

    A report becomes a bare immediate case; new words leave the case they belong to unread.
    """
    envelope = letter.envelope
    detail = {"type": envelope.type, "event_id": str(envelope.event_id)}
    if envelope.name in (_RECEIVED, _UPDATED) and envelope.body.get("is_canary") is not True:
        case_id = await cases.of_report(turn.tx, envelope.key)
        if case_id is not None:
            await _leave_unread(turn, case_id, envelope.key)
        elif envelope.name == _RECEIVED:
            await _open_unread(turn, envelope.key, envelope.trace)
    await desks.alarm(turn.tx, "dead_letter", envelope.key, detail, turn.now)


async def _leave_unread(turn: Turn, case_id: UUID, report_id: UUID) -> None:
    await pairings.lock_families(turn.tx, case_id)
    case = await cases.lock(turn.tx, case_id)
    if case is None:
        raise NotReady(f"case {case_id} is gone")
    case = await new_words.heed(turn, case)
    # Nobody knows what the words say: they are read as soon as those of an immediate case.
    deadline = clocks.read_by(Urgency.IMMEDIATE, turn.now, case.time_zone, is_staffed=True)
    await clock_store.start(turn.tx, case_id, [deadline])
    await clock_store.bring_forward(turn.tx, case_id, clocks.READ, deadline.due_at)
    await timeline.add(turn.tx, case_id, "unread_words", turn.now, detail={"report_id": str(report_id)})
    await publish(turn, replace(case, unread_since=case.unread_since or turn.now))
    living = await _around(turn, case)
    if living is not None:
        await _say_around(turn, living, case)


async def _open_unread(turn: Turn, report_id: UUID, trace: Trace) -> None:
    team = await responders.last_resort(turn)
    unread = Case(
        case_id=new_id(),
        alias=new_alias(),
        version=1,
        urgency=Urgency.IMMEDIATE,
        status=Status.OPEN,
        team_id=team["team_id"],
        jurisdiction=turn.means.home,
        area=UNKNOWN,
        time_zone=team["time_zone"],
        language="zh",
        opened_at=turn.now,
        correlation_id=trace.correlation_id,
        traceparent=trace.traceparent,
        is_unread_report=True,
        unread_since=turn.now,
        team_reasons=("place_unknown",),
    )
    case = await opening.opened(turn, unread, (report_id, 0))
    deadlines = [
        clocks.read_by(case.urgency, turn.now, case.time_zone, is_staffed=True),
        clocks.emergency_service(turn.now),
        clocks.find_place(turn.now),
        clocks.respond_by(case.urgency, turn.now),
    ]
    await clock_store.start(turn.tx, case.case_id, deadlines)
    await timeline.add(turn.tx, case.case_id, "unread_report", turn.now, detail={"report_id": str(report_id)})
    await publish_new(turn, case, await responders.assign(turn, case, Cause.OPENED), report_id)


async def _join(turn: Turn, case: Case, report: Report) -> None:
    """A linked report joins the case of the report it is linked to."""
    others = await cases.reports(turn.tx, case.case_id)
    history = await past.of_report(turn, case.case_id, report, len(others))
    assessment = await opening.judge(turn, case.case_id, report, history)
    await opening.take_in(turn, case, (report, assessment), others)
    await new_words.end_mark(turn, case, report, others)
    await _end_mark_around(turn, case, report)
    await _after_words(turn, case, (report, assessment), is_joining=True)


async def _end_mark_around(turn: Turn, case: Case, report: Report) -> None:
    """A report that joins a case inside another tells of the living one's matter, too."""
    living = await _around(turn, case)
    if living is not None:
        own, inside = (
            await cases.reports(turn.tx, living.case_id),
            await pairings.reports_inside(turn.tx, living.case_id),
        )
        await new_words.end_mark(turn, living, report, {*own, *inside} - {report.report_id})


async def _hear(turn: Turn, case_id: UUID, report: Report) -> None:
    """New words of a report that is in a case; what was judged already is passed over."""
    await pairings.lock_families(turn.tx, case_id)
    case = await cases.lock(turn.tx, case_id)
    if case is None:
        raise NotReady(f"case {case_id} is gone")
    known = await cases.reports(turn.tx, case_id)
    if report.version <= known[report.report_id]:
        return
    history = await past.of_report(turn, case_id, report, len(known) - 1)
    assessment = await opening.judge(turn, case_id, report, history)
    await opening.keep_judgement(turn, case, (report, assessment), known)
    detail = {"report_id": str(report.report_id), "version": report.version}
    await timeline.add(turn.tx, case_id, "report_updated", report.words[-1].received_at, "ingest", detail)
    await _after_words(turn, case, (report, assessment))


async def _after_words(turn: Turn, case: Case, judged: tuple[Report, Assessment], is_joining: bool = False) -> None:
    """Let new words take effect: unread, perhaps sooner, perhaps more urgent; never less."""
    report, assessment = judged
    is_reopened, before = case.status is Status.CLOSED, case.urgency
    case = await new_words.heed(turn, case)
    until = report.answers.child_safe_until
    is_sooner = until is not None and (case.child_safe_until is None or until < case.child_safe_until)
    if is_sooner:
        case = replace(case, child_safe_until=until)
    case = replace(case, unread_since=case.unread_since or turn.now)
    if not case.is_canary:
        why = {"rules": sorted(assessment.rules)}
        inside = await pairings.gravest_inside(turn.tx, case.case_id) if is_reopened else None
        wanted = raised(assessment.urgency, inside or assessment.urgency)
        case = await raise_to(turn, case, raised(case.urgency, wanted), why=why)
        if is_reopened and case.urgency is before:
            case = await new_words.call(turn, case)
        start = opening.start_after_report if is_joining else opening.start_after_words
        await start(turn, case, judged)
        if is_sooner:
            case = await responders.begin_sooner(turn, case)
            await opening.watch_safety(turn, case)
        await clock_store.start(turn.tx, case.case_id, [await opening.read_clock(turn, case)])
        await _reach_around(turn, case)
    await publish(turn, case)


async def raise_to(
    turn: Turn,
    case: Case,
    urgency: Urgency,
    by: UUID | str = timeline.TRIAGE,
    why: Mapping[str, object] | None = None,
) -> Case:
    """Raise a case and call again, from the top; nothing happens when it would not rise.

    `why` is kept with it: the rules that fired, or the version that a person saw.
    """
    if not is_raise(case.urgency, urgency):
        return case
    pack = opening.pack_of(turn, case.jurisdiction).name
    detail = {"from": case.urgency, "to": urgency, "pack": pack} | dict(why or {})
    await timeline.add(turn.tx, case.case_id, "raised", turn.now, by, detail)
    await opening.start_after_raise(turn, replace(case, urgency=urgency), case.urgency)
    if await cases.void_request(turn.tx, case.case_id, turn.now):
        await timeline.add(turn.tx, case.case_id, "lower_voided", turn.now, by)
    await new_words.void_closing(turn, case, by)
    case = replace(case, urgency=urgency, status=Status.OPEN, stood_down_by=None, stood_down_at=None)
    if case.unread_since is not None:
        await _read_sooner(turn, case)
    response = clocks.respond_by(urgency, turn.now)
    await clock_store.bring_forward(turn.tx, case.case_id, clocks.RESPONSE, response.due_at)
    if urgency is Urgency.IMMEDIATE:
        await clock_store.start(turn.tx, case.case_id, [clocks.emergency_service(turn.now)])
    made = await responders.begin(turn, case, Cause.RAISED)
    await raise_around(turn, case, by)
    return case if made is None else responders.untaken(case)


async def _read_sooner(turn: Turn, case: Case) -> None:
    """By when the case must be read now that it rose; a reading that was missed already is called for anew."""
    deadline = await opening.read_clock(turn, case)
    running = (await clock_store.running(turn.tx, case.case_id)).get(clocks.READ)
    if running is not None and running["breached_at"] is None:
        await clock_store.bring_forward(turn.tx, case.case_id, clocks.READ, deadline.due_at)
    else:
        await clock_store.restart(turn.tx, case.case_id, [deadline])


async def raise_around(turn: Turn, case: Case, by: UUID | str) -> None:
    """The living case that this one is inside of is never less urgent, and calls when it rises."""
    living = await _around(turn, case)
    if living is not None and is_raise(living.urgency, case.urgency):
        await publish(turn, await raise_to(turn, living, case.urgency, by))


async def _reach_around(turn: Turn, case: Case) -> None:
    """Words that come to a case inside another must be read there too; its sheet of facts is sealed anew."""
    living = await _around(turn, case)
    if living is not None:
        judged = await judge_again(turn, living)
        living = replace(living, unread_since=living.unread_since or turn.now)
        living = await raise_to(turn, living, raised(raised(living.urgency, case.urgency), judged.urgency))
        await _say_around(turn, living, case)


async def _say_around(turn: Turn, living: Case, case: Case) -> None:
    """Something was said inside a living case: it is to be read there, and a request to close it is void."""
    await new_words.void_closing(turn, living)
    await clock_store.start(turn.tx, living.case_id, [await opening.read_clock(turn, living)])
    await timeline.add(turn.tx, living.case_id, "words_inside", turn.now, detail={"other": case.alias})
    await publish(turn, replace(living, unread_since=living.unread_since or turn.now))


async def _around(turn: Turn, case: Case) -> Case | None:
    around = await pairings.around(turn.tx, case.case_id)
    living = await cases.lock(turn.tx, around) if around else None
    return None if living is None or living.status is Status.CLOSED else living
