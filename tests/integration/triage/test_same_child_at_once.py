"""Presses on two cases, and words that come to them, all at once: done once, and nobody waits in a ring."""

import asyncio
from datetime import timedelta
from uuid import UUID

from tests.integration.triage.conftest import Hotline, Reports, Updates
from tests.integration.triage.test_same_child import WORSE, opened, say, urgency
from triage.domain.case import Refusal
from triage.handlers import presses, same_child
from triage.store import cases, pairings
from triage.store.pairings import Says
from triage.timer import Timer

SOMEBODY_WAITS = """
select exists (select from pg_locks l join pg_stat_activity a using (pid)
                where not l.granted and a.datname = current_database())
"""


async def test_one_into_the_other_and_back_at_once_is_done_once(hotline: Hotline, report: Reports) -> None:
    one, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report)
    pressed = [(one, other), (other, one), (one, other), (other, one)]
    seen = [await hotline.press(case_id) for case_id, _ in pressed]

    async def go(at: int) -> str:
        try:
            async with hotline.turn() as turn:
                await same_child.say(turn, seen[at], pressed[at][1], Says.SAME_MATTER)
        except Refusal as refusal:
            return refusal.key
        return "done"

    assert sorted(await asyncio.gather(*map(go, range(4)))) == ["done", *["refusal_changed"] * 3]
    assert await hotline.admin.pool.fetchval("select count(*) from triage.pairings") == 1


async def test_words_and_presses_on_both_at_once_wait_for_one_another(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    living, _ = await opened(hotline, report)
    other, event = await opened(hotline, report)
    await say(hotline, living, other)
    updates = [await update(event, f"又听见哭声，第{at}次。", danger_now="yes") for at in range(4)]

    async def take(case_id: UUID) -> str:
        async with hotline.turn() as turn:
            await presses.take_at_desk(turn, await hotline.press(case_id))
        return "done"

    async def read(case_id: UUID) -> str:
        try:
            async with hotline.turn() as turn:
                await presses.mark_read(turn, await hotline.press(case_id))
        except Refusal as refusal:
            return refusal.key
        return "done"

    pressed = [read(living), read(other), read(living), take(other), take(living)]
    said, _ = await asyncio.gather(asyncio.gather(*pressed), asyncio.gather(*map(hotline.receive, updates)))

    assert set(said) <= {"done", "refusal_changed"}
    assert await urgency(hotline, living) == await urgency(hotline, other) == "immediate"


async def test_a_clock_that_falls_due_inside_a_case_waits_for_a_press_on_the_case_around(
    hotline: Hotline, report: Reports, timer: Timer
) -> None:
    living, _ = await opened(hotline, report)
    until = hotline.clock.now() + timedelta(hours=5)
    other, _ = await opened(hotline, report, child_safe_until=until)
    await say(hotline, living, other)
    await hotline.admin.pool.execute("update triage.clocks set ended_at = started_at where name <> 'safety_ends'")
    hotline.clock.advance(timedelta(hours=4))

    async with hotline.turn() as turn:
        # A press locks in the order of ids: the case around first, since it was opened first.
        assert await cases.lock(turn.tx, living)
        due = asyncio.create_task(timer.take_one())
        async with asyncio.timeout(10):
            while not await hotline.admin.pool.fetchval(SOMEBODY_WAITS):
                pass
        await pairings.lock_families(turn.tx, living)

    assert await due
    assert await urgency(hotline, living) == await urgency(hotline, other) == "urgent"


async def test_a_case_that_somebody_works_on_holds_up_no_other_clock(
    hotline: Hotline, report: Reports, timer: Timer
) -> None:
    busy, _ = await opened(hotline, report, **WORSE)
    other, _ = await opened(hotline, report, **WORSE)
    hotline.clock.advance(timedelta(minutes=2))

    async with hotline.turn() as turn:
        assert await cases.lock(turn.tx, busy)
        while await timer.take_one():
            pass

    assert (await hotline.clock_of(other, "read"))["breached_at"] is not None
    assert (await hotline.clock_of(busy, "read"))["breached_at"] is None
