"""The adapter against the emulator, over HTTP."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.twilio.line import Line, open_line


@pytest_asyncio.fixture
async def line() -> AsyncIterator[Line]:
    async with open_line() as line:
        yield line
