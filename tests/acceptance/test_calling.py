"""The ladder goes on until a person takes the case, and only that stops it. The clock moves instead of waiting."""

from typing import Any

import pytest

from infra.emulators.demo.records import until
from infra.emulators.demo.responders import Responder
from tests.acceptance.world import RUNS, WAIT, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMERGENCY = ("emergency service called", "是否已呼叫急救")


async def names_called(hotline: World, case: Any, many: int) -> set[str]:
    """The first so many who are called for a case."""
    return {who.name for who, _ in await hotline.called(case["alias"], many)}


async def is_texted_about(hotline: World, case: Any, name: str, words: tuple[str, str]) -> str:
    """A text for another purpose on a person's phone."""
    phone = hotline.responder(name).phone
    while True:
        text = await phone.receives(case["alias"], WAIT)
        if any(each in text for each in words):
            return text


async def alerts(hotline: World, case: Any, purpose: str = "respond") -> list[Any]:
    return await hotline.fetch(
        "select * from notifier.for_triage_alerts where subject_id = $1 and purpose = $2 order by planned_at",
        case["case_id"],
        purpose,
    )


async def test_a_gap_of_this_night_reaches_the_manager_by_text_and_by_call(hotline: World) -> None:
    manager = hotline.responder("高岩")
    await hotline.fetch(
        "delete from triage.shifts where level = 'backup' and lower(during) > now() "
        "and team_id = (select team_id from triage.teams where slug = 'xihu')"
    )
    await hotline.fetch(
        "update triage.shifts set during = tstzrange(lower(during), now() + interval '5 hours') "
        "where level = 'backup' and upper(during) > now() "
        "and team_id = (select team_id from triage.teams where slug = 'xihu')"
    )
    await hotline.fetch("select pg_notify('hotline_rosters', '')")

    text = await manager.phone.receives("值班表", WAIT)
    call = await manager.phone.rings(within=WAIT)

    assert await hotline.one("select count(*) from triage.alarms where kind like 'roster_gap_soon/backup%'") == 1
    await call.hang_up()
    await manager.replies(text, "1")


async def test_nobody_answers_and_the_next_level_is_called_again_and_again(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    called = await names_called(hotline, case, 1)
    for many, minutes in ((2, 2), (3, 3), (4, 3)):
        await hotline.passes(minutes=minutes, seconds=1)
        called |= await names_called(hotline, case, many)
    assert len(called) == 4
    assert called >= {"Sana Khan", "Orla Doyle", "Helen Wood"}
    assert (await hotline.newest(case["case_id"]))["status"] == "calling"

    await hotline.passes(minutes=4, seconds=1)
    await hotline.becomes(case["case_id"], "exhausted")

    async def all_together() -> bool:
        rung = [each for each in await alerts(hotline, case) if each["sent_at"] is not None]
        return {"sms", "voice"} == {each["channel"] for each in rung} and len(
            {each["person_id"] for each in rung}
        ) >= 5

    await until(all_together, "everybody on the ladder called", WAIT)
    alarm = (
        "select true from triage.alarms where subject_id = $1 and kind = 'exhausted/respond' and settled_at is null"
    )
    await until(lambda: hotline.one(alarm, case["case_id"]), "the desk's alarm", WAIT)

    last = hotline.responder("Helen Wood")
    await last.presses(await last.answers(case["alias"], WAIT))
    await hotline.becomes(case["case_id"], "acknowledged")

    async def is_settled() -> bool:
        return not await hotline.one(alarm, case["case_id"])

    await until(is_settled, "the alarm's end", WAIT)
    await hotline.rest(case)


async def test_who_declines_is_not_called_on_and_the_next_one_is_called_at_once(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    assert "cannot take" in await who.replies(text, "2")
    second, their_text = await hotline.called_besides(case["alias"], who)
    assert "You have taken" in await second.replies(their_text, "1")
    row = await hotline.becomes(case["case_id"], "acknowledged")
    assert len(row["declined_by"]) == 1
    await hotline.rest(case)


async def test_a_decline_by_key_is_one_too(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, _ = await hotline.first_called(case["alias"])
    assert "The next person" in await who.presses(await who.answers(case["alias"]), wanted=1)
    await hotline.called_besides(case["alias"], who)
    await hotline.rest(case)


async def test_taken_at_the_desk_stops_the_calls(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    call = await who.phone.rings(within=WAIT)
    await (await hotline.desk()).presses(case["case_id"], "take")
    assert await call.ends(within=WAIT) in ("canceled", "completed")
    row = await hotline.becomes(case["case_id"], "acknowledged")
    assert row["acknowledged_via"] == "desk"
    assert "is taken by 周敏" in await who.replies(text, "1")
    await hotline.rest(case)


async def test_whoever_took_it_hears_that_the_desk_has_taken_it_over(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    assert case["alias"] in await who.replies(text, "1")
    await hotline.becomes(case["case_id"], "acknowledged")
    desk = await hotline.desk()
    person = await hotline.one("select taken_by from triage.cases where case_id = $1", case["case_id"])
    await desk.presses(case["case_id"], "take", replaces=person)
    assert "周敏" in await who.phone.receives(f"{case['alias']} is taken by", within=WAIT)
    await hotline.rest(case)


async def test_the_others_are_told_who_took_it_and_their_phones_stop(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    first, _ = await hotline.first_called(case["alias"])
    ringing = await first.phone.rings(within=WAIT)
    await hotline.passes(minutes=2, seconds=1)
    second, text = await hotline.called_besides(case["alias"], first)
    await second.replies(text, "1")
    await hotline.becomes(case["case_id"], "acknowledged")
    assert await ringing.ends(within=WAIT) in ("canceled", "completed")
    assert f"taken by {second.name}" in await first.phone.receives(f"{case['alias']} is taken by", within=WAIT)
    await hotline.rest(case)


async def test_no_first_action_in_ten_minutes_and_the_ladder_starts_again(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await hotline.becomes(case["case_id"], "acknowledged")
    await until(lambda: hotline.one(RUNS, case["case_id"], "first_action"), "the clock first action", WAIT)
    await hotline.passes(minutes=10, seconds=1)
    await hotline.becomes(case["case_id"], "calling", number=2)
    assert (await hotline.records.calling(case["case_id"]))[0]["status"] == "superseded"
    await hotline.rest(case)


async def test_i_have_begun_ends_the_clock_first_action(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await until(lambda: hotline.one(RUNS, case["case_id"], "first_action"), "the clock first action", WAIT)
    assert "you have begun" in await who.replies(text, "3")
    ended = "select true from triage.clocks where case_id = $1 and name = 'first_action' and ended_at is not null"
    await until(lambda: hotline.one(ended, case["case_id"]), "the clock's end", WAIT)
    await hotline.passes(minutes=11)
    assert [row["number"] for row in await hotline.records.calling(case["case_id"])] == [1]
    await hotline.rest(case)


async def test_who_hands_back_is_not_called_first_again(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await hotline.becomes(case["case_id"], "acknowledged")
    assert "handed" in await who.replies(text, "4")
    await hotline.becomes(case["case_id"], "calling", number=2)
    second, _ = await hotline.called_besides(case["alias"], who)
    anew = [each for each in await alerts(hotline, case) if each["number"] == 2]
    assert await hotline.records.name(anew[0]["person_id"]) == second.name
    assert (await hotline.records.case(await hotline.report_of(case)))["taken_by"] is None
    await hotline.rest(case)


async def test_an_answer_to_a_superseded_call_stops_nothing_and_is_given_the_new_pair(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    team = await hotline.one("select team_id from triage.teams where slug = 'camden'")
    await (await hotline.desk()).presses(case["case_id"], "reassign", team=str(team))
    await hotline.becomes(case["case_id"], "calling", number=2)
    answer = await who.replies(text, "1")
    assert "being called anew" in answer
    assert (await hotline.newest(case["case_id"]))["status"] == "calling"
    kept = "select count(*) from notifier.for_triage_answers where subject_id = $1 and effect = 'superseded'"
    assert await hotline.one(kept, case["case_id"]) == 1
    assert "You have taken" in await who.replies(answer, "1")
    await hotline.becomes(case["case_id"], "acknowledged", number=2)
    await hotline.rest(case)


async def test_an_unread_report_calls_the_duty_officers_until_somebody_reads_it(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await hotline.passes(minutes=2, seconds=1)
    await hotline.becomes(case["case_id"], "calling", purpose="read")

    async def an_officer_is_called() -> bool:
        return any(each["sent_at"] is not None for each in await alerts(hotline, case, "read"))

    await until(an_officer_is_called, "a duty officer called", WAIT)
    await (await hotline.desk()).presses(case["case_id"], "read")
    await hotline.becomes(case["case_id"], "ended", purpose="read")
    await hotline.rest(case)


async def test_no_answer_about_the_emergency_service_rings_the_supervisor(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    await who.replies(text, "1")
    await hotline.passes(minutes=2, seconds=1)
    supervisor: Responder = hotline.responder("陆桐")
    assert await is_texted_about(hotline, case, supervisor.name, EMERGENCY)
    await hotline.becomes(case["case_id"], "calling", purpose="emergency_service")
    await (await hotline.desk()).presses(
        case["case_id"], "emergency", called="called", service="police", at="12:00", zone="Europe/London"
    )
    await hotline.becomes(case["case_id"], "ended", purpose="emergency_service")
    await hotline.rest(case)


async def test_a_bare_digit_is_asked_back_and_never_guessed(hotline: World) -> None:
    case = await hotline.case_of_a_new_report()
    who, text = await hotline.first_called(case["alias"])
    assert "whole number" in await who.texts("1")
    assert (await hotline.newest(case["case_id"]))["status"] == "calling"
    await who.replies(text, "1")
    await hotline.becomes(case["case_id"], "acknowledged")
    await hotline.rest(case)


async def test_an_absent_desk_is_called_by_the_same_machinery(hotline: World) -> None:
    await hotline.passes(minutes=36)
    asked = "select true from notifier.escalations where purpose = 'presence' and status = 'calling'"
    await until(lambda: hotline.one(asked), "somebody called to the desk", WAIT)
