"""What a system is made of: parts that keep running, and steps that run once and end."""

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.embedded.child import Child, Launch, cannot_start, last_lines
from infra.embedded.errors import CannotStart
from infra.embedded.ports import LOOPBACK

READY_SECONDS = 60.0
STEP_SECONDS = 300.0
STOP_SECONDS = 5.0


class Part(Protocol):
    """Something that runs until it is stopped, and may be started again after it died."""

    name: str
    ports: tuple[int, ...]
    log: Path

    @property
    def pid(self) -> int | None:
        """Its process id, None when it does not run."""

    async def start(self) -> None:
        """Return when it is ready; an EmbeddedError leaves nothing running."""

    async def stop(self) -> None:
        """End it within a bound; harmless when it does not run."""

    async def kill(self) -> None:
        """SIGKILL it; harmless when it does not run."""

    async def wait(self) -> int:
        """Return its exit code when the running one ends."""


@dataclass(frozen=True)
class Step:
    """A command that must end well before the next one is begun; what an earlier start did it leaves as it is."""

    name: str
    launch: Launch

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.launch.log

    async def run(self) -> None:
        """Run it to its end; CannotStart with its last lines when it fails."""
        child = await Child.start(self.launch)
        try:
            async with asyncio.timeout(STEP_SECONDS):
                code = await child.wait()
        except TimeoutError:
            raise CannotStart(self.name, f"took over {STEP_SECONDS:.0f} s", last_lines(self.log)) from None
        finally:
            child.kill()
        if code != 0:
            raise CannotStart(self.name, f"failed with exit code {code}", last_lines(self.log))


class Service:
    """A process that says over HTTP on each of its ports whether it is ready."""

    def __init__(self, name: str, launch: Launch, ports: tuple[int, ...], ready_path: str = "/readyz") -> None:
        self.name = name
        self.ports = ports
        self.log = launch.log
        self._launch = launch
        self._ready_path = ready_path
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, None when it does not run."""
        return self._child.pid if self._child and self._child.is_running else None

    async def start(self) -> None:
        """Start it and wait until every one of its ports answers with 200."""
        self._child = child = await Child.start(self._launch)
        try:
            if not await child.until(self._is_ready, READY_SECONDS):
                raise cannot_start(self.name, child, self.log, READY_SECONDS)
        except BaseException:
            await self.kill()
            raise

    async def stop(self) -> None:
        """End it with SIGTERM; SIGKILL after five seconds."""
        if self._child is not None:
            await self._child.stop(signal.SIGTERM, STOP_SECONDS)

    async def kill(self) -> None:
        """SIGKILL it."""
        if self._child is not None:
            self._child.kill()
            await self._child.wait()

    async def wait(self) -> int:
        """Wait until the running process ends, and return its exit code."""
        if self._child is None:
            raise RuntimeError("not started")
        return await self._child.wait()

    async def _is_ready(self) -> bool:
        for port in self.ports:
            if not await answers_ready(port, self._ready_path):
                return False
        return True


async def answers_ready(port: int, path: str = "/readyz") -> bool:
    """Whether a GET of the path on a loopback port answers 200 within two seconds."""
    try:
        async with asyncio.timeout(2):
            return (await _status_line(port, path)).split(b" ")[1:2] == [b"200"]
    except (OSError, TimeoutError):
        return False


async def _status_line(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nConnection: close\r\n\r\n".encode())
        return await reader.readline()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
