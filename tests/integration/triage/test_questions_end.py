"""No alarm that only an answer ends outlives its question, whatever becomes of the case meanwhile."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from schemas.terms import Purpose, Role
from tests.integration.triage.conftest import Hotline, Reports
from tests.integration.triage.test_there import answer, passes, read_and_asked, runs, says, sounding
from triage.domain.case import Refusal
from triage.handlers import closing, presses

Then = Callable[[Hotline, Any, UUID], Awaitable[None]]


@pytest_asyncio.fixture
async def case(hotline: Hotline, report: Reports) -> Any:
    """An immediate case that is read, whose emergency question is answered."""
    return await read_and_asked(hotline, report)


@pytest.fixture
def li(hotline: Hotline) -> UUID:
    return hotline.people["mgr-gao"]


async def is_granted(hotline: Hotline, case: Any) -> None:
    async with hotline.turn() as turn:
        press = await hotline.press(case["case_id"], "sup-lu", Role.SUPERVISOR)
        await closing.decide_close(turn, press, is_granted=True)


async def closes(hotline: Hotline, case: Any, _li: UUID) -> None:
    async with hotline.turn() as turn:
        wanted = closing.Wanted("served_safe", "母亲陪同")
        await closing.ask_close(turn, await hotline.press(case["case_id"]), wanted)
    await is_granted(hotline, case)
    assert (await hotline.case_of_id(case["case_id"]))["status"] == "closed"


async def is_taken_over(hotline: Hotline, case: Any, li: UUID) -> None:
    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, await hotline.press(case["case_id"]), li)


async def is_handed_back(hotline: Hotline, case: Any, li: UUID) -> None:
    now = hotline.clock.now()
    await says(hotline, case, li, handed_back_at=now, handed_back_by=li)


async def is_reassigned(hotline: Hotline, case: Any, _li: UUID) -> None:
    async with hotline.turn() as turn:
        await presses.reassign(turn, await hotline.press(case["case_id"]), case["team_id"])


async def is_not_begun(hotline: Hotline, _case: Any, _li: UUID) -> None:
    await passes(hotline, minutes=10)


@pytest.mark.parametrize("then", [is_taken_over, is_handed_back, is_reassigned, is_not_begun, closes])
@pytest.mark.parametrize("minutes", [0, 3])
async def test_nobody_is_asked_who_goes_with_somebody_who_has_the_case_no_more(
    hotline: Hotline, case: Any, li: UUID, then: Then, minutes: int
) -> None:
    await hotline.admin.pool.execute("update triage.people set skills = '{child_director}' where person_id = $1", li)
    await says(hotline, case, li)
    await passes(hotline, minutes=minutes)
    kinds = {"never_alone", "clock_missed/company"}
    assert await sounding(hotline) & kinds == (kinds if minutes else {"never_alone"})

    await then(hotline, case, li)

    assert not await runs(hotline, case, "company")
    assert not await sounding(hotline) & kinds


async def test_whoever_took_the_case_from_them_ended_the_alarm(hotline: Hotline, case: Any, li: UUID) -> None:
    await hotline.admin.pool.execute("update triage.people set skills = '{child_director}' where person_id = $1", li)
    for then, by in ((is_handed_back, li), (is_taken_over, hotline.people["duty-zhou"])):
        number = len(await hotline.assignments(case["case_id"]))
        await says(hotline, case, li, number=number)
        await then(hotline, case, li)
        settled = "select settled_by from triage.alarms where kind = 'never_alone' order by raised_at desc limit 1"
        assert await hotline.admin.pool.fetchval(settled) == by
        hotline.clock.advance(timedelta(seconds=1))


async def test_an_alarm_that_somebody_is_alone_stands_while_they_have_the_case(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await hotline.admin.pool.execute("update triage.people set skills = '{child_director}' where person_id = $1", li)
    await says(hotline, case, li)
    await says(hotline, case, li, begun_at=True, facts_at=True)
    assert "never_alone" in await sounding(hotline)
    assert await runs(hotline, case, "company")


async def test_a_case_whose_child_was_not_reached_is_closed_once_the_desk_says_what_next(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await says(hotline, case, li)
    await says(hotline, case, li, not_reached_at=True)

    with pytest.raises(Refusal, match="desk_hindrance_not_reached"):
        await closes(hotline, case, li)
    assert "child_not_reached" in await sounding(hotline)

    await answer(hotline, case, "child_not_reached", "look_elsewhere")
    assert "child_not_reached" not in await sounding(hotline)
    await closes(hotline, case, li)


async def test_a_child_not_reached_meanwhile_hinders_the_second_person(hotline: Hotline, case: Any, li: UUID) -> None:
    await says(hotline, case, li)
    async with hotline.turn() as turn:
        wanted = closing.Wanted("served_safe", "母亲陪同")
        await closing.ask_close(turn, await hotline.press(case["case_id"]), wanted)
    await says(hotline, case, li, not_reached_at=True)

    with pytest.raises(Refusal, match="desk_hindrance_not_reached"):
        await is_granted(hotline, case)


async def test_what_was_done_for_who_calls_for_help_after_closing_is_recorded_on_the_closed_case(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await says(hotline, case, li)
    await closes(hotline, case, li)
    await says(hotline, case, li, needs_help_at=True, needs_help_by=li)
    await passes(hotline, minutes=2)
    assert await sounding(hotline) >= {"responder_help", "send_police/responder_help"}

    await answer(hotline, case, "responder_help", "police_sent", "110")

    assert not {each for each in await sounding(hotline) if "responder_help" in each}
    (desk,) = await hotline.assignments(case["case_id"], Purpose.SAFETY)
    assert desk["status"] == "ended"
    assert (await hotline.case_of_id(case["case_id"]))["status"] == "closed"
    assert not await runs(hotline, case, "check_in"), "nobody is at the place"


async def test_whoever_arrives_after_closing_is_watched_until_they_have_left(
    hotline: Hotline, case: Any, li: UUID
) -> None:
    await says(hotline, case, li)
    await closes(hotline, case, li)
    await says(hotline, case, li, arrived_at=True, checked_in_at=True, not_reached_at=True)
    await passes(hotline, minutes=30)
    await passes(hotline, minutes=3)

    await answer(hotline, case, "child_not_reached", "another_goes")
    await answer(hotline, case, "responder_silent", "has_left")

    assert not {"child_not_reached", "responder_silent"} & await sounding(hotline)
    assert not await runs(hotline, case, "check_in")
