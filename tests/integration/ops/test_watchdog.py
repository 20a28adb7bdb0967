"""The watchdog's address is reached while all is well, and not otherwise."""

from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp import web

from infra.outbox import Trace, append
from infra.postgres import Database
from infra.watchdog import EXPECTED, Watchdog
from tests.conftest import NOON, DatabaseAs, SettableClock
from tests.integration.infra.test_events import received
from tests.integration.ops.conftest import Beat


class Address:
    """Somebody outside who counts the pings."""

    def __init__(self) -> None:
        self.pings = 0
        self.url = ""
        self.status = 200

    async def take(self, _request: web.Request) -> web.Response:
        self.pings += 1
        return web.Response(status=self.status)


@pytest_asyncio.fixture
async def address() -> AsyncIterator[Address]:
    kept, app = Address(), web.Application()
    app.router.add_get("/ping", kept.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping"
    yield kept
    await runner.cleanup()


async def test_it_pings_while_every_service_is_alive_and_well(
    db: Database, db_as: DatabaseAs, clock: SettableClock, beat: Beat, address: Address
) -> None:
    watchdog = Watchdog(await db_as("relay"), clock, address.url, lambda: True)
    assert not await watchdog.ping()
    for service in EXPECTED:
        await beat(service)
    assert await watchdog.ping()
    assert address.pings == 1
    await beat("relay", "the last canary did not come through")
    assert not await watchdog.ping()
    await beat("relay")
    async with (await db_as("ingest")).transaction() as tx:
        await append(tx, received(), Trace.begin(), NOON)
    await db.pool.execute("update infra.outbox set written_at = written_at - interval '40 seconds'")
    assert await watchdog.broken() == ["an event has not been published for 40 s"]
    assert address.pings == 1


async def test_an_address_that_refuses_or_is_not_there_is_not_reached(
    db: Database, clock: SettableClock, beat: Beat, address: Address
) -> None:
    for service in EXPECTED:
        await beat(service)
    address.status = 500
    assert not await Watchdog(db, clock, address.url, lambda: True).ping()
    assert not await Watchdog(db, clock, "http://127.0.0.1:9/", lambda: True).ping()
    assert not await Watchdog(db, clock, "no address", lambda: True).ping()


async def test_without_a_database_it_is_withheld(db: Database, clock: SettableClock, address: Address) -> None:
    await db.pool.close()
    assert "the database does not answer" in (await Watchdog(db, clock, address.url, lambda: True).broken())[0]
    assert address.pings == 0
