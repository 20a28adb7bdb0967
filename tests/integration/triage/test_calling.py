"""What the notifier says, and what happens when clocks are missed."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.terms import Purpose
from tests.integration.triage.conftest import NOWHERE, Hotline, Reports, desk_says
from triage.handlers import Turn, presence, presses
from triage.handlers.missed import miss_due
from triage.timer import Timer


@pytest.fixture
async def case(hotline: Hotline, report: Reports) -> Any:
    """An immediate case whose responders are being called."""
    event = await report(danger_now="yes")
    await hotline.receive(event)
    return await hotline.case_of(event.report_id)


async def test_an_acknowledgement_makes_it_taken_and_starts_the_first_action(hotline: Hotline, case: Any) -> None:
    person = hotline.people["bj-zhao"]

    await hotline.receive(hotline.escalation(case, acknowledged_by=person))

    taken = await hotline.case_of_id(case["case_id"])
    assert (taken["taken_by"], taken["taken_via"]) == (person, "key")
    first_action = await hotline.clock_of(case["case_id"], "first_action")
    assert first_action["due_at"] - hotline.clock.now() == timedelta(minutes=10)
    assert "taken" in await hotline.kinds(case["case_id"])
    assert len(await hotline.assignments(case["case_id"])) == 1


async def test_versions_out_of_order_are_harmless(hotline: Hotline, case: Any) -> None:
    person = hotline.people["bj-li"]
    await hotline.receive(hotline.escalation(case, version=3, acknowledged_by=person))
    version = (await hotline.case_of_id(case["case_id"]))["version"]

    await hotline.receive(hotline.escalation(case, version=2, declined_by=(hotline.people["bj-wang"],)))
    await hotline.receive(hotline.escalation(case, version=1))

    after = await hotline.case_of_id(case["case_id"])
    assert (after["taken_by"], after["version"]) == (person, version)


async def test_begun_ends_first_action_and_response(hotline: Hotline, case: Any) -> None:
    person = hotline.people["bj-li"]
    await hotline.receive(hotline.escalation(case, acknowledged_by=person))

    await hotline.receive(hotline.escalation(case, acknowledged_by=person, begun_at=hotline.clock.now()))

    for name in ("first_action", "response"):
        assert (await hotline.clock_of(case["case_id"], name))["answer"]["via"] == "responder"
    assert (await hotline.case_of_id(case["case_id"]))["first_action_at"] == hotline.clock.now()


async def test_a_silent_responder_starts_the_ladder_again(hotline: Hotline, case: Any) -> None:
    await hotline.receive(hotline.escalation(case, acknowledged_by=hotline.people["bj-li"]))

    hotline.clock.advance(timedelta(minutes=10))
    await hotline.take_due()

    assert [each["because"] for each in await hotline.assignments(case["case_id"])] == [
        "opened",
        "first_action_missed",
    ]
    assert (await hotline.case_of_id(case["case_id"]))["taken_by"] is None


async def test_handing_back_calls_the_next_from_the_top(hotline: Hotline, case: Any) -> None:
    (first,) = await hotline.assignments(case["case_id"])
    person = first["first_responder_id"]
    await hotline.receive(hotline.escalation(case, acknowledged_by=person))

    await hotline.receive(
        hotline.escalation(case, acknowledged_by=person, handed_back_at=hotline.clock.now(), handed_back_by=person)
    )

    old, new = await hotline.assignments(case["case_id"])
    assert (old["status"], new["status"], new["because"]) == ("ended", "calling", "handed_back")
    assert new["first_responder_id"] not in (person, None)


async def test_an_answer_to_a_superseded_assignment_takes_nothing(hotline: Hotline, case: Any) -> None:
    await hotline.receive(hotline.escalation(case, acknowledged_by=hotline.people["bj-li"]))
    hotline.clock.advance(timedelta(minutes=10))
    await hotline.take_due()

    await hotline.receive(
        hotline.escalation(case, acknowledged_by=hotline.people["bj-li"], begun_at=hotline.clock.now())
    )

    assert (await hotline.case_of_id(case["case_id"]))["taken_by"] is None


async def test_missed_clocks_call_the_officers_and_the_supervisor_once(hotline: Hotline, case: Any) -> None:
    hotline.clock.advance(timedelta(minutes=2))
    assert await hotline.take_due() == 1
    assert await hotline.take_due() == 0

    (read,) = await hotline.assignments(case["case_id"], Purpose.READ)
    (service,) = await hotline.assignments(case["case_id"], Purpose.EMERGENCY_SERVICE)
    assert read["ladder"]["rungs"][0] == {"level": "first", "after": "PT0S", "channels": ["sms", "voice"]}
    assert service["ladder"]["rungs"][0] == {"level": "lead", "after": "PT0S", "channels": ["sms", "voice"]}
    assert (await hotline.clock_of(case["case_id"], "read"))["breached_at"] == hotline.clock.now()
    purposes = {each["purpose"] for each in (await hotline.told())[-1]["body"]["assignments"]}
    assert purposes == {"respond", "read", "emergency_service"}


async def test_an_officer_who_says_they_will_read_and_does_not_is_called_again(hotline: Hotline, case: Any) -> None:
    hotline.clock.advance(timedelta(minutes=2))
    await hotline.take_due()
    officer = hotline.people["duty-zhou"]
    await hotline.receive(hotline.escalation(case, Purpose.READ, acknowledged_by=officer))

    hotline.clock.advance(timedelta(minutes=2))
    await hotline.take_due()

    assert len(await hotline.assignments(case["case_id"], Purpose.READ)) == 2


async def test_the_end_of_the_ladder_sounds_an_alarm_until_somebody_takes_it(hotline: Hotline, case: Any) -> None:
    await hotline.receive(hotline.escalation(case, status="exhausted", exhausted_at=hotline.clock.now()))
    assert await hotline.admin.pool.fetchval("select count(*) from triage.alarms where settled_at is null") == 1

    person = hotline.people["mgr-gao"]
    await hotline.receive(hotline.escalation(case, exhausted_at=hotline.clock.now(), acknowledged_by=person))

    assert await hotline.admin.pool.fetchval("select count(*) from triage.alarms where settled_at is null") == 0


async def test_each_alarm_of_a_case_sounds_and_ends_by_itself(hotline: Hotline, report: Reports) -> None:
    event = await report(area=NOWHERE, danger_now="yes")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    case_id, officer = case["case_id"], hotline.people["duty-zhou"]
    await hotline.receive(hotline.escalation(case, acknowledged_by=officer))
    await hotline.receive(hotline.escalation(case, acknowledged_by=officer, begun_at=hotline.clock.now()))
    hotline.clock.advance(timedelta(hours=1))
    await hotline.take_due()
    for purpose in (Purpose.READ, Purpose.EMERGENCY_SERVICE):
        await hotline.receive(hotline.escalation(case, purpose, status="exhausted", exhausted_at=hotline.clock.now()))
    missed = {"clock_missed/find_place", "clock_missed/arrival"}
    assert await sounding(hotline) >= missed | {"exhausted/read", "exhausted/emergency_service"}

    await hotline.receive(
        hotline.escalation(case, Purpose.READ, exhausted_at=hotline.clock.now(), acknowledged_by=officer)
    )
    assert await sounding(hotline) >= missed | {"exhausted/emergency_service"}
    assert "exhausted/read" not in await sounding(hotline)

    async with hotline.turn() as turn:
        await presses.answer_clock(turn, await hotline.press(case_id), "arrival")
        await presses.record_emergency_service(turn, await hotline.press(case_id), {"service": "110"})
    left = await sounding(hotline)
    assert "clock_missed/find_place" in left
    assert not left & {"clock_missed/arrival", "exhausted/emergency_service"}


async def sounding(hotline: Hotline) -> set[str]:
    rows = await hotline.admin.pool.fetch("select kind from triage.alarms where settled_at is null")
    return {row["kind"] for row in rows}


async def test_an_absent_desk_is_called_and_its_answer_is_presence(hotline: Hotline) -> None:
    await look(hotline)
    assert await hotline.told() == []

    hotline.clock.advance(timedelta(minutes=35))
    await look(hotline)
    await look(hotline)

    (told,) = await hotline.told("desk.changed.v1")
    assert told["body"]["assignments"][0]["purpose"] == "presence"
    async with hotline.turn() as turn:
        await presence.confirm(turn, hotline.people["duty-zhou"])
    assert (await hotline.told())[-1]["body"]["assignments"][0]["status"] == "ended"


async def test_whoever_hands_back_that_they_are_at_the_desk_is_not_there(hotline: Hotline) -> None:
    hotline.clock.advance(timedelta(minutes=35))
    await look(hotline)
    await desk_says(hotline, Purpose.PRESENCE, "duty-zhou")
    await desk_says(hotline, Purpose.PRESENCE, "duty-zhou", hands_back=True)

    await look(hotline)
    told = (await hotline.told("desk.changed.v1"))[-1]["body"]["assignments"][0]
    assert (told["status"], told["number"]) == ("calling", 2)


async def look(hotline: Hotline) -> None:
    async with hotline.turn() as turn:
        await presence.look(turn)


async def test_invariants_hold_and_tell_when_they_do_not(hotline: Hotline, report: Reports, timer: Timer) -> None:
    event = await report(danger_now="yes")
    hotline.clock.advance(timedelta(seconds=11))
    assert "1 report(s) without a case" in (await timer.reports_have_cases() or "")

    await hotline.receive(event)
    assert await timer.reports_have_cases() is None
    assert await timer.cases_have_steps() is None

    await hotline.admin.pool.execute("update triage.clocks set ended_at = started_at")
    await hotline.admin.pool.execute("update triage.assignments set status = 'ended'")
    assert "without a next step" in (await timer.cases_have_steps() or "")


async def test_a_calling_that_the_notifier_does_not_begin_is_no_step(
    hotline: Hotline, report: Reports, timer: Timer
) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    hotline.clock.advance(timedelta(seconds=14))
    assert await timer.cases_have_steps() is None

    hotline.clock.advance(timedelta(seconds=1))
    assert case["alias"] in (await timer.cases_have_steps() or "")

    await hotline.receive(hotline.escalation(case))
    assert await timer.cases_have_steps() is None


async def test_one_case_that_cannot_be_taken_does_not_stop_the_others(
    hotline: Hotline, report: Reports, timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [await report(danger_now="yes") for _ in range(2)]
    for event in events:
        await hotline.receive(event)
    broken = (await hotline.case_of(events[0].report_id))["case_id"]
    original = miss_due

    async def fail_for_one(turn: Turn, case_id: Any, set_aside: Any) -> Any:
        if case_id == broken:
            raise ValueError("a row nobody expected")
        return await original(turn, case_id, set_aside)

    monkeypatch.setattr("triage.timer.missed.miss_due", fail_for_one)
    hotline.clock.advance(timedelta(minutes=2))

    while await timer.take_one():
        pass

    other = (await hotline.case_of(events[1].report_id))["case_id"]
    assert len(await hotline.assignments(other, Purpose.READ)) == 1
    assert await hotline.admin.pool.fetchval("select kind from triage.alarms") == "clocks_failed"


async def test_one_clock_that_cannot_be_taken_does_not_hold_the_others_of_its_case(
    hotline: Hotline, case: Any, timer: Timer
) -> None:
    await hotline.receive(hotline.escalation(case, acknowledged_by=hotline.people["bj-li"]))
    await hotline.admin.pool.execute("update triage.teams set is_desk = false where is_desk")
    hotline.clock.advance(timedelta(minutes=10))

    while await timer.take_one():
        pass

    again = (await hotline.assignments(case["case_id"]))[-1]
    assert again["because"] == "first_action_missed"
    alarms = await hotline.admin.pool.fetch("select detail ->> 'clock' as clock from triage.alarms")
    assert {row["clock"] for row in alarms} <= {"read", "emergency_service", "facts"}
    assert alarms
    await hotline.admin.pool.execute("update triage.teams set is_desk = slug = 'desk'")
    hotline.clock.advance(timedelta(seconds=31))
    await timer._next_due()
    while await timer.take_one():
        pass
    assert len(await hotline.assignments(case["case_id"], Purpose.READ)) == 1
    assert len(await hotline.assignments(case["case_id"], Purpose.EMERGENCY_SERVICE)) == 1


async def test_a_decline_is_told_and_leaves_the_case_as_people_see_it(hotline: Hotline, case: Any) -> None:
    await hotline.receive(hotline.escalation(case, declined_by=(hotline.people["bj-wang"],)))

    assert (await hotline.case_of_id(case["case_id"]))["version"] == case["version"]
    assert "declined" in await hotline.kinds(case["case_id"])


async def test_triage_is_not_ready_before_there_are_a_desk_and_a_last_resort(hotline: Hotline, timer: Timer) -> None:
    assert await timer.has_last_teams() is None

    await hotline.admin.pool.execute("update triage.teams set is_desk = false, is_last_resort = false")

    assert (await timer.has_last_teams() or "").startswith("there is no desk and no last-resort team")


async def test_a_night_without_the_last_resort_is_told(hotline: Hotline, timer: Timer) -> None:
    assert await timer.last_resort_is_on_call() is None

    await hotline.admin.pool.execute(
        "delete from triage.shifts s using triage.teams t where s.team_id = t.team_id and t.is_last_resort"
    )

    assert await timer.last_resort_is_on_call() == "nobody is on call now for: last-resort"
