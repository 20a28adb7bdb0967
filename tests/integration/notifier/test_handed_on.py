"""A case that went on to others: what whoever had it before may still open."""

from uuid import UUID

import httpx
import pytest

from infra.emulators.twilio.phones import PhoneCall
from schemas.terms import Level, Purpose
from tests.integration.notifier.conftest import ALERT_NUMBER, PIN, SMS, VOICE, Night, ladder
from tests.integration.notifier.test_voice import takes

LINKED = ladder(SMS, links=True)


async def took(night: Night) -> tuple[UUID, UUID, str]:
    """Somebody who took a case by text and holds a link to it; the person, the case and the address."""
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=LINKED)))
    await night.seal_facts(case)
    url = "http://" + (await night.phone(li).receives("/a/")).split("http://")[1]
    await night.phone(li).text("31", ALERT_NUMBER)
    await night.phone(li).receives("You have taken")
    return li, case, url


async def goes_on(night: Night, case: UUID, *kept_out: UUID, number: int = 2) -> None:
    """Others are called for the case, without those who are kept out of it."""
    anew = night.assignment(number, ladder=ladder(SMS), excluded_responders=kept_out)
    await night.hears(night.case(anew, case_id=case))


async def opens(url: str, pin: str = PIN) -> str:
    async with httpx.AsyncClient() as browser:
        return (await browser.post(url, data={"act": "pin", "pin": pin})).text


async def test_who_is_kept_out_of_a_case_opens_its_facts_no_more(night: Night) -> None:
    li, case, url = await took(night)
    assert "Maple Street" in await opens(url)
    await goes_on(night, case, li)

    page = await opens(url)
    assert "Maple Street" not in page
    assert "for the one who has taken the case" in page
    async with httpx.AsyncClient() as browser:
        assert 'name="pin"' not in (await browser.get(url)).text
    assert await night.one("select count(*) = 1 from infra.audit where action = 'facts_shown'")


async def test_who_is_kept_out_opens_no_facts_at_the_place_either_and_is_still_heard(night: Night) -> None:
    li, case, url = await took(night)
    await night.phone(li).text("35", ALERT_NUMBER)
    await night.phone(li).receives("you are there")
    await goes_on(night, case, li)
    assert "Maple Street" not in await opens(url)
    await night.phone(li).text("35", ALERT_NUMBER)
    await night.phone(li).receives("you are safe")


async def test_who_was_called_for_a_desk_and_is_kept_out_of_the_case_opens_no_facts(night: Night) -> None:
    zhou = await night.person("Zhou", Level.FIRST, language="en")
    reading = night.assignment(ladder=LINKED, purpose=Purpose.READ)
    case = await night.hears(night.case(reading))
    await night.seal_facts(case)
    url = "http://" + (await night.phone(zhou).receives("/a/")).split("http://")[1]
    assert "Maple Street" in await opens(url)
    kept_out = night.assignment(ladder=ladder(SMS), excluded_responders=(zhou,))
    await night.hears(night.case(reading, kept_out, case_id=case))
    assert "Maple Street" not in await opens(url)


async def test_who_is_kept_out_opens_no_facts_though_nobody_is_called_anew(night: Night) -> None:
    li, case, url = await took(night)
    async with night.db.transaction() as tx:
        await tx.execute("alter table triage.exclusions drop constraint exclusions_case_id_fkey")
        await tx.execute(
            "insert into triage.exclusions (case_id, person_id, reason, added_by, added_at) "
            "values ($1, $2, 'conflict_of_interest', 'desk', $3)",
            case,
            li,
            night.clock.now(),
        )
    assert "Maple Street" not in await opens(url)


async def test_whoever_had_a_case_keeps_its_facts_until_somebody_else_takes_it(night: Night) -> None:
    li, case, url = await took(night)
    wang = await night.person("Wang Fang", Level.FIRST)
    await night.phone(li).text("34", ALERT_NUMBER)
    await night.phone(li).receives("handed KD472 back")
    await night.hears(night.case(night.assignment(2, ladder=ladder(SMS), first_responder_id=wang), case_id=case))
    assert "Maple Street" in await opens(url), "nobody else has it yet"

    await night.phone(wang).receives("KD472")
    await night.phone(wang).text("31", ALERT_NUMBER)
    await night.phone(wang).receives("已接手")
    assert "Maple Street" not in await opens(url)


async def test_whoever_is_at_the_place_keeps_the_facts_though_another_took_the_case(night: Night) -> None:
    li, case, url = await took(night)
    wang = await night.person("Wang Fang", Level.FIRST)
    await night.phone(li).text("35", ALERT_NUMBER)
    await night.phone(li).receives("you are there")
    await night.hears(night.case(night.assignment(2, ladder=ladder(SMS), first_responder_id=wang), case_id=case))
    await night.phone(wang).receives("KD472")
    await night.phone(wang).text("31", ALERT_NUMBER)
    await night.phone(wang).receives("已接手")
    assert "Maple Street" in await opens(url)

    await night.phone(li).text("38", ALERT_NUMBER)
    await night.phone(li).receives("you have left")
    assert "Maple Street" not in await opens(url)


async def is_asked_for_a_pin(night: Night, li: UUID) -> tuple[UUID, PhoneCall]:
    """Li takes a case in a call, and wants to hear its facts."""
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    await night.seal_facts(case)
    call = await night.phone(li).rings()
    await call.pick_up()
    await call.hears("press star")
    await takes(night, li, case, call)
    await call.press("1")
    await call.hears("Enter your PIN")
    return case, call


async def test_a_call_reads_no_facts_to_who_was_kept_out_meanwhile(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case, call = await is_asked_for_a_pin(night, li)
    await call.press(f"{PIN}#")
    await call.hears("hear the facts again", within=15)
    await goes_on(night, case, li)

    await call.press("1")
    await call.hears("means nothing in this call")
    assert await night.one("select count(*) = 1 from infra.audit where action = 'facts_read_aloud'")


async def test_a_pin_entered_in_a_call_opens_nothing_to_who_was_kept_out_meanwhile(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case, call = await is_asked_for_a_pin(night, li)
    await goes_on(night, case, li)
    await call.press(f"{PIN}#")
    assert "Maple" not in await call.hears("for the one who has taken the case")


async def is_called_anew(night: Night, case: UUID) -> None:
    """Time for a first action is over: everybody is called again, first somebody else."""
    wang = await night.person("Wang Fang", Level.FIRST)
    anew = night.assignment(2, ladder=ladder(SMS), first_responder_id=wang)
    await night.hears(night.case(anew, case_id=case))
    await night.phone(wang).receives("KD472")


async def asks_for_help(night: Night, li: UUID, case: UUID, number: int = 1) -> None:
    """The case says so, and goes on being called for."""
    by = "select needs_help_by = $2 from notifier.escalations where subject_id = $1 and number = $3"
    assert await night.until(by, case, li, number)
    assert (await night.events(case))[-1] == "responder.needs_help"
    assert await night.one("select next_due_at is not null from notifier.escalations where number = 2")


@pytest.mark.parametrize("words", ["救命", "Help me!", "36"])
async def test_who_took_a_case_that_is_called_anew_is_heard_when_they_text_for_help(night: Night, words: str) -> None:
    li, case, _ = await took(night)
    await is_called_anew(night, case)
    await night.phone(li).text(words, ALERT_NUMBER)
    assert "KD472" in await night.phone(li).receives("the desk has your call for help")
    await asks_for_help(night, li, case)


async def test_a_cry_is_about_the_case_that_was_taken_not_one_that_its_writer_is_called_for(night: Night) -> None:
    li, case, _ = await took(night)
    await is_called_anew(night, case)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS), first_responder_id=li), alias="BB333"))
    await night.phone(li).receives("BB333")
    await night.phone(li).text("SOS", ALERT_NUMBER)
    assert "KD472" in await night.phone(li).receives("the desk has your call for help")
    await asks_for_help(night, li, case)


async def test_a_cry_of_somebody_who_is_called_for_a_desk_alone_is_explained(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    await night.hears(night.case(night.assignment(ladder=ladder(SMS), purpose=Purpose.READ)))
    await night.phone(li).receives("KD472")
    await night.phone(li).text("help", ALERT_NUMBER)
    await night.phone(li).receives("whole number")


async def test_a_cry_of_somebody_who_is_only_called_counts(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("KD472")
    await night.phone(li).text("help", ALERT_NUMBER)
    await night.phone(li).receives("the desk has your call for help")
    assert (await night.events(case))[-1] == "responder.needs_help"
    await night.status(case, "calling")


async def test_who_took_a_case_that_is_called_anew_rings_back_and_presses_for_help(night: Night) -> None:
    li, case, _ = await took(night)
    await is_called_anew(night, case)
    back = await night.phone(li).calls(ALERT_NUMBER)
    assert "If you need help, press 6" in await back.hears("press star")
    await back.press("6")
    await back.hears("The desk has your call for help")
    await asks_for_help(night, li, case)


async def test_who_is_called_anew_for_a_case_they_took_can_press_for_help_in_that_call(night: Night) -> None:
    li, case, _ = await took(night)
    anew = night.assignment(2, ladder=ladder(VOICE), first_responder_id=li)
    await night.hears(night.case(anew, case_id=case))
    missed = await night.phone(li).rings()
    await missed.hang_up()
    back = await night.phone(li).calls(ALERT_NUMBER)
    assert "If you need help, press 6" in await back.hears("press star")
    await back.press("6")
    await back.hears("The desk has your call for help")
    await asks_for_help(night, li, case, number=2)


async def test_in_a_first_call_there_is_no_key_for_help(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    call = await night.phone(li).rings()
    await call.pick_up()
    assert "press 6" not in await call.hears("press star")
    await call.press("6")
    await call.hears("means nothing in this call")
    await night.status(case, "calling")


async def test_the_page_of_a_case_that_is_called_anew_still_has_the_button_for_help(night: Night) -> None:
    li, case, url = await took(night)
    await is_called_anew(night, case)
    async with httpx.AsyncClient() as browser:
        assert 'value="need_help"' in (await browser.get(url)).text
        assert "call for help" in (await browser.post(url, data={"act": "need_help"})).text
    await asks_for_help(night, li, case)


async def test_an_old_case_is_not_what_is_heard_by_who_rings_back(night: Night) -> None:
    li, case, _ = await took(night)
    await is_called_anew(night, case)
    await night.after(hours=25)
    await night.phone(li).calls(ALERT_NUMBER)
    path, _ = await night.intake.first()
    assert path == "/twilio/voice"
