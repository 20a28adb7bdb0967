"""What people at the desk do, and what they read."""

from datetime import timedelta
from typing import Any

import pytest

from infra import audit
from infra.vault import Subject
from schemas.terms import Purpose, Role, Urgency
from tests.integration.triage.conftest import NOWHERE, Hotline, Reports
from triage.domain.case import Actor, Press, Refusal
from triage.handlers import presses, seen_to
from triage.store import desks, queue, timeline


@pytest.fixture
async def case(hotline: Hotline, report: Reports) -> Any:
    """An immediate case whose responders are being called."""
    event = await report(danger_now="yes")
    await hotline.receive(event)
    return await hotline.case_of(event.report_id)


async def test_taking_at_the_desk_is_recorded_by_the_notifier(hotline: Hotline, case: Any) -> None:
    press = await hotline.press(case["case_id"])
    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, press)

    (assignment,) = await hotline.assignments(case["case_id"])
    assert (assignment["status"], assignment["taken_by"]) == ("taken_at_desk", press.actor.person_id)
    row = await queue_row(hotline, case)
    assert row["taken_by"] is None

    await hotline.receive(hotline.escalation(case, acknowledged_by=press.actor.person_id, acknowledged_via="desk"))
    assert (await queue_row(hotline, case))["taken_by"] == press.actor.person_id


async def test_what_is_taken_over_from_a_responder_is_told_to_the_notifier(hotline: Hotline, case: Any) -> None:
    li = hotline.people["bj-li"]
    await hotline.receive(hotline.escalation(case))
    await hotline.receive(hotline.escalation(case, acknowledged_by=li, acknowledged_via="sms"))
    facts = await hotline.clock_of(case["case_id"], "facts")
    assert facts["ended_at"] is None
    press = await hotline.press(case["case_id"])
    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, press, li)

    assert (await queue_row(hotline, case))["taken_by"] == press.actor.person_id
    first, second = await hotline.assignments(case["case_id"])
    assert (first["status"], first["taken_by"]) == ("ended", li)
    assert (second["status"], second["taken_by"]) == ("taken_at_desk", press.actor.person_id)
    assert (second["because"], second["ladder"]) == ("taken_over", first["ladder"])
    assert (await hotline.clock_of(case["case_id"], "facts"))["ended_at"] is not None

    said: dict[str, Any] = {"acknowledged_by": press.actor.person_id, "acknowledged_via": "desk"}
    await hotline.receive(hotline.escalation(case, number=2, **said))
    row = await queue_row(hotline, case)
    assert (row["taken_by"], row["taken_via"]) == (press.actor.person_id, "desk")
    assert (await hotline.kinds(case["case_id"])).count("calling_started") == 1, "nobody was called"
    await hotline.receive(hotline.escalation(case, handed_back_by=li, handed_back_at=hotline.clock.now()))
    assert (await queue_row(hotline, case))["taken_by"] == press.actor.person_id


async def test_a_press_on_what_has_changed_since_is_refused(hotline: Hotline, case: Any) -> None:
    press = await hotline.press(case["case_id"])
    async with hotline.turn() as turn:
        await presses.mark_read(turn, press)

    with pytest.raises(Refusal) as refusal:
        async with hotline.turn() as turn:
            await presses.add_note(turn, press, "我已打电话给学校。")
    assert refusal.value.key == "refusal_changed"


async def test_taking_is_never_refused_for_a_change_and_reads_nothing_unseen(hotline: Hotline, case: Any) -> None:
    press = await hotline.press(case["case_id"])
    async with hotline.turn() as turn:
        await presses.add_note(turn, press, "我已打电话给学校。")
    async with hotline.turn() as turn:
        taken = await presses.take_at_desk(turn, press)

    assert taken.version > press.version
    assert taken.read_at is None


async def test_reading_stops_the_calling_of_officers(hotline: Hotline, case: Any) -> None:
    hotline.clock.advance(timedelta(minutes=2))
    await hotline.take_due()

    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case["case_id"]))

    (read,) = await hotline.assignments(case["case_id"], Purpose.READ)
    assert read["status"] == "ended"
    assert (await hotline.clock_of(case["case_id"], "read"))["answer"] == {"by": str(hotline.people["duty-zhou"])}
    row = await queue_row(hotline, case)
    assert (row["unread_since"], row["read_at"]) == (None, hotline.clock.now())


async def test_raising_calls_from_the_top(hotline: Hotline, report: Reports) -> None:
    event = await report("想了解一下你们的服务。")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)

    async with hotline.turn() as turn:
        await presses.raise_urgency(turn, await hotline.press(case["case_id"]), Urgency.IMMEDIATE)

    assert [each["because"] for each in await hotline.assignments(case["case_id"])] == ["raised"]
    with pytest.raises(Refusal):
        async with hotline.turn() as turn:
            await presses.raise_urgency(turn, await hotline.press(case["case_id"]), Urgency.URGENT)


async def test_finding_the_place_gives_the_case_to_its_team(hotline: Hotline, report: Reports) -> None:
    event = await report(area=NOWHERE, danger_now="yes")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    team = await hotline.admin.pool.fetchval("select team_id from triage.teams where slug = 'dongcheng'")

    async with hotline.turn() as turn:
        press = await hotline.press(case["case_id"])
        await presses.reassign(turn, press, team, hotline.people["bj-li"])

    old, new = await hotline.assignments(case["case_id"])
    assert (old["status"], new["team_id"], new["because"]) == ("ended", team, "reassigned")
    assert new["excluded_responders"] == [hotline.people["bj-li"]]
    assert new["first_responder_id"] == hotline.people["bj-wang"]
    assert (await hotline.clock_of(case["case_id"], "find_place"))["ended_at"] is not None


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"service": "110", "incident_number": "B-17"}, "called"),
        ({"not_needed": "孩子和老师在一起，人身安全"}, "not_needed"),
    ],
)
async def test_the_emergency_service_is_answered(
    hotline: Hotline, case: Any, answer: dict[str, str], kept: str
) -> None:
    async with hotline.turn() as turn:
        await presses.record_emergency_service(turn, await hotline.press(case["case_id"]), answer)

    clock = await hotline.clock_of(case["case_id"], "emergency_service")
    assert clock["answer"]["answer"] == kept
    hotline.clock.advance(timedelta(minutes=2))
    await hotline.take_due()
    assert await hotline.assignments(case["case_id"], Purpose.EMERGENCY_SERVICE) == []


async def test_an_empty_answer_is_none(hotline: Hotline, case: Any) -> None:
    with pytest.raises(Refusal, match="refusal_no_service"):
        async with hotline.turn() as turn:
            await presses.record_emergency_service(turn, await hotline.press(case["case_id"]), {})


async def test_standing_down_lets_the_calling_rest_and_closes_nothing(hotline: Hotline, case: Any) -> None:
    async with hotline.turn() as turn:
        await presses.stand_down(turn, await hotline.press(case["case_id"]))

    (assignment,) = await hotline.assignments(case["case_id"])
    assert assignment["status"] == "stood_down"
    assert (await queue_row(hotline, case))["status"] == "stood_down"
    hotline.clock.advance(timedelta(hours=2))
    await hotline.take_due()
    assert len(await hotline.assignments(case["case_id"])) == 1


async def test_notes_are_sealed_and_every_press_is_on_record(hotline: Hotline, case: Any) -> None:
    async with hotline.turn() as turn:
        await presses.add_note(turn, await hotline.press(case["case_id"]), "已联系学校。")

    async with hotline.turn() as turn:
        entries = await timeline.read(turn.tx, case["case_id"])
        note = next(each["note"] for each in entries if each["kind"] == "note")
        subject = Subject("case", case["case_id"])
        assert await hotline.vault.open_text(turn.tx, subject, "note", note) == "已联系学校。"
        assert await audit.verify(turn.tx, case["case_id"]) == 1


async def test_the_queue_shows_the_soonest_first(hotline: Hotline, report: Reports) -> None:
    events = [await report("想了解一下你们的服务。"), await report(danger_now="does_not_know", words="请教")]
    events += [await report(danger_now="yes")]
    for event in events:
        await hotline.receive(event)
    hotline.clock.advance(timedelta(minutes=1))
    later = await report(danger_now="yes")
    await hotline.receive(later)

    async with hotline.turn() as turn:
        rows = await queue.rows(turn.tx)
        page = await queue.case_page(turn.tx, rows[0]["case_id"])

    assert [row["urgency"] for row in rows] == ["immediate", "immediate", "urgent", "routine"]
    assert rows[0]["next_due"] < rows[1]["next_due"]
    assert (rows[0]["team_en"], rows[0]["reports"]) == ("Dongcheng child protection team", 1)
    assert page is not None
    assert {clock["name"] for clock in page.clocks} == {"read", "emergency_service", "response", "police_delivery"}


@pytest.mark.parametrize("kind", ["dead_letter", "desk_absent", "exhausted/respond", "send_police/responder_silent"])
async def test_an_alarm_whose_button_no_page_shows_is_ended_by_no_press(hotline: Hotline, kind: str) -> None:
    async with hotline.turn() as turn:
        await desks.alarm(turn.tx, kind, None, {}, turn.now)
        alarm_id = await turn.tx.fetchval("select alarm_id from triage.alarms")
        with pytest.raises(Refusal, match="desk_trouble_by_answer"):
            await seen_to.settle_alarm(turn, Actor(hotline.people["sup-lu"], Role.SUPERVISOR), alarm_id)
        assert await turn.tx.fetchval("select count(*) from triage.alarms where settled_at is null") == 1


async def test_an_alarm_is_settled_by_a_person_once(hotline: Hotline) -> None:
    async with hotline.turn() as turn:
        await desks.alarm(turn.tx, "team_full", None, {}, turn.now)
        (alarm,) = await desks.alarms(turn.tx)
        actor = Actor(hotline.people["sup-lu"], Role.SUPERVISOR)
        await seen_to.settle_alarm(turn, actor, alarm["alarm_id"])
        assert await desks.alarms(turn.tx) == []
        with pytest.raises(Refusal):
            await seen_to.settle_alarm(turn, actor, alarm["alarm_id"])


async def test_nobody_can_press_on_a_case_that_is_not_there(hotline: Hotline) -> None:
    actor = Actor(hotline.people["duty-zhou"], Role.DUTY_OFFICER)
    press = Press(actor, hotline.people["duty-zhou"], 1, hotline.clock.now())
    with pytest.raises(Refusal, match="refusal_no_case"):
        async with hotline.turn() as turn:
            await presses.mark_read(turn, press)


async def queue_row(hotline: Hotline, case: Any) -> Any:
    async with hotline.turn() as turn:
        return await queue.row(turn.tx, case["case_id"])
