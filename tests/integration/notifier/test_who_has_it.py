"""Who has a case now, as it is told to those who ask: by text, on the page and in a call."""

from uuid import UUID

import httpx

from infra.emulators.twilio.phones import PhoneCall
from schemas.terms import AssignmentStatus, Level
from tests.integration.notifier.conftest import ALERT_NUMBER, SMS, VOICE, Night, ladder
from tests.integration.notifier.test_handed_on import LINKED, goes_on, is_called_anew, opens, took

NOBODY, LIS, WANGS = "nobody has taken it", "taken by Li", "taken by Wang Fang"


async def two_are_called(night: Night) -> tuple[UUID, UUID, UUID, str]:
    """Li has taken a case for which Wang was called before; both, the case and Wang's page."""
    wang = await night.person("Wang Fang", Level.FIRST, language="en")
    li = await night.person("Li", Level.BACKUP, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS, links=True))))
    url = "http://" + (await night.phone(wang).receives("/a/")).split("http://")[1]
    await night.after(minutes=2)
    await night.phone(li).receives("KD472")
    await says(night, li, "31", "You have taken")
    return li, wang, case, url


async def says(night: Night, person: UUID, words: str, answered: str) -> str:
    await night.phone(person).text(words, ALERT_NUMBER)
    return await night.phone(person).receives(answered)


async def seen(url: str) -> str:
    async with httpx.AsyncClient() as browser:
        return (await browser.get(url)).text


async def test_a_case_that_was_handed_back_is_nobodys(night: Night) -> None:
    li, wang, case, url = await two_are_called(night)
    assert LIS in await says(night, wang, "0", "KD472 is taken")
    await says(night, li, "34", "handed KD472 back")

    await says(night, wang, "0", NOBODY)
    assert (NOBODY in await seen(url), LIS in await seen(url)) == (True, False)
    assert LIS not in await says(night, wang, "31", NOBODY), "before others are called"

    await goes_on(night, case)
    await says(night, li, "0", NOBODY)
    assert (NOBODY in await seen(url), LIS in await seen(url)) == (True, False)


async def test_whoever_took_it_since_is_named_to_whoever_had_it_before(night: Night) -> None:
    li, case, url = await took(night)
    await is_called_anew(night, case)
    await says(night, li, "0", NOBODY)
    page = await seen(url)
    assert NOBODY in page
    assert "has ended" not in page
    wang = await night.one("select first_responder_id from notifier.escalations where number = 2")
    await says(night, wang, "31", "已接手")
    await says(night, li, "0", WANGS)
    assert WANGS in await seen(url)


async def test_what_the_desk_takes_over_is_the_desks_for_whoever_had_it_too(night: Night) -> None:
    li, case, url = await took(night)
    zhou = await night.person("Zhou Min")
    assert "Maple Street" in await opens(url)
    taken = {"status": AssignmentStatus.TAKEN_AT_DESK, "taken_by": zhou, "taken_at": night.clock.now()}
    await night.hears(night.case(night.assignment(2, ladder=LINKED, **taken), case_id=case))

    await night.phone(li).receives("KD472 is taken by Zhou Min. You are not called for it any more.")
    await says(night, li, "0", "taken by Zhou Min")
    assert "Maple Street" not in await opens(url)
    assert (await night.events(case))[-1] == "escalation.acknowledged"
    await night.phone(li).text("36", ALERT_NUMBER)
    needs_help = "select needs_help_by = $1 from notifier.escalations where number = 1"
    assert await night.until(needs_help, li), "whoever calls for help is heard all the same"


async def test_the_officer_who_is_taken_over_from_by_another_is_texted_nothing(night: Night) -> None:
    await night.person("Li", Level.FIRST)
    zhou, wu = await night.person("Zhou Min"), await night.person("Wu Lan")
    given = night.assignment(ladder=ladder(SMS))
    case = await night.hears(night.case(given))
    for number, officer in ((1, zhou), (2, wu)):
        taken = {"status": AssignmentStatus.TAKEN_AT_DESK, "taken_by": officer, "taken_at": night.clock.now()}
        await night.hears(night.case(given.model_copy(update={"number": number, **taken}), case_id=case))
    assert await night.one("select count(*) from notifier.alerts where person_id = any($1)", [zhou, wu]) == 0
    newest = "select acknowledged_by from notifier.escalations where status = 'acknowledged'"
    assert await night.one(newest) == wu


async def test_who_is_kept_out_of_a_case_is_not_told_who_has_it(night: Night) -> None:
    li, case, url = await took(night)
    wang = await night.person("Wang Fang", Level.FIRST)
    await goes_on(night, case, li)
    await night.phone(wang).receives("KD472")
    await says(night, wang, "31", "已接手")
    await says(night, li, "0", "taken by a colleague")
    page = await seen(url)
    assert "taken by a colleague" in page
    assert "Wang" not in page


async def rings_back(night: Night, person: UUID) -> PhoneCall:
    missed = await night.phone(person).rings()
    await missed.hang_up()
    call = await night.phone(person).calls(ALERT_NUMBER)
    await call.hears("press star")
    return call


async def test_a_call_about_a_case_that_was_handed_back_names_nobody(night: Night) -> None:
    wang = await night.person("Wang Fang", Level.FIRST, language="en")
    li = await night.person("Li", Level.BACKUP, language="en")
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE, SMS))))
    call = await rings_back(night, wang)
    await night.after(minutes=2)
    await night.phone(li).receives("KD472")
    await says(night, li, "31", "You have taken")
    await says(night, li, "34", "handed KD472 back")
    await goes_on(night, case)
    await call.press("*")
    assert LIS not in await call.hears("Nobody has taken K D 4 7 2 yet")


async def test_who_rings_back_about_a_case_that_is_called_anew_does_not_hear_that_it_is_theirs(night: Night) -> None:
    li, case, _ = await took(night)
    await is_called_anew(night, case)
    call = await night.phone(li).calls(ALERT_NUMBER)
    heard = await call.hears("press star")
    assert "is yours" not in heard
    assert "Nobody has taken K D 4 7 2 yet" in heard
    await call.hang_up()

    wang = await night.one("select first_responder_id from notifier.escalations where number = 2")
    await says(night, wang, "31", "已接手")
    call = await night.phone(li).calls(ALERT_NUMBER)
    heard = await call.hears("press star")
    assert "K D 4 7 2 is taken by Wang Fang" in heard
    assert "need not do anything" not in heard, "they may be at the door"
