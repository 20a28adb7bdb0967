"""A responder whose phone refuses our texts: the desk is told, the phone rings, and nobody waits for it."""

from schemas.terms import Level
from tests.integration.notifier.conftest import ALERT_NUMBER, SMS, Night, ladder

REFUSES = "select count(*) = 1 from notifier.for_triage_refusing_phones where person_id = $1"


async def test_an_opt_out_at_the_provider_rings_the_phone_the_next_person_and_the_lead_at_once(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    zhao = await night.person("Zhao", Level.LEAD)
    await night.phones.fault("refuse", night.numbers[li], channel="sms", code=21610, count=1)
    await night.hears(night.case(night.assignment()))
    await night.phone(li).rings()
    await night.phone(wang).rings()
    await night.phone(zhao).rings()
    assert await night.sends(zhao, "Calls") == 1
    assert await night.sends(zhao, "Messages") == 0, "the lead's own rung comes in its turn"
    assert await night.one(REFUSES, li)
    assert not await night.one(REFUSES, wang)


async def test_stop_from_a_phone_that_is_being_called_goes_on_at_once_and_is_not_answered(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    wang = await night.person("Wang", Level.BACKUP)
    case = await night.hears(night.case(night.assignment()))
    await night.phone(li).receives("KD472")
    await night.phone(li).text("STOP", ALERT_NUMBER)
    await night.phone(wang).rings()
    await night.until(REFUSES, li)
    _, of_the_provider = await night.phone(li).texts()
    assert "Reply START" in of_the_provider
    assert await night.one("select status from notifier.escalations where subject_id = $1", case) == "calling"
    assert night.intake.requests == []


async def test_start_or_a_text_that_arrives_ends_it(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.phone(li).text("STOP", ALERT_NUMBER)
    await night.until(REFUSES, li)
    await night.phone(li).text("START", ALERT_NUMBER)
    await night.until("select count(*) = 0 from notifier.refusing_phones")
    await night.db.pool.execute("insert into notifier.refusing_phones values ($1, $2)", li, night.clock.now())
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await night.until("select count(*) = 0 from notifier.refusing_phones")
