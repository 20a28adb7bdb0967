"""An event takes effect once, whichever path delivers it and whatever dies on the way."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from pydantic import SecretStr

from infra import kafka
from infra.ids import new_id
from infra.inbox import LONG_AGO, MOST_ATTEMPTS, DeadLetter, Delivery, Envelope, Subscriber
from infra.outbox import CHANNEL, Trace, append
from infra.postgres import Database, Listener, Transaction
from infra.relay import Relay
from infra.settings import Settings
from schemas.area import UNKNOWN
from schemas.events import ReportReceived
from schemas.terms import Answer, Channel, ContactKind, ReporterRole
from tests.conftest import NOON, DatabaseAs, SettableClock

TYPE = ReportReceived.type


def received(version: int = 1, report_id: UUID | None = None) -> ReportReceived:
    return ReportReceived(
        version=version,
        report_id=report_id or new_id(),
        kind=ContactKind.REPORT,
        channel=Channel.WEB,
        jurisdiction="CN",
        area=UNKNOWN,
        language="zh",
        reporter_role=ReporterRole.NEIGHBOUR,
        danger_now=Answer.NOT_ASKED,
        received_at=NOON,
    )


async def write(db: Database, event: ReportReceived) -> UUID:
    async with db.transaction() as tx:
        return await append(tx, event, Trace.begin(), NOON)


class Seen:
    """A handler that keeps what it was handed, and fails as often as it is told."""

    def __init__(self, failures: int = 0, error: type[Exception] = ValueError) -> None:
        self.reports: list[UUID] = []
        self.letters: list[DeadLetter] = []
        self._failures, self._error = failures, error
        self.changed = asyncio.Event()

    async def handle(self, delivery: Delivery, _tx: Transaction) -> None:
        if self._failures:
            self._failures -= 1
            raise self._error("on purpose")
        self.reports.append(delivery.event.report_id)
        self.changed.set()

    async def dead_letter(self, letter: DeadLetter, _tx: Transaction) -> None:
        self.letters.append(letter)

    def subscriber(self, db: Database, clock: SettableClock) -> Subscriber:
        return Subscriber(db, clock, {TYPE: self.handle}, self.dead_letter)

    async def until(self, count: int, seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while len(self.reports) < count:
                self.changed.clear()
                await self.changed.wait()


async def age(db: Database, seconds: int) -> None:
    """Make what was written look older than the grace of catch-up."""
    await db.pool.execute(
        "update infra.outbox set written_at = written_at - $1::interval", timedelta(seconds=seconds)
    )


async def envelopes(db: Database) -> list[Envelope]:
    rows = await db.pool.fetch("select * from infra.outbox order by seq")
    return [
        Envelope(
            r["id"], r["type"], r["key"], r["body"], Trace(r["correlation_id"], r["causation_id"], r["traceparent"])
        )
        for r in rows
    ]


async def test_an_event_delivered_twice_takes_effect_once(db_as: DatabaseAs, clock: SettableClock) -> None:
    ingest, seen = await db_as("ingest"), Seen()
    subscriber = seen.subscriber(await db_as("triage"), clock)
    await write(ingest, received())
    [envelope] = await envelopes(await db_as(None))
    await asyncio.gather(*(subscriber.receive(envelope) for _ in range(5)))
    assert len(seen.reports) == 1


async def test_catch_up_takes_what_no_broker_delivered_in_order(
    db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen = await db_as("ingest"), Seen()
    events = [received() for _ in range(450)]
    for event in events:
        await write(ingest, event)
    await age(db, 5)
    floor = await seen.subscriber(await db_as("triage"), clock).take_missed(LONG_AGO)
    assert seen.reports == [event.report_id for event in events]
    assert floor > LONG_AGO


async def test_catch_up_leaves_what_the_broker_may_still_bring(db_as: DatabaseAs, clock: SettableClock) -> None:
    ingest, seen = await db_as("ingest"), Seen()
    await write(ingest, received())
    await seen.subscriber(await db_as("triage"), clock).take_missed(LONG_AGO)
    assert seen.reports == []


async def test_an_event_committed_late_is_not_passed_over(
    db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen = await db_as("ingest"), Seen()
    subscriber = seen.subscriber(await db_as("triage"), clock)
    late = received()
    async with ingest.transaction() as tx:
        await append(tx, late, Trace.begin(), NOON)
        await write(ingest, received())
        await age(db, 5)
        floor = await subscriber.take_missed(LONG_AGO)
    await age(db, 5)
    await subscriber.take_missed(floor)
    assert late.report_id in seen.reports
    assert len(seen.reports) == 2


async def test_a_failing_event_is_retried_and_the_later_ones_of_its_key_wait(
    db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen = await db_as("ingest"), Seen(failures=1)
    subscriber = seen.subscriber(await db_as("triage"), clock)
    first = received()
    other = received()
    await write(ingest, first)
    await age(db, 5)
    await subscriber.take_missed(LONG_AGO)
    await write(ingest, received(2, first.report_id))
    await write(ingest, other)
    await age(db, 5)
    await subscriber.take_missed(LONG_AGO)
    assert seen.reports == [other.report_id]
    clock.advance(timedelta(seconds=2))
    await subscriber.take_missed(LONG_AGO)
    assert seen.reports == [other.report_id, first.report_id, first.report_id]


async def test_an_event_no_handler_can_take_becomes_a_dead_letter_and_is_told(
    db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen = await db_as("ingest"), Seen(failures=99)
    subscriber = seen.subscriber(await db_as("triage"), clock)
    await write(ingest, received())
    await age(db, 5)
    for _ in range(MOST_ATTEMPTS + 2):
        await subscriber.take_missed(LONG_AGO)
        clock.advance(timedelta(minutes=2))
    letter = await db.pool.fetchrow("select subscriber, type, attempts, error from infra.dead_letters")
    assert letter is not None
    assert (letter["subscriber"], letter["type"], letter["attempts"]) == ("triage", TYPE, MOST_ATTEMPTS)
    assert letter["error"].startswith("ValueError at test_events.py")
    assert "on purpose" not in letter["error"]
    assert len(seen.letters) == 1
    told = await db.pool.fetchrow("select topic, body from infra.outbox where type = 'event.dead_lettered.v1'")
    assert told is not None
    assert told["topic"] == "hotline.reports.dead-letters"
    assert told["body"]["subscriber"] == "triage"
    assert await db.pool.fetchval("select count(*) from infra.attempts") == 0


async def test_a_dead_letter_nobody_can_do_without_is_kept_and_its_event_tried_again(
    db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen = await db_as("ingest"), Seen(failures=MOST_ATTEMPTS + 2)

    async def refuse(_letter: DeadLetter, _tx: Transaction) -> None:
        raise LookupError("there is no team")

    subscriber = Subscriber(await db_as("triage"), clock, {TYPE: seen.handle}, refuse)
    event = received()
    await write(ingest, event)
    await age(db, 5)
    for _ in range(MOST_ATTEMPTS + 2):
        await subscriber.take_missed(LONG_AGO)
        assert seen.reports == []
        clock.advance(timedelta(seconds=64))

    assert await db.pool.fetchval("select count(*) from infra.dead_letters where settled_at is null") == 1
    assert await db.pool.fetchval("select count(*) from infra.outbox where type = 'event.dead_lettered.v1'") == 1
    assert await db.pool.fetchval("select count(*) from infra.attempts") == 1

    await subscriber.take_missed(LONG_AGO)
    assert seen.reports == [event.report_id]
    assert await db.pool.fetchval("select count(*) from infra.attempts") == 0


async def test_a_version_nobody_knows_is_kept_for_a_person(
    db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen = await db_as("ingest"), Seen()
    subscriber = seen.subscriber(await db_as("triage"), clock)
    await write(ingest, received())
    await db.pool.execute("update infra.outbox set type = 'report.received.v9'")
    await age(db, 5)
    for _ in range(MOST_ATTEMPTS):
        await subscriber.take_missed(LONG_AGO)
        clock.advance(timedelta(minutes=2))
    assert [letter.envelope.type for letter in seen.letters] == ["report.received.v9"]


async def test_an_error_of_the_infrastructure_counts_for_nothing(
    db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen = await db_as("ingest"), Seen(failures=50, error=asyncpg.DeadlockDetectedError)
    subscriber = seen.subscriber(await db_as("triage"), clock)
    await write(ingest, received())
    [envelope] = await envelopes(db)
    for _ in range(20):
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await subscriber.receive(envelope)
    assert await db.pool.fetchval("select count(*) from infra.attempts") == 0


async def test_a_service_cannot_write_rows_of_another(db_as: DatabaseAs) -> None:
    triage = await db_as("triage")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await triage.pool.execute("insert into infra.inbox (subscriber, event_id) values ('ingest', $1)", new_id())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await triage.pool.execute("update infra.outbox set published_at = clock_timestamp()")


async def test_the_relay_publishes_and_the_broker_brings_it_at_once(
    database_url: str, db_as: DatabaseAs, clock: SettableClock, broker: Settings
) -> None:
    settings = broker.model_copy(update={"database_url": None, "database_direct_url": secret(database_url)})
    ingest, seen = await db_as("ingest"), Seen()
    subscriber = seen.subscriber(await db_as("triage"), clock)
    relay, listener = Relay(settings, clock), Listener(database_url)
    reader = kafka.Reader(settings, "triage", subscriber, asyncio.Event())
    await listener.listen(CHANNEL, relay.wake)
    running = _all(listener.run, relay.run, lambda: kafka.consume(reader))
    try:
        await asyncio.wait_for(reader.is_reading.wait(), 30)
        await write(ingest, received())
        await seen.until(1)
        started = asyncio.get_running_loop().time()
        last = received()
        await write(ingest, last)
        async with asyncio.timeout(5):
            while last.report_id not in seen.reports:
                await asyncio.sleep(0.005)
        assert asyncio.get_running_loop().time() - started < 1.0
    finally:
        await _end(running)


async def test_a_slow_event_holds_nothing_but_its_own_partition(
    database_url: str, db_as: DatabaseAs, clock: SettableClock, broker: Settings
) -> None:
    settings = broker.model_copy(update={"database_url": None, "database_direct_url": secret(database_url)})
    ingest, seen, slow = await db_as("ingest"), Seen(), received()
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def handle(delivery: Delivery, tx: Transaction) -> None:
        if delivery.event.report_id == slow.report_id:
            has_begun.set()
            await may_end.wait()
        await seen.handle(delivery, tx)

    subscriber = Subscriber(await db_as("triage"), clock, {TYPE: handle})
    relay, listener = Relay(settings, clock), Listener(database_url)
    reader = kafka.Reader(settings, "triage", subscriber, asyncio.Event())
    await listener.listen(CHANNEL, relay.wake)
    running = _all(listener.run, relay.run, lambda: kafka.consume(reader))
    try:
        await asyncio.wait_for(reader.is_reading.wait(), 30)
        await write(ingest, slow)
        await asyncio.wait_for(has_begun.wait(), 10)
        for _ in range(30):
            await write(ingest, received())
        await seen.until(15)
        assert slow.report_id not in seen.reports
        may_end.set()
        await seen.until(31)
    finally:
        await _end(running)


async def test_a_second_relay_stands_by_until_the_first_is_gone(
    database_url: str, clock: SettableClock, broker: Settings
) -> None:
    settings = broker.model_copy(update={"database_direct_url": secret(database_url)})
    first, second = Relay(settings, clock), Relay(settings, clock)
    one = _all(first.run)
    await _until(lambda: first.is_active)
    two = _all(second.run)
    await asyncio.sleep(0.3)
    assert not second.is_active
    await _end(one)
    await _until(lambda: second.is_active)
    await _end(two)


def secret(value: str) -> SecretStr:
    return SecretStr(value)


def _all(*loops: Callable[[], Coroutine[None, None, None]]) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(loop()) for loop in loops]


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _until(is_so: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.02)
