"""What the provider's list tells of an uncertain send: it is believed only where it leaves no doubt."""

import pytest

from schemas.ladder import Ladder
from schemas.terms import Level
from tests.integration.notifier.conftest import SMS, VOICE, ladder
from tests.integration.notifier.proofs.still_night import StillNight, seconds
from tests.integration.notifier.proofs.switchboard import Trouble


@pytest.mark.parametrize("kinds", [ladder(SMS), ladder(VOICE), ladder(SMS, links=True)])
async def test_what_a_list_shows_is_taken_for_an_alert_only_where_it_surely_is_that_one(
    still: StillNight, kinds: Ladder
) -> None:
    """Two cases for one phone: what was sent for the first was lost, for the second taken; no answer was heard."""
    li = await still.person("Li", Level.FIRST)
    process = await still.notifier()
    for alias, trouble in (("KD472", Trouble.LOST), ("KD473", Trouble.TAKEN_UNHEARD)):
        await still.hears(still.case(still.assignment(ladder=kinds), alias=alias))
        for _ in range(2 if kinds.links else 1):
            still.board.troubles[still.numbers[li]].append(trouble)
            assert await process.acts()
        still.clock.advance(seconds(0.1))
    for _ in range(15):
        assert await process.works()
        still.clock.advance(seconds(1))
    for row in await still.db.pool.fetch("select alert_id, is_repeat from notifier.alerts"):
        assert 1 <= len(still.board.of(row["alert_id"])) <= 1 + row["is_repeat"]
