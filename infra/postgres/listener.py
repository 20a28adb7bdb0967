"""LISTEN on a connection of its own that comes back by itself."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg

from infra.postgres.database import INFRASTRUCTURE_ERRORS, connect

RECONNECT_SECONDS = 0.2


class Listener:
    """Calls back with the payload of each notification.

    A lost LISTEN connection is silent, and what was announced meanwhile is gone: so after each reconnection every
    callback is called once with an empty payload, and whoever listens looks for itself.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._callbacks: dict[str, list[Callable[[str], None]]] = {}
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._lost = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        """Whether notifications arrive at this moment."""
        return self._connection is not None and not self._lost.is_set()

    async def listen(self, channel: str, callback: Callable[[str], None]) -> None:
        """Call back with each payload on a channel, from now on and after every reconnection."""
        self._callbacks.setdefault(channel, []).append(callback)
        if self._connection is not None and self.is_connected:
            await self._connection.add_listener(channel, self._on_notify)

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        try:
            while True:
                if await self._connect():
                    self._call_all()
                    await self._lost.wait()
                else:
                    await asyncio.sleep(RECONNECT_SECONDS)
        finally:
            if self._connection is not None:
                self._connection.terminate()

    async def _connect(self) -> bool:
        lost = asyncio.Event()
        try:
            connection = await connect(self._url)
            connection.add_termination_listener(lambda _connection: lost.set())
            # Somebody may ask for a further channel meanwhile, who does not see this connection yet.
            listened: set[str] = set()
            while missing := self._callbacks.keys() - listened:
                for channel in missing:
                    await connection.add_listener(channel, self._on_notify)
                listened |= missing
        except INFRASTRUCTURE_ERRORS:
            return False
        self._connection, self._lost = connection, lost
        return True

    def _on_notify(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        for callback in self._callbacks.get(channel, []):
            callback(str(payload))

    def _call_all(self) -> None:
        for callbacks in self._callbacks.values():
            for callback in callbacks:
                callback("")
