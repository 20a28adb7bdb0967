"""Pools and transactions. A transaction is opened and committed by whoever calls; nothing is sent inside one."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import aiosql
import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Record: TypeAlias = asyncpg.Record
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool
    Record = asyncpg.Record

# Errors that say nothing about the event or request at hand: wait, and try again.
INFRASTRUCTURE_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # A server that died in the middle of an answer.
    asyncpg.InternalClientError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
)


FROZEN_MS = "10000"
"""How long a service may do nothing in a transaction: one whose process stands still holds rows that others wait for.

As long as a lease of the notifier: whatever a process had begun, another goes on with it after ten seconds."""


STATEMENT_SECONDS = 15.0
CANCEL_SECONDS = 5.0
"""How long a connection whose statement took too long may take to say that it was cancelled; then it is given up."""
GONE_MS = 5000
"""How long what was sent to the database may stay unconfirmed: then its host is gone, and so is the connection."""
# One that lies idle, or only listens, asks after three seconds whether the host is there.
KEEP_ALIVE = {"TCP_USER_TIMEOUT": GONE_MS, "TCP_KEEPIDLE": 3, "TCP_KEEPINTVL": 1}


class Transaction:
    """A connection inside a transaction that its caller opened and will commit; also remembers what to do then."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._after_commit: dict[Callable[[], None], None] = {}
        self.channels: set[str] = set()

    async def fetch(self, sql: str, *values: Any) -> list[Record]:
        """All rows."""
        rows: list[Record] = await self._connection.fetch(sql, *values)
        return rows

    async def fetchrow(self, sql: str, *values: Any) -> Record | None:
        """The first row, or None."""
        row: Record | None = await self._connection.fetchrow(sql, *values)
        return row

    async def fetchval(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        return await self._connection.fetchval(sql, *values)

    async def execute(self, sql: str, *values: Any) -> str:
        """Run a statement; returns its command tag, such as `UPDATE 1`."""
        tag: str = await self._connection.execute(sql, *values)
        return tag

    async def executemany(self, sql: str, rows: Iterable[Any]) -> None:
        """Run a statement once a row."""
        await self._connection.executemany(sql, rows)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that can fail without taking the whole transaction with it."""
        async with self._connection.transaction():
            yield

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back once the commit has succeeded; the same callback is called once."""
        self._after_commit[callback] = None

    def announce(self, channel: str) -> None:
        """Wake whoever listens on a channel, in any process, once the commit has succeeded."""
        self.channels.add(channel)

    def committed(self) -> None:
        """Tell everybody who asked. For whoever owns the transaction."""
        for callback in self._after_commit:
            callback()


class Database:
    """A service's pool and its transactions.

    Announcements of commits that come close together are sent as one NOTIFY: one in every commit would halve
    the commits per second. One that fails is not repeated, since every listener also looks by itself.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._channels: set[str] = set()
        self._announcer: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction; commit on leaving, roll back on an error."""
        async with self.pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection)
            yield tx
        tx.committed()
        if tx.channels:
            self._announce(tx.channels)

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[Transaction]:
        """A connection whose statements each commit by themselves.

        For a change that is one statement: begin and commit would be two round trips more.
        """
        async with self.pool.acquire() as connection:
            tx = Transaction(connection)
            yield tx
        tx.committed()
        if tx.channels:
            self._announce(tx.channels)

    def _announce(self, channels: set[str]) -> None:
        self._channels |= channels
        if self._announcer is None or self._announcer.done():
            self._announcer = asyncio.create_task(self._send_announcements())

    async def _send_announcements(self) -> None:
        while self._channels:
            channels, self._channels = self._channels, set()
            with suppress(*INFRASTRUCTURE_ERRORS):
                await self.pool.execute(
                    "select pg_notify(channel, '') from unnest($1::text[]) channel", list(channels)
                )


class _Pool(Pool):
    """A pool that trusts none of its connections any more once one of them was lost: all have the same other end."""

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's
        """Take a connection back. One that was lost meanwhile is no longer held."""
        held = connection._con
        is_lost = held is None or held.is_closed()
        try:
            await super().release(connection, timeout=timeout or CANCEL_SECONDS)
        except TimeoutError:
            is_lost = True
            raise
        finally:
            if is_lost:
                await self.expire_connections()


async def prepare(connection: Any) -> None:
    """Teach a connection that jsonb is Python values, and that the other end may be gone without a word."""
    _keep_alive(connection._transport.get_extra_info("socket"))
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def connect(url: str, role: str | None = None) -> "asyncpg.Connection[asyncpg.Record]":
    """One connection of its own, acting as `role` when one is given."""
    connection = await asyncpg.connect(url, server_settings=_server_settings(role), timeout=5)
    await prepare(connection)
    return connection


async def create_pool(url: str, role: str | None, size: int = 8) -> Pool:
    """A pool that acts as the service's role, so that grants hold on every machine."""
    return await _Pool(
        url,
        min_size=1,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        timeout=5,
        command_timeout=STATEMENT_SECONDS,
        init=prepare,
        reset=_keep,
        server_settings=_server_settings(role),
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
    )


def _keep_alive(end: Any) -> None:
    """Let the system end a connection whose host is gone; only Linux can be told how soon."""
    if hasattr(socket, "TCP_USER_TIMEOUT") and end.family != socket.AF_UNIX:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEP_ALIVE.items():
            end.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


async def _keep(_connection: object) -> None:
    """Nothing to undo: no statement of ours changes a session, and asyncpg rolls back what was left open.

    Its own reset is four statements at each release, most of what a small transaction costs.
    """


def queries(path: str | Path) -> Any:
    """The named statements of `queries.sql` beside the caller (`__file__`), or of a given SQL file."""
    file = Path(path)
    file = file if file.suffix == ".sql" else file.with_name("queries.sql")
    return aiosql.from_path(file, "asyncpg", mandatory_parameters=False)


def _server_settings(role: str | None) -> dict[str, str]:
    settings = {"application_name": role or "hotline", "timezone": "UTC"}
    return settings | ({"role": role, "idle_in_transaction_session_timeout": FROZEN_MS} if role else {})
