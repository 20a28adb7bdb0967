"""Notifiers that die by the thousand: in process at every boundary of a send, and by SIGKILL while they send."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from infra.embedded.ports import free_ports
from infra.embedded.postgres import EmbeddedPostgres
from infra.postgres.migrate import migrate
from tests.integration.notifier.proofs.crashes import Counted, crash, staffed
from tests.integration.notifier.proofs.fleet import fleet
from tests.integration.notifier.proofs.kills import kill_again_and_again
from tests.integration.notifier.proofs.still_night import still_night

Say = Callable[[str], None]
TOLD_EVERY = 100


async def crashes(folder: Path, many: int, say: Say) -> str:
    """Die at so many boundaries; what it came to. AssertionError says what was lost."""
    counted = Counted()
    async with _database(folder) as url, still_night(url) as night:
        await staffed(night)
        for seed in range(many):
            await crash(night, seed, counted)
            if (seed + 1) % TOLD_EVERY == 0:
                say(f"  {counted}")
    assert not counted.lost, counted.lost
    assert not counted.unexplained, counted.unexplained
    return str(counted)


async def kills(folder: Path, many: int, say: Say) -> str:
    """SIGKILL so often; what it came to. AssertionError says what was lost."""
    async with _database(folder) as url, fleet(url, folder) as night:
        killed = await kill_again_and_again(night, many, lambda number: _tell(number, many, say))
    assert not killed.lost, killed.lost
    assert not killed.unexplained, killed.unexplained
    return str(killed)


def _tell(number: int, many: int, say: Say) -> None:
    if number % TOLD_EVERY == 0:
        say(f"  {number} of {many} kills")


@asynccontextmanager
async def _database(folder: Path) -> AsyncIterator[str]:
    """An empty database on a server of its own."""
    await asyncio.to_thread(folder.mkdir)
    server = EmbeddedPostgres(folder / "postgres", free_ports(1)[0])
    await server.start()
    try:
        await migrate(server.dsn())
        yield server.dsn()
    finally:
        await server.stop()
