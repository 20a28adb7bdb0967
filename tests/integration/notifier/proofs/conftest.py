"""A night that stands still, for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.notifier.proofs.still_night import StillNight, still_night


@pytest_asyncio.fixture
async def still(database_url: str) -> AsyncIterator[StillNight]:
    async with still_night(database_url) as night:
        yield night
