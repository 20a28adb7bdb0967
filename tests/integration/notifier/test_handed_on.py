"""A case that went on to others: what whoever had it before may still open."""

from uuid import UUID

import httpx

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


async def test_a_call_reads_no_facts_to_who_was_kept_out_meanwhile(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    await night.seal_facts(case)
    call = await night.phone(li).rings()
    await call.pick_up()
    await call.hears("press star")
    await takes(night, li, case, call)
    await call.press("1")
    await call.hears("Enter your PIN")
    await call.press(f"{PIN}#")
    await call.hears("hear the facts again", within=15)
    await goes_on(night, case, li)

    await call.press("1")
    await call.hears("means nothing in this call")
    assert await night.one("select count(*) = 1 from infra.audit where action = 'facts_read_aloud'")


async def test_a_pin_entered_in_a_call_opens_nothing_to_who_was_kept_out_meanwhile(night: Night) -> None:
    li = await night.person("Li", Level.FIRST, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    await night.seal_facts(case)
    call = await night.phone(li).rings()
    await call.pick_up()
    await call.hears("press star")
    await takes(night, li, case, call)
    await call.press("1")
    await call.hears("Enter your PIN")
    await goes_on(night, case, li)
    await call.press(f"{PIN}#")
    assert "Maple" not in await call.hears("for the one who has taken the case")
