"""Wakes every open stream when something the desk shows may have changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Bell:
    """Rung by an announcement; every listener has its own event, so that none takes another's ring."""

    def __init__(self) -> None:
        self.rings = 0
        self._listeners: set[asyncio.Event] = set()

    def ring(self, _payload: str = "") -> None:
        """Wake every listener."""
        self.rings += 1
        for listener in self._listeners:
            listener.set()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set at each ring; whoever waits clears it."""
        rung = asyncio.Event()
        self._listeners.add(rung)
        try:
            yield rung
        finally:
            self._listeners.discard(rung)
