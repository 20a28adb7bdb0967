"""Real notifiers, killed and paused: nothing is lost, the other is in time, one that wakes does little harm."""

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from infra.clock import stopwatch
from notifier.timer.sends import UNDECIDED_FOR
from notifier.timer.worker import LEASE
from schemas.ladder import Ladder, Rung
from schemas.terms import Level
from tests.integration.notifier.conftest import SMS
from tests.integration.notifier.proofs.fleet import Fleet, fleet, never_sent, sent_more_than_once
from tests.integration.notifier.proofs.kills import kill_again_and_again

pytestmark = pytest.mark.kills

KILLS = 30
UNCLAIMED_LATE = timedelta(seconds=2)
LOOK_UP = timedelta(seconds=2)
STEPS = 40
EVERY = timedelta(seconds=0.15)

IN_HAND = 3
LEASED = "select count(*) = $2 from notifier.alerts where leased_by = $1 and state = 'planned'"
WAITING = (
    "select count(*) = $1 from pg_stat_activity "
    "where datname = current_database() and application_name = 'hotline_notifier' and wait_event_type = 'Lock'"
)
WRITING_A_STEP = "select true from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"
TOKENS = "lock table infra.send_buckets in exclusive mode"
INTENTS = "select from notifier.alerts for update"
A_PERSON = "select pg_advisory_xact_lock(hashtext('reply pairs'), hashtext($1::text) & 2147483647)"


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


async def test_one_that_was_paused_makes_one_stale_send_for_each_it_had_begun_and_no_other(
    side_by_side: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    night = side_by_side
    await night.person("Li", Level.FIRST)
    await night.starts("paused")
    await night.works("paused")
    begun = await paused_with_sends_begun(night)
    await night.pass_for_all(seconds=(LEASE + UNDECIDED_FOR).total_seconds())
    await night.starts("other")
    await night.comes_to_rest(30)
    before = night.requests()
    night.signal("paused", signal.SIGCONT)
    await night.works("paused")
    # A second sign of life: whatever it had begun is behind it, and it has looked at what is due.
    await night.works("paused")
    await night.comes_to_rest(30)
    stale = night.requests() - before
    with capsys.disabled():
        print(f"\n{stale.total()} stale sends of {len(begun)} that a paused notifier had begun")  # noqa: T201
    assert stale == dict.fromkeys(begun, 1)
    assert before.total() == len(before) == 2 * IN_HAND
    assert (await sent_more_than_once(night))[1] == []
    assert await never_sent(night) == []


async def paused_with_sends_begun(night: Fleet) -> list[UUID]:
    """Pause "paused" with so many sends of which the database has the intent, and it has not heard so.

    It holds the leases of as many more that wait for a token. Returns the alerts that it had begun.
    """
    async with AsyncExitStack() as until_paused:
        async with night.held(TOKENS):
            await open_cases(night)
            await night.until(LEASED, "paused", IN_HAND)
            await until_paused.enter_async_context(night.held(INTENTS))
        await night.until(WAITING, IN_HAND)
        await until_paused.enter_async_context(night.held(TOKENS))
        await open_cases(night)
        await night.until(LEASED, "paused", 2 * IN_HAND)
        night.signal("paused", signal.SIGSTOP)
    await night.until(WAITING, 0)
    rows = await night.db.pool.fetch("select alert_id from notifier.alerts where state = 'sending'")
    assert len(rows) == IN_HAND
    return [row["alert_id"] for row in rows]


async def open_cases(night: Fleet) -> None:
    for _ in range(IN_HAND):
        await night.hears(night.case(night.assignment(ladder=two_rungs(timedelta(hours=1)))))


async def test_a_step_that_a_paused_one_was_writing_is_written_by_the_other_after_as_long_as_a_lease(
    side_by_side: Fleet,
) -> None:
    night = side_by_side
    people = [await night.person("Li", Level.FIRST), await night.person("Wang", Level.BACKUP)]
    await night.starts("paused")
    await night.works("paused")
    await night.hears(night.case(night.assignment(ladder=two_rungs(timedelta(minutes=5)))))
    await night.comes_to_rest(30)
    async with night.held(A_PERSON, str(people[1])):
        await night.pass_for_all(minutes=5)
        await night.until(WRITING_A_STEP)
        night.signal("paused", signal.SIGSTOP)
    paused = stopwatch()
    await night.starts("other")
    await night.until("select true from notifier.alerts where person_id = $1", people[1], within=30)
    assert stopwatch() - paused <= (LEASE + UNCLAIMED_LATE).total_seconds()
    night.signal("paused", signal.SIGCONT)
    await night.works("paused")
    await night.works("paused")
    await night.comes_to_rest(30)
    assert night.requests().total() == len(people)


def two_rungs(after: timedelta) -> Ladder:
    return Ladder(
        rungs=(
            Rung(level=Level.FIRST, after=timedelta(), channels=(SMS,)),
            Rung(level=Level.BACKUP, after=after, channels=(SMS,)),
        )
    )
