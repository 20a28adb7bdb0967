"""Callbacks twice, late and in every order: states move one way, and an acknowledgement is not undone."""

from datetime import datetime
from itertools import permutations
from uuid import UUID

import pytest

from notifier.domain.replies import Act
from notifier.store import alerts
from schemas.ladder import Ladder
from schemas.terms import Level
from tests.integration.notifier.conftest import SMS, VOICE, ladder
from tests.integration.notifier.proofs.still_night import FORGET, StillNight, seconds

HEARD, TAKEN = "the provider's answer is heard", "somebody takes the case"
STATE = """
select a.state, notifier.state_rank(a.state) as rank, a.sids, a.ended_at, e.status, e.next_due_at, e.acknowledged_by
  from notifier.alerts a join notifier.escalations e using (escalation_id) where a.alert_id = $1
"""


@pytest.mark.parametrize(
    ("kinds", "statuses"),
    [
        (ladder(SMS), ("sent", "delivered")),
        (ladder(SMS), ("sent", "undelivered")),
        (ladder(VOICE), ("ringing", "connected", "unanswered")),
    ],
)
async def test_in_every_order_the_end_is_the_same(
    still: StillNight, kinds: Ladder, statuses: tuple[str, ...]
) -> None:
    called, other = await still.person("Li", Level.FIRST), await still.person("Wang", Level.LEAD)
    process = await still.notifier()
    for number, order in enumerate(permutations([*statuses, HEARD, TAKEN])):
        case = await still.hears(still.case(still.assignment(ladder=kinds, first_responder_id=called)))
        (claim,) = await process.leases()
        assert await alerts.begin_send(still.own.pool, claim, still.clock.now())
        sid = f"SM{number}"
        # Each one twice, and all of them once more in the end.
        await _arrive(still, case, claim.alert_id, sid, other, [each for each in order for _ in range(2)])
        await _arrive(still, case, claim.alert_id, sid, other, list(reversed(order)))
        row = await still.db.pool.fetchrow(STATE, claim.alert_id)
        assert row is not None
        assert (row["state"], row["sids"], row["acknowledged_by"]) == (statuses[-1], [sid], other), order
        assert row["ended_at"] is not None
        assert await still.events(case) == ["escalation.started", "escalation.acknowledged"]
        await still.db.pool.execute(FORGET)


async def _arrive(still: StillNight, case: UUID, alert_id: UUID, sid: str, other: UUID, order: list[str]) -> None:
    before = await still.db.pool.fetchrow(STATE, alert_id)
    for each in order:
        await _arrives(still, case, alert_id, sid, other, each)
        row = await still.db.pool.fetchrow(STATE, alert_id)
        assert row is not None
        assert before is not None
        assert row["rank"] >= before["rank"], f"{each} moved it back in {order}"
        assert row["status"] == ("acknowledged" if each == TAKEN else before["status"])
        if row["status"] == "calling":
            assert _is_no_later(row["next_due_at"], before["next_due_at"]), f"{each} delayed the next step"
        before = row
        still.clock.advance(seconds(0.1))


def _is_no_later(due_at: datetime | None, before: datetime | None) -> bool:
    return due_at is not None and before is not None and due_at <= before


async def _arrives(still: StillNight, case: UUID, alert_id: UUID, sid: str, other: UUID, what: str) -> None:
    if what == HEARD:
        await alerts.record_sent(still.own.pool, alert_id, sid, still.clock.now())
    elif what == TAKEN:
        escalation_id = await still.one("select escalation_id from notifier.escalations where subject_id = $1", case)
        await still.answers(other, escalation_id, Act.TAKE, provider_sid=f"answer to {sid}")
    else:
        await still.told(alert_id, sid, what)
