"""Many at once: every text has its reply pair, and answers and statuses never wait for each other in a ring."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg

from infra.ids import new_id
from notifier.domain.replies import Act
from notifier.handlers.answering import Answer as Given
from notifier.handlers.answering import answer
from notifier.store import alerts
from notifier.store.alerts import Claim, Status
from schemas.terms import AcknowledgedVia, Level
from tests.integration.notifier.conftest import SMS, VOICE, Night, ladder

CASES = 24


async def test_each_of_many_cases_at_once_has_its_own_pair(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.stop_workers()
    await asyncio.gather(*(night.hears(night.case(night.assignment(ladder=ladder(SMS)))) for _ in range(CASES)))
    assert await night.one("select count(*) from notifier.alerts where person_id = $1", li) == CASES
    assert await night.one("select count(*) from notifier.reply_pairs where person_id = $1", li) == CASES


async def test_an_answer_and_the_end_of_a_call_never_block_each_other(night: Night) -> None:
    """The answer of one person ends the calling of all at the instant their calls end or fail."""
    people = [await night.person(f"P{n}", Level.FIRST) for n in range(4)]
    await night.stop_workers()
    before = await night.one("select deadlocks from pg_stat_database where datname = current_database()")
    for _ in range(30):
        await _all_at_once(night, people)
    # The statistics of a backend are written when it has been idle for a moment.
    await asyncio.sleep(1.2)
    assert await night.one("select deadlocks from pg_stat_database where datname = current_database()") == before


async def _all_at_once(night: Night, people: list[UUID]) -> None:
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    escalation = await night.one("select escalation_id from notifier.escalations where subject_id = $1", case)
    ringing = [await _rings(night, escalation, person_id) for person_id in people]
    failing = [await _rings(night, escalation, person_id, "sending") for person_id in people]
    now = night.clock.now()

    async def answers(act: Act, person_id: UUID) -> None:
        async with night.own.transaction() as tx:
            await answer(tx, Given(person_id, escalation, act, AcknowledgedVia.KEY), now, night.wake)

    results = await asyncio.gather(
        *(alerts.apply_status(night.own.pool, Status(each, "CA", "unanswered", None), now) for each in ringing[:2]),
        answers(Act.DECLINE, people[1]),
        answers(Act.TAKE, people[0]),
        *(alerts.record_failed(night.own.pool, Claim(each, "sending", 1, True), "x", now) for each in failing[:2]),
        *(alerts.apply_status(night.own.pool, Status(each, "CA", "failed", None), now) for each in ringing[2:]),
        *(alerts.give_up_send(night.own.pool, Claim(each, "sending", 1, True), now) for each in failing[2:]),
        return_exceptions=True,
    )
    assert not [each for each in results if isinstance(each, asyncpg.PostgresError)]
    await night.status(case, "acknowledged")


async def _rings(night: Night, escalation: UUID, person_id: UUID, state: str = "ringing") -> UUID:
    alert_id = new_id()
    await night.db.pool.execute(
        "insert into notifier.alerts (alert_id, escalation_id, kind, person_id, level, channel, attempt, "
        "is_everybody, is_immediate, state, keys, planned_at, valid_until, due_at, fence, sending_at) values "
        "($1, $2, 'alert', $3, 'first', 'voice', $4, false, true, $5::text, '234', $6, $7, "
        "case when $5 = 'sending' then $7::timestamptz end, 1, $6)",
        alert_id,
        escalation,
        person_id,
        3 if state == "ringing" else 4,
        state,
        night.clock.now(),
        night.clock.now() + timedelta(minutes=5),
    )
    return alert_id
