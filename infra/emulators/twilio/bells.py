"""Waking those who wait for something to happen, so that nobody polls."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    """Rings when something changed; each waiter then looks whether it was what it waits for."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self.is_closed = False

    def ring(self) -> None:
        """Wake everybody who waits."""
        waiting, self._waiting = self._waiting, set()
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Wake everybody for the last time: from now on nobody waits."""
        self.is_closed = True
        self.ring()

    async def rung(self, within: float) -> bool:
        """Wait for the next ring, at most `within` seconds; False if there was none."""
        if self.is_closed:
            return False
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await asyncio.wait_for(waiter, within)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiter)
        return True

    async def until(self, look: Callable[[], T | None], within: float) -> T | None:
        """What `look` finds, as soon as it finds something; None after `within` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while (found := look()) is None:
            if not await self.rung(max(0.0, deadline - loop.time())):
                return look()
        return found
