"""What every check is given: the settings, the time, and a look into the database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from infra.clock import Clock
from infra.doctor.finding import Finding
from infra.postgres import INFRASTRUCTURE_ERRORS, Transaction, connect
from infra.settings import Env, Settings


class DatabaseAway(Exception):
    """The database did not answer, so nothing in it can be looked at."""


class Visit:
    """One examination. The database is tried once: if it is away, every look into it says so at once."""

    def __init__(self, config: Settings, clock: Clock) -> None:
        self.settings = config
        self.clock = clock
        self._away = False

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    @property
    def is_production(self) -> bool:
        """Whether people may be relying on it."""
        return self.settings.env is Env.PRODUCTION

    @asynccontextmanager
    async def look(self, role: str | None = None) -> AsyncIterator[Transaction]:
        """A transaction that is always rolled back, as a service's role where one is given."""
        if self._away:
            raise DatabaseAway("the database does not answer")
        try:
            connection = await connect(self.settings.direct_url, role)
        except INFRASTRUCTURE_ERRORS:
            self._away = True
            raise
        try:
            transaction = connection.transaction()
            await transaction.start()
            yield Transaction(connection)
            await transaction.rollback()
        finally:
            await connection.close()


Check = Callable[[Visit], Awaitable[list[Finding]]]
