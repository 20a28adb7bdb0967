"""Presses on two cases, and words that come to them, all at once: done once, and nobody waits in a ring."""

import asyncio
from uuid import UUID

from tests.integration.triage.conftest import Hotline, Reports, Updates
from tests.integration.triage.test_same_child import opened, say, urgency
from triage.domain.case import Refusal
from triage.handlers import presses, same_child
from triage.store.pairings import Says


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
