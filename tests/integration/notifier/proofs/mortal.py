"""A process that dies at a statement: its connections are cut, and whatever it still wanted is never asked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from infra.postgres import INFRASTRUCTURE_ERRORS, Database
from infra.postgres.database import prepare


class Died(BaseException):
    """The process is dead. No `except Exception` of it runs."""


# Whatever a cut connection says on the way out.
CUT_OFF: tuple[type[BaseException], ...] = (Died, asyncio.CancelledError, *INFRASTRUCTURE_ERRORS)


TYPES: dict[frozenset[int], Any] = {}
"""What the server's own types are made of, by their ids."""
FIRST_MADE = 16_384
"""From this id on types are made by migrations, and differ from one database to another."""


@dataclass
class Life:
    """How many boundaries a process has passed, and at which it dies.

    A statement has two: before the server hears of it, and after it stands and before the process hears of that.
    So has a request to the provider, and with `goes_on` cleared the process is paused in the middle of it.
    """

    dies_at: int = 0
    passed: int = 0
    is_over: bool = False
    connections: list[Any] = field(default_factory=list)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.goes_on.set()

    def boundary(self) -> None:
        """Die here, if it is here; whoever is dead goes no further."""
        self.passed += not self.is_over
        if self.passed == self.dies_at and not self.is_over:
            self.is_over = True
            for connection in self.connections:
                connection.terminate()
        if self.is_over:
            raise Died

    async def statement(self, run: Callable[..., Awaitable[Any]], *args: Any, **kinds: Any) -> Any:
        """Ask the server between two boundaries."""
        self.boundary()
        answer = await run(*args, **kinds)
        self.boundary()
        return answer


class Knowing(asyncpg.Connection):
    """A connection that knows the server's own types already: to ask takes each process as long as its first send."""

    async def _introspect_types(self, typeoids: Any, *within: Any) -> Any:
        key = frozenset(typeoids)
        if max(key) >= FIRST_MADE:
            return await super()._introspect_types(typeoids, *within)  # type: ignore[misc]
        if key not in TYPES:
            TYPES[key] = await super()._introspect_types(typeoids, *within)  # type: ignore[misc]
        return TYPES[key]


async def mortal_database(url: str, life: Life) -> Database:
    """The database as the notifier has it, as long as it lives."""

    class Mortal(Knowing):
        async def execute(self, *args: Any, **kinds: Any) -> Any:
            return await life.statement(super().execute, *args, **kinds)

        async def executemany(self, *args: Any, **kinds: Any) -> Any:
            return await life.statement(super().executemany, *args, **kinds)

        async def fetch(self, *args: Any, **kinds: Any) -> Any:
            return await life.statement(super().fetch, *args, **kinds)

        async def fetchrow(self, *args: Any, **kinds: Any) -> Any:
            return await life.statement(super().fetchrow, *args, **kinds)

        async def fetchval(self, *args: Any, **kinds: Any) -> Any:
            return await life.statement(super().fetchval, *args, **kinds)

    async def born(connection: Any) -> None:
        await prepare(connection)
        life.connections.append(connection)

    async def keep(_connection: object) -> None: ...

    pool: Any = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=3,
        init=born,
        reset=keep,
        connection_class=Mortal,
        server_settings={"application_name": "mortal", "timezone": "UTC", "role": "hotline_notifier"},
    )
    life.passed = 0
    return Database(pool)


async def as_long_as_it_lives(life: Life, work: Awaitable[None]) -> bool:
    """Let a process work; whether it lived to the end of that."""
    try:
        await work
    except CUT_OFF:
        if not life.is_over:
            raise
    return not life.is_over
