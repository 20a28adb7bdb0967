"""Drills: the real ladder, marked in every word, giving way to what is real, over for everybody who was called."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from infra.ids import new_id
from infra.inbox import Delivery
from infra.outbox import Trace
from notifier.handlers.drills import DrillHandlers
from schemas.area import UNKNOWN
from schemas.drills import DrillCalled
from schemas.terms import Level, Urgency
from tests.integration.notifier.conftest import ALERT_NUMBER, SMS, VOICE, Night, ladder

OUTCOME = (
    "select status || case when exhausted_at is null then '' else ' at the end' end from notifier.for_triage_drills"
)


async def drilled(night: Night, drill_id: UUID | None = None, **assignment: Any) -> UUID:
    """A drill as triage calls it; its id."""
    event = DrillCalled(
        version=1,
        subject_id=drill_id or new_id(),
        alias="XY345",
        jurisdiction="CN",
        area=UNKNOWN,
        assignments=(night.assignment(**{"ladder": ladder(SMS)} | assignment),),
    )
    async with night.own.transaction() as tx:
        handlers = DrillHandlers(night.clock, night.wake)
        await handlers.on_drill(Delivery(new_id(), event.type, event, Trace.begin()), tx)
    return event.subject_id


async def outcome(night: Night, wanted: str) -> None:
    await night.until(f"select ({OUTCOME}) = $1", wanted)


async def test_every_text_says_first_that_it_is_a_drill_and_taking_it_ends_it_for_everybody(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    wang = await night.person("Wang", Level.BACKUP)
    drill = await drilled(night)
    text = await night.phone(li).receives("XY345")
    assert "DRILL. NOW XY345 by" in text
    await night.after(minutes=2)
    assert "演练。特急 XY345" in await night.phone(wang).receives("XY345")
    await night.phone(wang).text("31", ALERT_NUMBER)
    assert "演练。您已接手XY345。这是演练，已结束" in await night.phone(wang).receives("已接手")
    await outcome(night, "acknowledged")
    assert "DRILL. XY345 was an exercise and is over." in await night.phone(li).receives("is over")
    assert "演练。XY345是一次演练，已结束" in await night.phone(wang).receives("是一次演练")
    assert await night.events(drill) == []


async def test_a_call_says_it_in_every_prompt_and_hangs_up_once_it_is_taken(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await drilled(night, ladder=ladder(VOICE))
    call = await night.phone(li).rings()
    await call.pick_up()
    assert (await call.hears("press star")).startswith("Drill. This is an exercise.")
    await call.press("4")
    assert "Drill. This is an exercise." in await call.hears("means nothing")
    await call.press((await night.keys(li))[0])
    heard = await call.hears("You have taken XY345. It was an exercise and is over")
    assert "hear the facts" not in heard
    assert "Do not go alone" not in heard
    assert await call.ends() == "completed"


async def test_the_page_says_it_and_offers_nothing_after_taking(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await drilled(night, ladder=ladder(SMS, links=True))
    link = await night.phone(li).receives("/a/")
    assert "DRILL. XY345: http" in link
    async with httpx.AsyncClient() as browser:
        url = "http://" + link.split("http://")[1]
        page = (await browser.get(url)).text
        assert "<h1>DRILL. XY345</h1>" in page
        assert "no child is in danger" in page
        taken = (await browser.post(url, data={"act": "take"})).text
    assert "It was an exercise and is over" in taken
    assert "<button" not in taken
    assert "Do not go alone" not in taken


async def test_a_ladder_without_a_taker_ends_after_its_last_rung_and_calls_nobody_together(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    gao = await night.person("Gao", Level.MANAGER, language="en")
    drill = await drilled(night)
    await night.phone(li).receives("DRILL")
    await night.after(minutes=8)
    await night.phone(gao).receives("DRILL. NOW")
    await night.after(minutes=4)
    await outcome(night, "ended at the end")
    for person in (li, gao):
        assert "is over" in await night.phone(person).receives("is over")
    assert not await night.one("select count(*) from notifier.alerts where is_everybody")
    assert await night.one("select array_agg(level order by level) from notifier.for_triage_empty_levels") == [
        "backup",
        "lead",
    ]
    assert await night.events(drill) == []


async def test_whoever_declined_hears_that_it_is_over_too(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await drilled(night)
    await night.phone(li).receives("DRILL")
    await night.phone(li).text("32", ALERT_NUMBER)
    assert "DRILL. Understood, you cannot take XY345." in await night.phone(li).receives("Understood")
    await outcome(night, "ended at the end")
    await night.phone(li).receives("DRILL. XY345 was an exercise and is over.")


async def test_no_alert_of_a_drill_is_immediate(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await drilled(night, ladder=ladder(SMS, VOICE))
    await night.phone(li).receives("演练")
    await night.phone(li).text("31", ALERT_NUMBER)
    await outcome(night, "acknowledged")
    assert await night.one("select count(*) from notifier.alerts where kind = 'taken'") == 1
    assert not await night.one("select count(*) from notifier.alerts where is_immediate")


async def test_an_immediate_case_of_the_team_ends_its_drill_at_once(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await drilled(night, ladder=ladder(VOICE))
    call = await night.phone(li).rings()
    await call.pick_up()
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await outcome(night, "ended")
    assert await call.ends() == "completed"
    assert "DRILL" not in await night.phone(li).receives("KD472")
    assert "DRILL. XY345 was an exercise" in await night.phone(li).receives("is over")


async def test_what_is_not_immediate_or_of_another_team_leaves_a_drill_alone(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await drilled(night)
    await night.phone(li).receives("演练")
    other = new_id()
    await night.hears(night.case(night.assignment(urgency=Urgency.URGENT, ladder=ladder(SMS))))
    await night.hears(night.case(night.assignment(team_id=other, ladder=ladder(SMS))))
    await night.hears(night.case(night.assignment(ladder=ladder(SMS)), is_canary=True))
    await night.after(minutes=1)
    await night.phone(li).receives("24时 KD472")
    await outcome(night, "calling")


async def test_beside_real_work_and_when_it_comes_late_a_drill_calls_nobody(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await drilled(night, made_at=night.clock.now() - timedelta(minutes=5))
    await outcome(night, "ended")
    await night.db.pool.execute("truncate notifier.escalations cascade")
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await drilled(night)
    assert await night.one("select count(*) from notifier.for_triage_drills where status = 'ended'") == 1
    assert not await night.one(
        "select count(*) from notifier.alerts a join notifier.escalations e using (escalation_id) "
        "join notifier.for_triage_drills d on d.drill_id = e.subject_id"
    )


async def test_the_same_event_twice_calls_once(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    drill = await drilled(night)
    await drilled(night, drill)
    await night.phone(li).receives("演练")
    assert await night.one("select count(*) from notifier.escalations") == 1


async def test_a_call_for_help_in_a_drill_is_told_and_nothing_else_can_be_said_of_it(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    drill = await drilled(night)
    await night.phone(li).receives("DRILL")
    await night.phone(li).text("31", ALERT_NUMBER)
    await night.phone(li).receives("You have taken")
    for said in ("33", "34", "35", "37", "38"):
        await night.phone(li).text(said, ALERT_NUMBER)
        assert "DRILL. XY345 was an exercise and is over." in await night.phone(li).receives("In real danger")
    assert await night.events(drill) == []
    await night.phone(li).text("36", ALERT_NUMBER)
    assert "DRILL. XY345 is an exercise, but the desk's alarm" in await night.phone(li).receives("alarm")
    assert await night.events(drill) == ["responder.needs_help"]


async def test_a_cry_for_help_is_for_the_case_that_is_real(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(urgency=Urgency.URGENT, ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await night.phone(li).text("31", ALERT_NUMBER)
    await night.phone(li).receives("You have taken KD472")
    await drilled(night)
    await night.phone(li).receives("DRILL")
    await night.phone(li).text("41", ALERT_NUMBER)
    await night.phone(li).receives("You have taken XY345")
    await night.phone(li).text("help", ALERT_NUMBER)
    assert "KD472" in await night.phone(li).receives("call for help")
    assert "responder.needs_help" in await night.events(case)


async def test_ringing_back_after_a_drill_offers_no_case(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await drilled(night, ladder=ladder(VOICE))
    call = await night.phone(li).rings()
    await call.pick_up()
    await call.hears("press star")
    await call.press((await night.keys(li))[0])
    await outcome(night, "acknowledged")
    await call.ends()
    await night.phone(li).calls(ALERT_NUMBER)
    path, _ = await night.intake.first()
    assert path == "/twilio/voice"
