"""Real parts for tests: one PostgreSQL a run, a fresh database a test, a broker when one is asked for."""

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from infra.clock import Clock
from infra.embedded.broker import EmbeddedBroker
from infra.embedded.ports import free_ports
from infra.embedded.postgres import EmbeddedPostgres
from infra.ids import new_token
from infra.postgres import Database, connect, create_pool
from infra.postgres.migrate import migrate
from infra.settings import Env, Settings
from infra.vault import KeyRing, MasterKey, Vault

pytest_plugins = ["tests.staffed"]

TEMPLATE = "hotline_template"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM_BYTES = 4 << 30
OWN = "hotline-test-"
OUTSIDE = os.environ.get("HOTLINE_TEST_KAFKA")  # noqa: TID251 - which broker is the runner's choice
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Beijing

DatabaseAs = Callable[[str | None], Awaitable[Database]]


class SettableClock(Clock):
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime = NOON) -> None:
        super().__init__()
        self._at = start

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        """Let time pass; whoever sleeps until an instant looks again."""
        self._at += by
        self._move(timedelta())


def pytest_collection_finish() -> None:
    """What was imported lives as long as the run: a collector that walks it again takes a sixth of the time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches a broker."""
    for item in items:
        if item.path.parent.name == "acceptance" or "broker" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.broker)


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for the database: in memory where there is room for it.

    A disk that others write to as well takes up to ten times as long to copy a template.
    """
    if not (os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES):
        yield tmp_path_factory.mktemp("ground")
        return
    for left in MEMORY.glob(f"{OWN}*"):
        if not Path(f"/proc/{left.name.removeprefix(OWN)}").exists():
            shutil.rmtree(left)
    folder = MEMORY / f"{OWN}{os.getpid()}"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres(ground: Path) -> AsyncIterator[EmbeddedPostgres]:
    """One PostgreSQL for the whole run, with a template that has every migration."""
    server = EmbeddedPostgres(ground / "postgres", free_ports(1)[0])
    await server.start()
    admin = await connect(server.dsn())
    await admin.execute(f"create database {TEMPLATE}")
    await admin.close()
    await migrate(server.dsn(TEMPLATE))
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def template() -> str:
    """The database a test's own is copied from; folders whose tests begin with more in it have their own."""
    return TEMPLATE


@pytest.fixture(scope="session")
def as_admin(postgres: EmbeddedPostgres) -> Iterator[Callable[[str], Awaitable[None]]]:
    """Runs a statement on the server itself: one connection for the whole run, in a loop that no test ends."""
    loop = asyncio.new_event_loop()
    running = Thread(target=loop.run_forever, daemon=True)
    running.start()
    admin = asyncio.run_coroutine_threadsafe(connect(postgres.dsn()), loop).result()

    async def execute(statement: str) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(admin.execute(statement), loop))

    yield execute
    asyncio.run_coroutine_threadsafe(admin.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    running.join()
    loop.close()


@pytest_asyncio.fixture
async def database_url(
    postgres: EmbeddedPostgres, as_admin: Callable[[str], Awaitable[None]], template: str
) -> AsyncIterator[str]:
    """The address of a fresh database with the newest schema."""
    name = f"t_{new_token(10).lower()}"
    await as_admin(f"create database {name} template {template} strategy file_copy")
    yield postgres.dsn(name)
    await as_admin(f"drop database {name} with (force)")


@pytest_asyncio.fixture
async def db_as(database_url: str) -> AsyncIterator[DatabaseAs]:
    """Makes a Database that acts as a service: `await db_as("triage")`; None acts as the superuser."""
    async with AsyncExitStack() as stack:

        async def make(service: str | None) -> Database:
            pool = await create_pool(database_url, f"hotline_{service}" if service else None)
            stack.callback(pool.terminate)
            return Database(pool)

        yield make


@pytest_asyncio.fixture
async def db(db_as: DatabaseAs) -> Database:
    """The database as its superuser, for what a test itself looks at."""
    return await db_as(None)


@pytest.fixture
def clock() -> SettableClock:
    """A clock at noon of a Wednesday in Beijing, until moved."""
    return SettableClock()


@pytest.fixture
def vault() -> Vault:
    """A vault with keys drawn for this test."""
    return Vault(KeyRing([MasterKey.new("test")]), X25519PrivateKey.generate().public_key())


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings that reach an empty, real broker: Apache Kafka where HOTLINE_TEST_KAFKA names one, else embedded."""
    if OUTSIDE:
        await forget_everything(OUTSIDE)
        yield broker_settings(OUTSIDE, is_apache=True)
        return
    embedded = EmbeddedBroker(free_ports(1)[0], tmp_path / "broker.log")
    await embedded.start()
    yield broker_settings(embedded.servers, is_apache=False)
    await embedded.stop()


def broker_settings(servers: str, is_apache: bool) -> Settings:
    """Settings for a broker of either kind."""
    return Settings(env=Env.TEST, kafka_servers=servers, kafka_idempotence=is_apache, instance=new_token(6))


async def forget_everything(servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        mine = [topic for topic in await admin.list_topics() if topic.startswith("hotline.")]
        if mine:
            await admin.delete_topics(mine)
        while any(topic.startswith("hotline.") for topic in await admin.list_topics()):
            await asyncio.sleep(0.05)
    finally:
        await admin.close()
