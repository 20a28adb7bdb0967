"""Real notifiers, killed and paused: nothing is lost, the other is in time, one that wakes does little harm."""

import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from infra.clock import stopwatch
from notifier.domain.replies import Act
from notifier.handlers.answering import Answer, answer
from notifier.timer.sends import UNDECIDED_FOR
from notifier.timer.worker import LEASE
from schemas.ladder import Ladder, Rung
from schemas.terms import AcknowledgedVia, Level
from tests.integration.notifier.conftest import SMS
from tests.integration.notifier.proofs.fleet import (
    Fleet,
    fleet,
    in_the_hand_of,
    never_sent,
    sent_more_than_once,
    until_it_sends,
)
from tests.integration.notifier.proofs.kills import kill_again_and_again

pytestmark = pytest.mark.kills

KILLS = 30
UNCLAIMED_LATE = timedelta(seconds=2)
LOOK_UP = timedelta(seconds=2)
STEPS = 40
EVERY = timedelta(seconds=0.15)


@pytest_asyncio.fixture
async def side_by_side(database_url: str, tmp_path: Path) -> AsyncIterator[Fleet]:
    async with fleet(database_url, tmp_path) as night:
        yield night


async def test_kill_after_kill_loses_no_alert(side_by_side: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    began = stopwatch()
    killed = await kill_again_and_again(side_by_side, KILLS)
    with capsys.disabled():
        print(f"\n{killed}, in {stopwatch() - began:.0f} s")  # noqa: T201
    assert killed.lost == []
    assert killed.unexplained == []
    assert killed.marked > 0


async def test_when_one_of_two_is_killed_the_other_is_in_time(side_by_side: Fleet) -> None:
    night = side_by_side
    await night.phones.fault("slow_answer", seconds=0.1)
    people = [await night.person("Li", Level.FIRST), await night.person("Wang", Level.BACKUP)]
    for name in ("one", "two"):
        await night.starts(name)
        await night.works(name)
    for number in range(STEPS):
        await night.hears(night.case(night.assignment(ladder=two_rungs(timedelta(seconds=4) + number * EVERY))))
    await night.until(
        "select true from notifier.alerts where leased_by = 'one' and state = 'sending' and level = 'backup'",
        within=30,
    )
    await night.kill("one")
    await night.until(
        "select count(*) = $1 from notifier.alerts where level = 'backup' and kind = 'alert'", STEPS, within=30
    )
    await night.comes_to_rest(30)
    late = await night.db.pool.fetchrow(
        "select max(a.planned_at - e.started_at - (e.ladder #>> '{rungs,1,after}')::interval) as planned, "
        "max(a.sent_at - a.planned_at) as sent "
        "from notifier.alerts a join notifier.escalations e using (escalation_id) "
        "where a.level = 'backup' and a.person_id = $1",
        people[1],
    )
    assert late is not None
    assert late["planned"] <= UNCLAIMED_LATE
    assert late["sent"] <= LEASE + LOOK_UP
    assert await never_sent(night) == []


async def test_one_that_was_paused_makes_at_most_one_stale_send_for_each_it_had_begun(
    side_by_side: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    night = side_by_side
    li = await night.person("Li", Level.FIRST)
    await night.phones.fault("slow_answer", seconds=0.3)
    for name in ("paused", "other"):
        await night.starts(name)
        await night.works(name)

    async def opens() -> None:
        for _ in range(4):
            await night.hears(night.case(night.assignment(ladder=two_rungs(timedelta(hours=1)))))

    await until_it_sends(night, "paused", opens)
    night.signal("paused", signal.SIGSTOP)
    begun = await in_the_hand_of(night, "paused")
    await night.pass_for_all(seconds=(LEASE + UNDECIDED_FOR).total_seconds())
    await night.comes_to_rest(30)
    for row in await night.db.pool.fetch(
        "select escalation_id from notifier.escalations where next_due_at is not null"
    ):
        async with night.own.transaction() as tx:
            given = Answer(li, row["escalation_id"], Act.TAKE, AcknowledgedVia.SMS)
            await answer(tx, given, night.clock.now(), night.wake)
    before = night.requests()
    night.signal("paused", signal.SIGCONT)
    await night.works("paused")
    # A second sign of life: whatever it had begun is behind it, and it has looked at what is due.
    await night.works("paused")
    await night.comes_to_rest(30)
    stale = night.requests() - before
    with capsys.disabled():
        print(f"\n{stale.total()} stale sends of {begun} that a paused notifier had begun")  # noqa: T201
    assert max(stale.values(), default=0) <= 1
    assert stale.total() <= begun
    assert (await sent_more_than_once(night))[1] == []
    assert await never_sent(night) == []


def two_rungs(after: timedelta) -> Ladder:
    return Ladder(
        rungs=(
            Rung(level=Level.FIRST, after=timedelta(), channels=(SMS,)),
            Rung(level=Level.BACKUP, after=after, channels=(SMS,)),
        )
    )
