"""A database host that is gone without a word: what was connected to it finds out in seconds, all at once."""

import asyncio
import ctypes
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from infra.postgres import INFRASTRUCTURE_ERRORS, Database, Listener, Pool, create_pool, database

SO_ATTACH_FILTER = 26
# Of the five seconds that nobody confirms anything, and what a busy machine takes for the rest.
WITHIN = 8.0
CONNECTIONS = 4
OWN = "select pg_backend_pid()"


@dataclass
class Address:
    """The database's address: behind it a host that can be lost; who connects afterwards reaches another."""

    url: str
    real: tuple[str, int]
    ends: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)
    talking: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.ends[task] = writer
        host_reader, host_writer = await asyncio.open_connection(*self.real)
        talking = self.talking
        talking.set()
        try:
            await asyncio.gather(_pass_on(reader, host_writer, talking), _pass_on(host_reader, writer, talking))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            host_writer.transport.abort()
            writer.transport.abort()

    async def close(self) -> None:
        for task in self.ends:
            task.cancel()
        await asyncio.gather(*self.ends, return_exceptions=True)
        # Connections that were exchanged are closed in the background: now they can be.
        if left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left, timeout=5)
        await asyncio.sleep(0.01)

    async def vanish(self) -> None:
        """The host is gone: nothing that is sent on its connections arrives, is confirmed or refused."""
        ends = [each.get_extra_info("socket") for each in self.ends.values()]
        while any(map(_unconfirmed, ends)):  # else it would go on saying it, which a host that is gone does not
            await asyncio.sleep(0.01)
        dropped = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # a filter that keeps no byte
        program = struct.pack("HP", 1, ctypes.addressof(dropped))
        for each in ends:
            each.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        self.fall_silent()

    def fall_silent(self) -> None:
        """Something between takes all that is sent to the host, and passes nothing on."""
        self.talking.clear()
        self.talking = asyncio.Event()


def _unconfirmed(end: socket.socket) -> int:
    """How many bytes that were said to the other end it has not confirmed yet."""
    return int.from_bytes(fcntl.ioctl(end.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, talking: asyncio.Event) -> None:
    while said := await reader.read(65536):
        await talking.wait()
        writer.write(said)
        await writer.drain()
    writer.close()


@pytest_asyncio.fixture
async def address(database_url: str) -> AsyncIterator[Address]:
    real = urlsplit(database_url)
    made = Address("", (str(real.hostname), int(real.port or 0)))
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = database_url.replace(f":{real.port}", f":{server.sockets[0].getsockname()[1]}")
    yield made
    server.close()
    await made.close()


@asynccontextmanager
async def pool_at(url: str) -> AsyncIterator[Pool]:
    """A pool with several connections that lie idle."""
    pool = await create_pool(url, "hotline_notifier")
    held = [await pool.acquire() for _ in range(CONNECTIONS)]
    for each in held:
        await pool.release(each)
    assert pool.get_idle_size() == CONNECTIONS
    yield pool
    pool.terminate()


async def answered(pool: Pool) -> float:
    """Seconds until a statement is answered, asked again and again as every loop of ours does."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        try:
            await pool.fetchval("select 1")
        except INFRASTRUCTURE_ERRORS:
            await asyncio.sleep(0.2)
        else:
            return loop.time() - begun


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux can be told")
async def test_a_host_that_vanishes_costs_seconds_however_many_connections_there_were(address: Address) -> None:
    listener, heard = Listener(address.url), asyncio.Event()
    await listener.listen("word", lambda _: heard.set())
    running = asyncio.create_task(listener.run())
    await asyncio.wait_for(heard.wait(), 5)
    heard.clear()
    async with pool_at(address.url) as pool, asyncio.timeout(60):
        await address.vanish()
        # Whoever only listens says nothing that could be missed, and learns of it all the same.
        took, _ = await asyncio.gather(answered(pool), asyncio.wait_for(heard.wait(), WITHIN))
        assert took < WITHIN
    running.cancel()
    await asyncio.wait([running])


async def test_one_statement_that_times_out_is_enough_for_all_connections(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 1)
    monkeypatch.setattr(database, "CANCEL_SECONDS", 0.5)
    async with pool_at(address.url) as pool, asyncio.timeout(60):
        address.fall_silent()
        assert await answered(pool) < 1 + 0.5 + 1.5


async def test_a_statement_that_only_took_too_long_costs_no_connection(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 0.5)
    async with pool_at(database_url) as pool:
        before = await pool.fetchval(OWN)
        with pytest.raises(TimeoutError):
            await pool.fetchval("select pg_sleep(60)")
        assert await pool.fetchval(OWN) == before


async def test_all_connections_are_exchanged_once_when_one_was_lost(database_url: str, db: Database) -> None:
    async with pool_at(database_url) as pool:
        async with pool.acquire() as lost, pool.acquire() as other:
            old = {await lost.fetchval(OWN), await other.fetchval(OWN)}
            await db.pool.execute("select pg_terminate_backend($1)", await lost.fetchval(OWN))
            with pytest.raises(INFRASTRUCTURE_ERRORS):
                await lost.fetchval(OWN)
        new = await pool.fetchval(OWN)
        assert new not in old
        assert [await pool.fetchval(OWN) for _ in range(3)] == [new] * 3
