"""Many at once: every text has its reply pair, and answers and statuses never wait for each other in a ring."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from infra.ids import new_id
from notifier.domain.replies import Act
from notifier.handlers.answering import Answer as Given
from notifier.handlers.answering import answer
from notifier.store import alerts
from notifier.store import people as people_store
from notifier.store.alerts import Claim, Moved, Status
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
        *(night.statuses.apply(Status(each, "CA", "unanswered", None)) for each in ringing[:2]),
        answers(Act.DECLINE, people[1]),
        answers(Act.TAKE, people[0]),
        *(alerts.record_failed(night.own.pool, Claim(each, "sending", 1, True), "x", now) for each in failing[:2]),
        *(night.statuses.apply(Status(each, "CA", "failed", None)) for each in ringing[2:]),
        *(alerts.give_up_send(night.own.pool, Claim(each, "sending", 1, True), now) for each in failing[2:]),
        return_exceptions=True,
    )
    assert not [each for each in results if isinstance(each, BaseException)]
    await night.status(case, "acknowledged")


async def test_statuses_that_come_together_are_kept_together_each_as_it_would_be_alone(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await night.person(f"P{n}", Level.FIRST) for n in range(5)]
    await night.stop_workers()
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    escalation = await night.one("select escalation_id from notifier.escalations where subject_id = $1", case)
    far = night.clock.now() + timedelta(hours=1)
    await night.db.pool.execute("update notifier.escalations set next_due_at = $1", far)
    rings, held, failed, dead, ended = [await _rings(night, escalation, each) for each in people]
    await night.db.pool.execute("update notifier.alerts set phone_position = 1")
    counts, apply = [], alerts.apply_statuses

    async def counted(pool: Any, statuses: Sequence[Status], now: datetime) -> Any:
        kept = await apply(pool, statuses, now)
        counts.append(len(statuses))
        return kept

    monkeypatch.setattr(alerts, "apply_statuses", counted)
    statuses = night.statuses
    async with night.db.transaction() as another:
        await another.execute("select from notifier.alerts where alert_id = $1 for update", held)
        waiting = asyncio.create_task(statuses.apply(Status(held, "CA2", "connected", None)))
        told = await asyncio.gather(
            statuses.apply(Status(rings, "CA1", "connected", None)),
            statuses.apply(Status(failed, "CA3", "failed", "21210")),
            statuses.apply(Status(dead, "CA4", "failed", "21211")),
            statuses.apply(Status(ended, "CA5", "connected", None)),
            statuses.apply(Status(ended, "CA5", "unanswered", None)),
            statuses.apply(Status(new_id(), "CA6", "unanswered", None)),
            statuses.apply(Status(rings, "CA1", "queued", None)),
        )
        assert not waiting.done()
        assert await _states(night, rings, held) == ["connected", "ringing"]
    await waiting

    assert max(counts) >= 5
    assert [each.is_step_due for each in told] == [False, True, True, False, True, False, False]
    assert await _states(night, rings, held, failed, dead, ended) == [
        *("connected", "connected", "failed", "failed", "unanswered")
    ]
    assert await night.one("select next_due_at < $1 from notifier.escalations", far)
    marked = "select array_agg(person_id) from notifier.marked_phones where mark = 'dead'"
    assert await night.one(marked) == [people[3]]


async def test_a_status_that_cannot_be_kept_spoils_no_other(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.stop_workers()
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    escalation = await night.one("select escalation_id from notifier.escalations where subject_id = $1", case)
    rings = await _rings(night, escalation, li)

    *kept, bad = await asyncio.gather(
        night.statuses.apply(Status(new_id(), "CA1", "ringing", None)),
        night.statuses.apply(Status(rings, "CA2", "connected", None)),
        night.statuses.apply(Status(new_id(), "CA\0", "connected", None)),
        return_exceptions=True,
    )

    assert kept == [Moved(is_unwanted=False, is_step_due=False)] * 2
    assert isinstance(bad, asyncpg.PostgresError)
    assert await _states(night, rings) == ["connected"]


async def test_two_crowds_that_speak_of_the_same_people_in_another_order_are_both_kept(night: Night) -> None:
    """One holds what the other waits for, and the other way round: the database ends one, which is asked again."""
    people = [await night.person(f"P{n}", Level.FIRST) for n in range(2)]
    await night.stop_workers()
    case = await night.hears(night.case(night.assignment(ladder=ladder(VOICE))))
    escalation = await night.one("select escalation_id from notifier.escalations where subject_id = $1", case)
    rings = [await _rings(night, escalation, each) for each in people]
    now = night.clock.now()

    async with night.own.transaction() as crowd:
        await people_store.refuse_texts(crowd, people[:1], now)
        both = [Status(each, "CA", "failed", "21610") for each in reversed(rings)]
        telling = asyncio.gather(*(night.statuses.apply(each) for each in both))
        await asyncio.sleep(0.2)
        await people_store.refuse_texts(crowd, people[1:], now)
    told = await telling

    assert all(each.is_step_due for each in told)
    assert await _states(night, *rings) == ["failed", "failed"]
    assert await night.one("select count(*) from notifier.refusing_phones") == 2


async def _states(night: Night, *alert_ids: UUID) -> list[str]:
    rows = await night.db.pool.fetch("select alert_id, state from notifier.alerts")
    states = {row["alert_id"]: row["state"] for row in rows}
    return [states[each] for each in alert_ids]


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
