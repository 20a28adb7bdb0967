"""LISTEN: nobody who asks to be told is forgotten."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from infra.postgres import Listener, connect, listener


async def test_whoever_asks_while_the_connection_is_being_made_is_told_too(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    listening = Listener(database_url)

    async def connect_slowly(url: str) -> Any:
        connection = await connect(url)
        await listening.listen("first", lambda _: None)
        real = connection.add_listener

        async def add_listener(channel: str, callback: Any) -> None:
            await real(channel, callback)
            if channel == "first":
                await listening.listen("second", told.put_nowait)

        class Slow:
            add_termination_listener, terminate = connection.add_termination_listener, connection.terminate

        Slow.add_listener = staticmethod(add_listener)  # type: ignore[attr-defined]
        return Slow()

    monkeypatch.setattr(listener, "connect", connect_slowly)
    running = asyncio.create_task(listening.run())
    assert await asyncio.wait_for(told.get(), 5) == ""
    other = await connect(database_url)
    await other.execute("notify second, 'word'")
    assert await asyncio.wait_for(told.get(), 5) == "word"
    await other.close()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
