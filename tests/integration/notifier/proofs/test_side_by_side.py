"""Two notifiers on one database: they share the work, and one that was paused sends nothing it should not."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from notifier.domain.replies import Act
from notifier.store import letters
from notifier.store.alerts import Claim
from notifier.timer.sends import UNDECIDED_FOR
from notifier.timer.worker import LEASE
from schemas.terms import AlertChannel, Level
from tests.integration.notifier.conftest import SMS, VOICE, ladder
from tests.integration.notifier.proofs.still_night import Notifier, StillNight

CASES = 20
ESCALATION = "select escalation_id from notifier.escalations where subject_id = $1"


async def one_case(still: StillNight, channel: AlertChannel = SMS) -> UUID:
    return await still.hears(still.case(still.assignment(ladder=ladder(channel))))


async def paused_before_its_intent(still: StillNight) -> tuple[Notifier, Claim, Mapping[str, Any]]:
    """A notifier that has claimed the one alert there is and stopped; its claim, and what it read of the alert."""
    await still.person("Li", Level.FIRST)
    await one_case(still)
    slow = await still.notifier("slow")
    (claim,) = await slow.leases()
    return slow, claim, (await letters.letter_rows(slow.db.pool, [claim]))[claim.alert_id]


async def test_they_share_the_work_and_each_alert_goes_once(still: StillNight) -> None:
    await still.person("Li", Level.FIRST)
    for _ in range(CASES):
        await one_case(still)
    both = [await still.notifier("one"), await still.notifier("two")]

    async def works(process: Notifier) -> int:
        done = 0
        while acted := await process.acts():
            done += acted
        return done

    shares = await asyncio.gather(*map(works, both))
    assert sum(shares) == len(still.board.made) == len({each.alert_id for each in still.board.made}) == CASES
    assert min(shares) > 0


async def test_one_that_was_paused_before_its_intent_sends_nothing_when_its_lease_is_over(still: StillNight) -> None:
    slow, claim, row = await paused_before_its_intent(still)
    other = await still.notifier("other")
    still.clock.advance(LEASE)
    assert await other.works()
    await slow.sends.act(claim, row)
    assert [each.alert_id for each in still.board.made] == [claim.alert_id]
    assert not await still.one("select is_repeat from notifier.alerts")


async def test_one_that_was_paused_before_its_intent_sends_nothing_while_another_holds_the_lease(
    still: StillNight,
) -> None:
    slow, claim, row = await paused_before_its_intent(still)
    other = await still.notifier("other")
    still.clock.advance(LEASE)
    (again,) = await other.leases()
    await slow.sends.act(claim, row)
    assert still.board.made == []
    await other.sends.act(again, row)
    assert [each.alert_id for each in still.board.made] == [claim.alert_id]


async def test_one_that_was_paused_before_its_intent_sends_nothing_once_the_case_is_taken(still: StillNight) -> None:
    li = await still.person("Li", Level.FIRST)
    case = await one_case(still)
    slow = await still.notifier("slow")
    (claim,) = await slow.leases()
    rows = await letters.letter_rows(slow.db.pool, [claim])
    await still.answers(li, await still.one(ESCALATION, case), Act.TAKE)
    await slow.sends.act(claim, rows[claim.alert_id])
    assert still.board.made == []


async def test_one_that_was_paused_after_its_intent_makes_one_stale_call_which_is_counted_and_ended(
    still: StillNight,
) -> None:
    await still.person("Li", Level.FIRST)
    wang = await still.person("Wang", Level.LEAD)
    case = await one_case(still, VOICE)
    slow, other = await still.notifier("slow"), await still.notifier("other")
    slow.life.goes_on.clear()
    stopped = asyncio.create_task(slow.acts())
    await still.until("select state = 'sending' from notifier.alerts")
    still.clock.advance(LEASE + UNDECIDED_FOR)
    assert await other.works()
    (again,) = still.board.made
    await still.answers(wang, await still.one(ESCALATION, case), Act.TAKE)
    assert await other.works()
    assert still.board.stopped == {again.sid}
    await still.told(again.alert_id, again.sid, "cancelled")
    slow.life.goes_on.set()
    await stopped
    assert [each.alert_id for each in still.board.made if each.channel is VOICE] == [again.alert_id] * 2
    assert await still.one("select is_repeat from notifier.alerts where alert_id = $1", again.alert_id)
    assert await other.works()
    assert still.board.stopped == {each.sid for each in still.board.made if each.channel is VOICE}
    assert await slow.works()
    assert len([each for each in still.board.made if each.channel is VOICE]) == 2
