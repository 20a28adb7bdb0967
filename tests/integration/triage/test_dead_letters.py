"""Events that triage cannot take: a person reads what they are about, soon, whatever broke."""

from datetime import timedelta

from infra.ids import new_id
from infra.inbox import MOST_ATTEMPTS, Envelope
from infra.outbox import Trace
from schemas import events
from schemas.terms import Purpose
from tests.integration.triage.conftest import NOWHERE, Hotline, Reports, Updates


async def break_words(hotline: Hotline) -> None:
    """Let what was sealed be beyond opening."""
    await hotline.admin.pool.execute("alter table ingest.reports disable trigger user")
    broken = b"broken beyond opening, but long enough"
    await hotline.admin.pool.execute("update ingest.reports set facts = $1", broken)


def enveloped(event: events.Event) -> Envelope:
    return Envelope(new_id(), event.type, event.key, event.model_dump(mode="json"), Trace.begin())


async def fail(hotline: Hotline, event: events.Event) -> Envelope:
    """Deliver an event until it is given up."""
    envelope = enveloped(event)
    for _ in range(MOST_ATTEMPTS):
        await hotline.subscriber.receive(envelope)
    return envelope


async def test_a_report_no_handler_can_take_becomes_a_bare_case(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await break_words(hotline)

    await fail(hotline, event)

    case = await hotline.case_of(event.report_id)
    assert (case["urgency"], case["is_unread_report"]) == ("immediate", True)
    assert len(await hotline.assignments(case["case_id"])) == 1
    assert await hotline.admin.pool.fetchval("select kind from triage.alarms") == "dead_letter"
    assert await hotline.clock_of(case["case_id"], "read") is not None


async def test_a_report_before_there_are_teams_waits_for_them(hotline: Hotline, report: Reports) -> None:
    event = await report(area=NOWHERE, danger_now="yes")
    await hotline.admin.pool.execute("update triage.teams set is_last_resort = false")

    envelope = await fail(hotline, event)
    await hotline.subscriber.receive(envelope)

    assert await hotline.case_of(event.report_id) is None
    assert await hotline.admin.pool.fetchval("select count(*) from infra.dead_letters where settled_at is null") == 1
    await hotline.admin.pool.execute("update triage.teams set is_last_resort = slug = 'last-resort'")
    await hotline.subscriber.receive(envelope)
    assert (await hotline.case_of(event.report_id))["is_unread_report"] is False


async def test_new_words_that_cannot_be_taken_are_read_by_a_person(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report("想了解一下你们的服务。")
    await hotline.receive(event)
    case_id = (await hotline.case_of(event.report_id))["case_id"]
    await hotline.admin.pool.execute("update triage.cases set unread_since = null")
    await hotline.admin.pool.execute("update triage.clocks set ended_at = started_at where name = 'read'")
    hotline.clock.advance(timedelta(hours=1))
    later = await update(event, "他拿着刀，孩子现在有危险。", danger_now="yes")
    await break_words(hotline)

    await fail(hotline, later)

    case = await hotline.case_of_id(case_id)
    assert (case["unread_since"], case["version"]) == (hotline.clock.now(), 2)
    assert "unread_words" in await hotline.kinds(case_id)
    hotline.clock.advance(timedelta(minutes=2))
    await hotline.take_due()
    assert len(await hotline.assignments(case_id, Purpose.READ)) == 1


async def test_a_reading_that_had_time_has_none_for_words_nobody_could_take(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report("想了解一下你们的服务。")
    await hotline.receive(event)
    later = await update(event, "他拿着刀。")
    await break_words(hotline)

    await fail(hotline, later)

    case = await hotline.case_of(event.report_id)
    read = await hotline.clock_of(case["case_id"], "read")
    assert read["due_at"] == hotline.clock.now() + timedelta(minutes=2)
    assert case["unread_since"] == case["opened_at"]
