"""Reading from a broker: what the infrastructure refuses is repeated in order, and members come and go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from infra import kafka
from infra.ids import new_id
from infra.inbox import LONG_AGO, Delivery, Subscriber
from infra.outbox import CHANNEL
from infra.postgres import Database, Listener, Transaction
from infra.relay import Relay
from infra.settings import Settings
from infra.vault import UnknownMasterKey
from tests.conftest import DatabaseAs, SettableClock
from tests.integration.infra.test_events import TYPE, Seen, age, received, write

Handle = Callable[[Delivery, Transaction], Awaitable[None]]


@pytest_asyncio.fixture
async def settings(database_url: str, clock: SettableClock, broker: Settings) -> AsyncIterator[Settings]:
    """A broker with a relay that publishes to it."""
    found = broker.model_copy(update={"database_url": None, "database_direct_url": SecretStr(database_url)})
    relay, listener = Relay(found, clock), Listener(database_url)
    await listener.listen(CHANNEL, relay.wake)
    async with _running(listener.run), _running(relay.run):
        yield found


@asynccontextmanager
async def _running(loop: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(loop())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def reading(settings: Settings, db: Database, clock: SettableClock, handle: Handle) -> AsyncIterator[None]:
    """A member that reads and catches up, from when its partitions are assigned."""
    subscriber = Subscriber(db, clock, {TYPE: handle})
    reader = kafka.Reader(settings, "triage", subscriber, asyncio.Event())
    async with _running(lambda: kafka.consume(reader)), _running(subscriber.catch_up):
        await asyncio.wait_for(reader.is_reading.wait(), 30)
        yield


async def test_what_the_infrastructure_refuses_is_repeated_and_the_later_events_of_its_key_wait(
    settings: Settings, db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen, key = await db_as("ingest"), Seen(failures=3, error=asyncpg.DeadlockDetectedError), new_id()
    versions: list[int] = []

    async def handle(delivery: Delivery, tx: Transaction) -> None:
        await seen.handle(delivery, tx)
        versions.append(delivery.event.version)

    async with reading(settings, await db_as("triage"), clock, handle):
        for version in (1, 2, 3):
            await write(ingest, received(version, key))
        await seen.until(3)
    assert versions == [1, 2, 3]
    assert await db.pool.fetchval("select count(*) from infra.attempts") == 0


async def test_members_come_and_go_and_every_event_takes_effect_once(
    settings: Settings, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, triage, seen = await db_as("ingest"), await db_as("triage"), Seen()
    other = settings.model_copy(update={"instance": f"{settings.instance}-2"})

    async def handle(delivery: Delivery, tx: Transaction) -> None:
        await asyncio.sleep(0.02)
        await seen.handle(delivery, tx)

    async def write_all() -> None:
        for event in events:
            await write(ingest, event)
            await asyncio.sleep(0.01)

    events = [received() for _ in range(200)]
    async with AsyncExitStack() as first:
        await first.enter_async_context(reading(settings, triage, clock, handle))
        writing = asyncio.create_task(write_all())
        async with reading(other, triage, clock, handle):
            await first.aclose()
            await writing
            await seen.until(200, seconds=30)
    assert sorted(seen.reports) == sorted(event.report_id for event in events)


async def test_what_the_infrastructure_refuses_holds_no_other_key_of_catch_up(
    db: Database, db_as: DatabaseAs, clock: SettableClock
) -> None:
    ingest, seen, refused = await db_as("ingest"), Seen(), received()

    async def handle(delivery: Delivery, tx: Transaction) -> None:
        if delivery.event.report_id == refused.report_id:
            raise UnknownMasterKey("k9")
        await seen.handle(delivery, tx)

    subscriber = Subscriber(await db_as("triage"), clock, {TYPE: handle})
    for event in (refused, received(2, refused.report_id), *(received() for _ in range(5))):
        await write(ingest, event)
    await age(db, 5)
    with pytest.raises(UnknownMasterKey):
        await subscriber.take_missed(LONG_AGO)
    assert len(seen.reports) == 5
    assert refused.report_id not in seen.reports
