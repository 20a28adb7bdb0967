"""Two notifiers that write steps for the same people in another order: neither waits for the other in a circle."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.ids import new_id
from infra.postgres import Transaction
from notifier.handlers.planning import HELD_FOR, Steps
from notifier.store import alerts, escalations
from notifier.store.escalations import EscalationRow
from notifier.timer.worker import LEASE
from schemas.terms import AlertChannel, Level, Urgency
from tests.integration.notifier.conftest import SMS, VOICE, ladder
from tests.integration.notifier.proofs.still_night import StillNight

ESCALATION = "select escalation_id from notifier.escalations where subject_id = $1"
PAIRS = "select count(*) from notifier.reply_pairs"
DIGESTS = "select count(*) from notifier.alerts where kind = 'digest'"
WAITS = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"


async def waiting_case(still: StillNight, channel: AlertChannel = SMS, **changes: Any) -> UUID:
    """A case of which nobody was told yet."""
    later = ladder(channel).rungs[0].model_copy(update={"after": timedelta(minutes=1)})
    slow = ladder(channel).model_copy(update={"rungs": (later,)})
    return await still.hears(still.case(still.assignment(**({"ladder": slow} | changes))))


async def planned(tx: Transaction, escalation_id: UUID, now: datetime) -> None:
    row = await escalations.escalation(tx, escalation_id)
    assert row is not None
    subject = await escalations.lock_subject(tx, row.subject_id)
    assert subject is not None
    so_far = await alerts.alerts_of(tx, [escalation_id])
    steps = Steps(tx, now)
    await steps.plan(row, subject, so_far[escalation_id])
    await steps.write()


async def step(still: StillNight, cases: list[UUID], meet: asyncio.Barrier) -> None:
    """One transaction that writes a step for one case after the other, as a batch does, and meets another midway."""
    ids = [await still.one(ESCALATION, case) for case in cases]
    async with still.own.transaction() as tx:
        for at, escalation_id in enumerate(ids):
            await planned(tx, escalation_id, still.clock.now())
            if not at:
                await meet.wait()


async def test_batches_that_meet_the_same_people_in_another_order_both_end(still: StillNight) -> None:
    other_team = new_id()
    await still.make_team(other_team)
    await still.person("Li", Level.FIRST)
    await still.person("Wang", Level.FIRST, team=other_team)
    cases = [await waiting_case(still, team_id=team) for team in (still.team, other_team, still.team, other_team)]
    assert await still.one(PAIRS) == 0
    still.clock.advance(timedelta(minutes=1))

    meet = asyncio.Barrier(2)
    async with asyncio.timeout(10):
        await asyncio.gather(step(still, cases[:2], meet), step(still, [cases[3], cases[2]], meet))
    assert await still.one(PAIRS) == 3, "whoever must not wait left its second step for a moment"

    still.clock.advance(HELD_FOR)
    assert await (await still.notifier()).works()
    assert await still.one(PAIRS) == len(still.board.made) == len(cases)


async def test_two_steps_at_one_instant_gather_in_one_digest(still: StillNight) -> None:
    await still.person("Li", Level.FIRST)
    for _ in range(3):
        await still.hears(still.case(still.assignment(urgency=Urgency.URGENT, ladder=ladder(SMS, VOICE))))
    cases = [await waiting_case(still, VOICE, urgency=Urgency.URGENT) for _ in range(2)]
    still.clock.advance(timedelta(minutes=1))

    ids = [await still.one(ESCALATION, case) for case in cases]
    decided = asyncio.Event()

    async def first() -> None:
        async with still.own.transaction() as tx:
            await planned(tx, ids[0], still.clock.now())
            decided.set()
            await still.until(WAITS)

    async def second() -> None:
        await decided.wait()
        async with still.own.transaction() as tx:
            await planned(tx, ids[1], still.clock.now())

    await asyncio.gather(first(), second())
    assert await still.one(DIGESTS) == 1
    assert await still.one("select count(*) from notifier.alerts where folded_into is not null") == 2


async def test_a_bad_step_keeps_no_other_back(still: StillNight, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, team in (("Li", still.team), ("Wang", new_id()), ("Chen", new_id())):
        if team is not still.team:
            await still.make_team(team)
        await still.person(name, Level.FIRST, team=team)
        await waiting_case(still, team_id=team)
    bad = await still.one("select min(escalation_id::text)::uuid from notifier.escalations")

    held = Steps.plan

    async def planned_unless_bad(self: Steps, row: EscalationRow, *given: Any) -> None:
        await held(self, row, *given)
        if row.escalation_id == bad:
            raise ValueError("a step that cannot be written")

    still.clock.advance(timedelta(minutes=1))
    notifier = await still.notifier()
    with monkeypatch.context() as patched:
        patched.setattr(Steps, "plan", planned_unless_bad)
        assert await notifier.works()
    assert await still.one(PAIRS) == len(still.board.made) == 2
    assert "cannot be written" in (await notifier.worker.trouble() or "")

    still.clock.advance(LEASE)
    assert await notifier.works()
    assert await still.one(PAIRS) == len(still.board.made) == 3


async def test_two_people_with_one_phone_get_different_pairs_at_one_instant(still: StillNight) -> None:
    other_team = new_id()
    await still.make_team(other_team)
    li = await still.person("Li", Level.FIRST)
    await still.person("Bo", Level.FIRST, team=other_team, number=still.numbers[li])
    cases = [await waiting_case(still, team_id=team) for team in (still.team, other_team)]
    ids = [await still.one(ESCALATION, case) for case in cases]
    still.clock.advance(timedelta(minutes=1))
    given = asyncio.Event()

    async def first() -> None:
        async with still.own.transaction() as tx:
            await planned(tx, ids[0], still.clock.now())
            given.set()
            await still.until(WAITS)

    async def second() -> None:
        await given.wait()
        async with still.own.transaction() as tx:
            await planned(tx, ids[1], still.clock.now())

    async with asyncio.timeout(10):
        await asyncio.gather(first(), second())
    assert await still.one("select array_agg(base order by base) from notifier.reply_pairs") == ["3", "4"]
