"""The machine's own lateness: sleeps 10 ms again and again until its input ends, then prints the p99 of the excess.

A process of its own, so that neither the load generator nor the hotline holds it up.
"""

import asyncio
import select
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Self

SLEEP_SECONDS = 0.01
SCRIPT = Path(__file__)


class Sleeper:
    """Runs beside a measurement: `async with Sleeper() as sleeper`, then `sleeper.late_p99_ms`."""

    def __init__(self) -> None:
        self.late_p99_ms = 0.0
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(sys.executable, "-S", SCRIPT, stdin=PIPE, stdout=PIPE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            told, _ = await self._process.communicate(b"")
            self.late_p99_ms = float(told)


def late() -> list[float]:
    """Milliseconds by which each sleep was too long, until the input ends."""
    found: list[float] = []
    while True:
        began = time.monotonic()
        if select.select([sys.stdin], [], [], SLEEP_SECONDS)[0]:
            return found
        found.append((time.monotonic() - began - SLEEP_SECONDS) * 1000)


def main() -> None:
    """Sleep, and tell."""
    found = sorted(late()) or [0.0]
    sys.stdout.write(f"{found[int(len(found) * 0.99)] if len(found) > 1 else found[0]}\n")


if __name__ == "__main__":
    main()
