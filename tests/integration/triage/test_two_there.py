"""Two responders at one child's place: each is asked after for themselves, no sign of one speaks for the other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from schemas.terms import Purpose
from tests.integration.triage.conftest import Hotline, Reports
from tests.integration.triage.test_there import answer, asks_to_close, passes, read_and_asked, runs, says, sounding
from triage.domain.case import Refusal
from triage.handlers.there import asked_about

ALARMS = {"responder_silent", "send_police/responder_silent"}


@dataclass
class Two:
    """A case at whose place two people are: A handed it back and stayed, B has it and came a minute later."""

    hotline: Hotline
    case: Any
    a: UUID
    b: UUID
    a_at: datetime

    @property
    def case_id(self) -> UUID:
        return UUID(int=self.case["case_id"].int)

    async def a_says(self, **said: Any) -> None:
        known: dict[str, Any] = {"arrived_at": self.a_at, "checked_in_at": self.a_at}
        back = {"handed_back_at": self.a_at, "handed_back_by": self.a}
        await says(self.hotline, self.case, self.a, **known | back | said)

    async def b_says(self, **said: Any) -> None:
        known: dict[str, Any] = {"arrived_at": self.a_at + timedelta(minutes=1)}
        await says(self.hotline, self.case, self.b, number=2, **known | said)

    async def rung(self) -> list[tuple[bool, str]]:
        """Who was rung because of no check-in: is it B, and how that calling stands."""
        made = await self.hotline.assignments(self.case_id, Purpose.CHECK_IN)
        return [(each["first_responder_id"] == self.b, each["status"]) for each in made]

    async def desk_is_called(self) -> bool:
        made = await self.hotline.assignments(self.case_id, Purpose.SAFETY)
        return [each["status"] for each in made] == ["calling"]


@pytest_asyncio.fixture
async def two(hotline: Hotline, report: Reports) -> Two:
    case = await read_and_asked(hotline, report)
    two = Two(hotline, case, hotline.people["mgr-gao"], hotline.people["bj-zhao"], hotline.clock.now())
    await says(hotline, case, two.a)
    await says(hotline, case, two.a, arrived_at=two.a_at, checked_in_at=two.a_at)
    await two.a_says()
    await passes(hotline, minutes=1)
    await says(hotline, case, two.b, number=2)
    await two.b_says(checked_in_at=True)
    return two


async def a_is_silent(two: Two, minutes: int = 2) -> None:
    """A says nothing for half an hour, is rung for three minutes; the desk is called for so many."""
    await passes(two.hotline, minutes=29)
    await passes(two.hotline, minutes=3)
    await passes(two.hotline, minutes=minutes)


async def test_a_sign_of_one_ends_no_alarm_about_the_other(two: Two) -> None:
    await a_is_silent(two)
    assert await sounding(two.hotline) >= ALARMS

    await two.b_says(checked_in_at=True)

    assert await sounding(two.hotline) >= ALARMS
    assert await runs(two.hotline, two.case, "responder_silent")
    assert await two.desk_is_called()


@pytest.mark.parametrize("said", ["checked_in_at", "left_at"])
async def test_a_sign_of_one_does_not_stop_the_ringing_of_the_other(two: Two, said: str) -> None:
    await passes(two.hotline, minutes=29)
    await two.b_says(**{"checked_in_at": two.hotline.clock.now(), said: two.hotline.clock.now()})
    assert await two.rung() == [(False, "calling")]

    await passes(two.hotline, minutes=3)
    await two.b_says(**{"checked_in_at": two.hotline.clock.now(), said: two.hotline.clock.now()})

    assert await two.rung() == [(False, "calling")]
    assert "responder_silent" in await sounding(two.hotline)


@pytest.mark.parametrize("said", ["checked_in_at", "left_at"])
async def test_their_own_sign_ends_the_alarm_and_the_other_is_asked_after(two: Two, said: str) -> None:
    await a_is_silent(two)
    await two.b_says(checked_in_at=True)
    heard = two.hotline.clock.now()

    await passes(two.hotline, minutes=1)
    await two.a_says(**{said: True})

    assert not await sounding(two.hotline) & ALARMS
    assert not await two.desk_is_called()
    clock = await two.hotline.clock_of(two.case_id, "check_in")
    next_of_a = two.hotline.clock.now() if said == "checked_in_at" else heard
    assert clock["due_at"] == min(heard, next_of_a) + timedelta(minutes=30)


async def test_whoever_falls_silent_too_is_rung_while_the_alarm_about_the_other_sounds(two: Two) -> None:
    await a_is_silent(two, minutes=0)
    assert await two.rung() == [(False, "ended"), (True, "calling")], "B has been silent for longer than half an hour"

    await passes(two.hotline, minutes=3)
    await two.a_says(checked_in_at=True)
    assert not await sounding(two.hotline) & ALARMS

    await passes(two.hotline, seconds=1)
    assert (await two.rung())[-1] == (True, "calling")
    await passes(two.hotline, minutes=3)
    assert "responder_silent" in await sounding(two.hotline)
    await two.a_says(checked_in_at=True)
    assert "responder_silent" in await sounding(two.hotline), "it is about B"


async def test_the_other_waits_while_one_is_rung(two: Two) -> None:
    await passes(two.hotline, minutes=29)
    await passes(two.hotline, minutes=2)
    assert await two.rung() == [(False, "calling")]
    await passes(two.hotline, minutes=1)
    assert await two.rung() == [(False, "ended"), (True, "calling")]
    assert "responder_silent" in await sounding(two.hotline)


async def test_an_alarm_about_whoever_has_left_ends_with_the_sign_of_anybody(two: Two) -> None:
    await two.b_says(checked_in_at=True, left_at=True)
    await a_is_silent(two)
    assert await sounding(two.hotline) >= ALARMS
    await two.hotline.admin.pool.execute(
        "update triage.escalations set left_at = $1 where acknowledged_by = $2", two.hotline.clock.now(), two.a
    )

    await two.b_says(checked_in_at=True)

    assert not await sounding(two.hotline) & ALARMS


@pytest.mark.parametrize("said", ["has_left", "spoke_safe", "police_sent"])
async def test_what_the_desk_heard_of_one_leaves_the_other_watched(two: Two, said: str) -> None:
    await a_is_silent(two)
    await answer(two.hotline, two.case, "responder_silent", said)

    assert not await sounding(two.hotline) & ALARMS
    assert await runs(two.hotline, two.case, "check_in"), "B is there"
    await passes(two.hotline, seconds=1)
    assert (await two.rung())[-1] == (True, "calling")
    with pytest.raises(Refusal, match="desk_hindrance_there"):
        await asks_to_close(two.hotline, two.case)
    about = await two.hotline.admin.pool.fetchval("select detail from triage.timeline where kind = 'answered_about'")
    assert about["other"] == str(two.a)


async def test_who_has_left_as_the_desk_was_told_is_rung_no_more(two: Two) -> None:
    await passes(two.hotline, minutes=20)
    await two.b_says(checked_in_at=True)
    await a_is_silent(two, minutes=0)
    heard = two.hotline.clock.now()
    await answer(two.hotline, two.case, "responder_silent", "has_left")
    assert (await two.hotline.clock_of(two.case_id, "check_in"))["due_at"] <= heard

    await two.b_says(checked_in_at=True)
    await passes(two.hotline, minutes=29)
    await two.b_says(checked_in_at=True, left_at=True)

    assert [is_b for is_b, _ in await two.rung()].count(False) == 1
    assert not await runs(two.hotline, two.case, "check_in")


async def test_whoever_is_heard_after_they_had_left_is_there_again(two: Two) -> None:
    await two.b_says(checked_in_at=True, left_at=True)
    await passes(two.hotline, minutes=1)
    await answer(two.hotline, two.case, "check_in", "has_left")
    assert not await runs(two.hotline, two.case, "check_in")

    await passes(two.hotline, minutes=1)
    await two.a_says(checked_in_at=True)

    assert await runs(two.hotline, two.case, "check_in")


async def test_of_several_who_are_there_the_desk_says_whom_it_heard_of(two: Two) -> None:
    with pytest.raises(Refusal, match="refusal_which_responder"):
        await answer(two.hotline, two.case, "check_in", "has_left")
    with pytest.raises(Refusal, match="refusal_not_about_them"):
        await answer(two.hotline, two.case, "check_in", "has_left", about=two.hotline.people["duty-zhou"])

    await answer(two.hotline, two.case, "check_in", "has_left", about=two.b)

    await passes(two.hotline, minutes=29)
    assert await two.rung() == [(False, "calling")]


async def test_what_was_heard_of_the_other_does_not_stop_the_ringing(two: Two) -> None:
    await passes(two.hotline, minutes=29)
    await answer(two.hotline, two.case, "check_in", "spoke_safe", about=two.b)
    assert await two.rung() == [(False, "calling")]
    await passes(two.hotline, minutes=3)
    assert "responder_silent" in await sounding(two.hotline)


async def test_an_answer_from_an_older_page_is_about_the_one_it_named(two: Two) -> None:
    await a_is_silent(two, minutes=0)
    await two.a_says(checked_in_at=True)
    await passes(two.hotline, seconds=1)
    await passes(two.hotline, minutes=3)
    assert "responder_silent" in await sounding(two.hotline), "it is about B now"

    with pytest.raises(Refusal, match="refusal_not_about_them"):
        await answer(two.hotline, two.case, "responder_silent", "has_left", about=two.a)
    assert "responder_silent" in await sounding(two.hotline)


async def test_what_was_done_for_one_who_needs_help_leaves_the_other_s_call_for_help(two: Two) -> None:
    hotline, now = two.hotline, two.hotline.clock.now()
    await two.a_says(needs_help_at=True, needs_help_by=two.a)
    await two.b_says(checked_in_at=now, needs_help_at=True, needs_help_by=two.b)
    with pytest.raises(Refusal, match="refusal_which_responder"):
        await answer(hotline, two.case, "responder_help", "spoke_safe")

    await passes(hotline, minutes=2)
    await answer(hotline, two.case, "responder_help", "spoke_safe", about=two.b)
    assert "responder_help" in await sounding(hotline)
    assert await two.hotline.assignments(two.case_id, Purpose.SAFETY)
    await passes(hotline, minutes=2)
    assert "send_police/responder_help" in await sounding(hotline)

    with pytest.raises(Refusal, match="refusal_not_about_them"):
        await answer(hotline, two.case, "responder_help", "spoke_safe", about=two.b)
    await answer(hotline, two.case, "responder_help", "police_sent", about=two.a)
    assert not {each for each in await sounding(hotline) if "responder_help" in each}
    assert {each["status"] for each in await hotline.assignments(two.case_id, Purpose.SAFETY)} == {"ended"}


async def test_one_who_calls_for_help_twice_is_asked_about_once(two: Two) -> None:
    hotline, now = two.hotline, two.hotline.clock.now()
    await two.a_says(needs_help_at=now, needs_help_by=two.a)
    hotline.clock.advance(timedelta(minutes=1))
    await two.b_says(checked_in_at=now, needs_help_at=True, needs_help_by=two.b)
    hotline.clock.advance(timedelta(minutes=1))
    await two.b_says(checked_in_at=now, needs_help_at=True, needs_help_by=two.b)

    async with hotline.turn() as turn:
        assert await asked_about(turn.tx, two.case_id, "responder_help") == [two.a, two.b]
