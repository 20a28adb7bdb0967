"""Processes, killed at any line: nothing is lost, nothing takes effect twice, and they stop in order."""

import asyncio
import base64
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from infra.embedded.ports import free_ports
from infra.postgres import Database
from infra.settings import Settings
from infra.vault.recovery import public_text
from tests.conftest import DatabaseAs
from tests.integration.infra.test_events import received, write

ROOT = Path(__file__).parents[3]


class Running:
    """One process of the hotline, as a person would start it."""

    def __init__(self, module: str, environment: dict[str, str]) -> None:
        self._module, self._environment = module, environment
        self.child: asyncio.subprocess.Process | None = None

    async def start(self) -> "Running":
        self.child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._module,
            env={"PATH": os.defpath, **self._environment},
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def end(self, number: int) -> int:
        assert self.child is not None
        if self.child.returncode is None:
            self.child.send_signal(number)
        await self.child.communicate()
        assert self.child.returncode is not None
        return self.child.returncode


@pytest.fixture
def environment(database_url: str, broker: Settings) -> dict[str, str]:
    console, relay = free_ports(2)
    return {
        "HOTLINE_ENV": "test",
        "HOTLINE_DATABASE_URL": database_url,
        "HOTLINE_KAFKA_SERVERS": str(broker.kafka_servers),
        "HOTLINE_KAFKA_IDEMPOTENCE": str(broker.kafka_idempotence),
        "HOTLINE_INSTANCE": broker.instance,
        "HOTLINE_CONSOLE_PORT": str(console),
        "HOTLINE_RELAY_PORT": str(relay),
        "HOTLINE_VAULT_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "HOTLINE_VAULT_RECOVERY_KEY": public_text(X25519PrivateKey.generate().public_key()),
    }


@pytest_asyncio.fixture
async def taken(db: Database) -> AsyncIterator[Database]:
    """A table that would show an effect that happened twice."""
    await db.pool.execute("create table public.taken (report_id uuid primary key)")
    await db.pool.execute("grant insert on public.taken to hotline_triage")
    yield db


async def ready(port: str) -> dict[str, Any]:
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                    body: dict[str, Any] = await response.json()
                    if response.status == 200:
                        return body
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.05)


async def until_taken(db: Database, count: int, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while await db.pool.fetchval("select count(*) from public.taken") < count:
            await asyncio.sleep(0.05)


async def test_a_service_is_ready_beats_and_stops_in_order(taken: Database, environment: dict[str, str]) -> None:
    service = await Running("tests.integration.infra.stand_in", environment).start()
    body = await ready(environment["HOTLINE_CONSOLE_PORT"])
    assert body["service"] == "triage"
    async with asyncio.timeout(10):
        while not await taken.pool.fetchval("select count(*) from infra.heartbeats"):
            await asyncio.sleep(0.05)
    assert await service.end(signal.SIGTERM) == 0


async def test_a_service_refuses_a_ring_that_did_not_seal_what_is_there(
    taken: Database, environment: dict[str, str]
) -> None:
    service = await Running("tests.integration.infra.stand_in", environment).start()
    await ready(environment["HOTLINE_CONSOLE_PORT"])
    await service.end(signal.SIGTERM)
    environment["HOTLINE_VAULT_KEYS"] = "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()
    refused = await Running("tests.integration.infra.stand_in", environment).start()
    assert refused.child is not None
    _, said = await refused.child.communicate()
    assert refused.child.returncode == 1
    assert said.decode().startswith("hotline triage: ")


async def test_killed_again_and_again_every_event_takes_effect_once(
    taken: Database, db_as: DatabaseAs, environment: dict[str, str]
) -> None:
    ingest = await db_as("ingest")
    relay = await Running("infra.relay", environment).start()
    service = await Running("tests.integration.infra.stand_in", environment).start()
    await ready(environment["HOTLINE_CONSOLE_PORT"])
    count = 0
    for victim in ("service", "relay", "service", "relay"):
        for _ in range(25):
            await write(ingest, received())
            count += 1
        if victim == "service":
            await service.end(signal.SIGKILL)
        else:
            await relay.end(signal.SIGKILL)
        for _ in range(25):
            await write(ingest, received())
            count += 1
        if victim == "service":
            service = await Running("tests.integration.infra.stand_in", environment).start()
        else:
            relay = await Running("infra.relay", environment).start()
    await until_taken(taken, count)
    assert await taken.pool.fetchval("select count(*) from public.taken") == count
    assert await relay.end(signal.SIGTERM) == 0
    assert await service.end(signal.SIGTERM) == 0
