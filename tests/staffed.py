"""A database in which the demonstration's teams, people and rosters are written, made once a run for tests to copy.

Writing them takes longer than most tests that need them.
"""

from dataclasses import dataclass
from functools import cache

import argon2
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from infra.embedded.postgres import EmbeddedPostgres
from infra.postgres import Database, connect, create_pool
from infra.vault import KeyRing, MasterKey, Vault
from tests.conftest import NOON, TEMPLATE
from triage.handlers import Means, Turn
from triage.handlers.setup import write
from triage.packs import Packs
from triage.seed import DEMO, read

STAFFED = "hotline_staffed"
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Passwords that open nothing need not be hard to guess."""


@dataclass(frozen=True)
class Staffed:
    """The template, and the vault without which its names stay sealed."""

    template: str
    vault: Vault


@cache
def packs() -> Packs:
    """The packs, read once a run."""
    return Packs.load()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def staffed(postgres: EmbeddedPostgres) -> Staffed:
    """People and rosters from the clock's first instant on."""
    vault = Vault(KeyRing([MasterKey.new("test")]), X25519PrivateKey.generate().public_key())
    admin = await connect(postgres.dsn())
    await admin.execute(f"create database {STAFFED} template {TEMPLATE}")
    await admin.close()
    pool = await create_pool(postgres.dsn(STAFFED), "hotline_triage")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("triage.handlers.setup.HASHER", QUICK)
        async with Database(pool).transaction() as tx:
            await write(Turn(tx, Means(packs(), vault, "CN"), NOON), read(sorted(DEMO.glob("*.yaml"))), "test")
    await pool.close()
    return Staffed(STAFFED, vault)
