"""One hotline a module: it takes ten seconds to start. Tests of a module share its clock, which only goes forward."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.world import World, world
from tests.integration.notifier.systems import System, system


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic() -> AsyncIterator[System]:
    """The system of a body that files reports."""
    async with system("clinic") as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotline(tmp_path_factory: pytest.TempPathFactory, clinic: System) -> AsyncIterator[World]:
    """The whole system, running."""
    async with world(tmp_path_factory.mktemp("hotline"), partners=clinic.setting) as made:
        yield made
