"""From an assignment to an acknowledgement: who rings when, and what stops the ringing."""

import asyncio
from datetime import time

import pytest

from schemas.ladder import WorkingHours
from schemas.terms import AssignmentStatus, Level, Purpose, Urgency
from tests.integration.notifier.conftest import LOOPBACK, SMS, VOICE, Night, ladder


async def test_a_case_rings_and_texts_the_first_responder_and_a_text_takes_it(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    case = await night.hears(night.case(night.assignment()))
    call = await night.phone(li).rings()
    text = await night.phone(li).receives("特急 KD472")
    assert "回31我来接手，回32我无法接手" in text
    await night.phone(li).text("３１ 马上", night.settings.alert_number or "")
    assert "您已接手 KD472" in await night.phone(li).receives("您已接手")
    await night.status(case, "acknowledged")
    assert await call.ends() in {"completed", "canceled", "no-answer"}
    assert await night.events(case) == ["escalation.started", "escalation.acknowledged"]


async def test_a_key_takes_the_case_and_another_says_that_work_has_begun(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    call = await night.phone(li).rings()
    await call.pick_up()
    heard = await call.hears("If you cannot, press")
    keys = await night.keys(li)
    take, begun = keys[0], keys[2]
    assert f"K D 4 7 2.\nTo take it, press\n{take}\n" in heard
    assert heard.startswith("DEMONSTRATION")
    await call.press(take)
    await call.hears("You have taken KD472")
    await night.status(case, "acknowledged")
    await call.press(begun)
    await call.hears("you have begun")
    await night.until("select begun_at is not null from notifier.escalations where subject_id = $1", case)
    assert await night.events(case) == ["escalation.started", "escalation.acknowledged", "first_action.begun"]


async def test_whoever_does_not_answer_is_rung_again_and_the_next_levels_are_added(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    zhao = await night.person("Zhao", Level.LEAD)
    case = await night.hears(night.case(night.assignment()))
    first = await night.phone(li).rings()
    await first.hang_up()
    await night.after(seconds=60)
    await night.phone(li).rings()
    await night.after(seconds=60)
    await night.phone(wang).rings()
    await night.after(seconds=180)
    await night.phone(zhao).rings()
    await night.after(minutes=8)
    await night.status(case, "exhausted")
    assert "escalation.exhausted" in await night.events(case)
    levels = await night.db.pool.fetch("select level from notifier.for_triage_empty_levels")
    assert [row["level"] for row in levels] == ["manager"]


async def test_a_decline_goes_on_at_once(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    call = await night.phone(li).rings()
    await call.pick_up()
    await call.hears()
    await call.press((await night.keys(li))[1])
    await night.phone(wang).rings(within=10)
    assert await night.events(case) == ["escalation.started", "escalation.declined"]


async def test_the_first_of_two_answers_wins_and_the_other_is_told(night: Night) -> None:
    li = await night.person("Li Ming", Level.FIRST)
    wang = await night.person("Wang Fang", Level.BACKUP)
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("特急")
    await night.after(minutes=2)
    await night.phone(wang).receives("特急")
    number = night.settings.alert_number or ""
    await asyncio.gather(night.phone(li).text("31", number), night.phone(wang).text("31", number))
    await night.status(case, "acknowledged")
    taker = await night.one("select acknowledged_by from notifier.escalations where subject_id = $1", case)
    winner, other = ("Li Ming", wang) if taker == li else ("Wang Fang", li)
    await night.phone(taker).receives("您已接手")
    await night.phone(other).receives(f"已由{winner}接手")
    assert (await night.events(case)).count("escalation.acknowledged") == 1


async def test_a_text_that_fails_becomes_a_call_at_once(night: Night) -> None:
    for kind, state in (("failed", "failed"), ("undelivered", "undelivered")):
        person = await night.person(kind, None)
        await night.phones.fault(kind, night.numbers[person], channel="sms", code=30003)
        chosen = night.assignment(ladder=ladder(SMS), first_responder_id=person)
        case = await night.hears(night.case(chosen))
        await night.phone(person).rings(within=10)
        found = await night.db.pool.fetchrow(
            "select state, error_code from notifier.for_triage_alerts where subject_id = $1 and channel = 'sms'", case
        )
        assert found is not None
        assert dict(found) == {"state": state, "error_code": "30003"}


async def test_an_answering_machine_takes_nothing(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("answering_machine", night.numbers[li], seconds=0.3)
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    await night.until("select state = 'unanswered' from notifier.for_triage_alerts where subject_id = $1", case)
    await night.status(case, "calling")


async def test_taken_at_the_desk_stops_the_phones(night: Night) -> None:
    li, officer = await night.person("Li", Level.FIRST), await night.person("Officer")
    given = night.assignment()
    case = await night.hears(night.case(given))
    call = await night.phone(li).rings()
    taken = {"status": AssignmentStatus.TAKEN_AT_DESK, "taken_by": officer, "taken_at": night.clock.now()}
    await night.hears(night.case(given.model_copy(update=taken), case_id=case))
    await call.ends(within=10)
    await night.phone(li).receives("已由Officer接手")
    assert await night.events(case) == ["escalation.started", "escalation.acknowledged"]


async def test_a_stand_down_ends_the_calling_and_an_old_state_changes_nothing(night: Night) -> None:
    await night.person("Li", Level.FIRST)
    given = night.assignment()
    opened = night.case(given)
    case = await night.hears(opened)
    await night.hears(night.case(given.model_copy(update={"status": AssignmentStatus.STOOD_DOWN}), case_id=case))
    await night.hears(opened)
    await night.status(case, "ended")
    assert await night.events(case) == ["escalation.started", "escalation.ended"]


async def test_the_canary_reaches_nobody_and_takes_its_case_by_itself(night: Night) -> None:
    await night.person("Loopback", Level.FIRST, is_loopback=True)
    li = await night.person("Li", Level.BACKUP)
    case = await night.hears(night.case(night.assignment(ladder=ladder(LOOPBACK)), is_canary=True))
    await night.status(case, "acknowledged")
    assert await night.sends(li, "Messages") == await night.sends(li, "Calls") == 0


async def test_a_real_case_is_never_taken_by_the_loopback(night: Night) -> None:
    await night.person("Loopback", Level.FIRST, is_loopback=True)
    li = await night.person("Li", Level.BACKUP)
    case = await night.hears(night.case(night.assignment()))
    await night.phone(li).rings()
    await night.status(case, "calling")


@pytest.mark.parametrize("purpose", [Purpose.READ, Purpose.EMERGENCY_SERVICE])
async def test_purposes_are_called_side_by_side(night: Night, purpose: Purpose) -> None:
    li, officer = await night.person("Li"), await night.person("Officer")
    both = [
        night.assignment(first_responder_id=li),
        night.assignment(first_responder_id=officer, purpose=purpose, urgency=Urgency.URGENT),
    ]
    case = await night.hears(night.case(*both))
    await night.phone(li).rings()
    await night.phone(officer).rings()
    await night.phone(li).receives("特急")
    await night.phone(li).text("31", night.settings.alert_number or "")
    await night.status(case, "acknowledged")
    await night.status(case, "calling")


async def test_what_can_wait_rings_nobody_after_its_hours_and_goes_on_when_they_begin(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    now = night.clock.now()
    # A zone in which it is evening now, wherever the test runs: its sign is that of POSIX.
    zone = f"Etc/GMT{11 - (20 - now.hour + 11) % 24:+d}"
    hours = WorkingHours(begins=time(8, 30), ends=time(17, 30), time_zone=zone)
    kept = ladder(SMS).model_copy(update={"rungs": ladder(SMS).rungs[:1], "hours": hours})
    asked = night.assignment(ladder=kept, urgency=Urgency.PRIORITY)
    case = await night.hears(night.case(asked, urgency=Urgency.PRIORITY))
    await night.phone(li).receives("KD472")
    await night.after(minutes=5)
    await night.status(case, "exhausted")

    due = hours.next_within(now)
    await night.until("select next_due_at = $2 from notifier.escalations where subject_id = $1", case, due)
    assert await night.events(case) == ["escalation.started", "escalation.exhausted"]
    assert await night.one("select count(*) from notifier.alerts") == 1

    await night.after(seconds=(due - night.clock.now()).total_seconds())
    await night.phone(li).rings()
