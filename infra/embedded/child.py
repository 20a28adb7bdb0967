"""A child process with its own session, its output in a file, and a bounded end."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.account import Account
from infra.embedded.errors import CannotStart

POLL = 0.05
"""Seconds between two looks at a part that is starting."""


@dataclass(frozen=True)
class Launch:
    """What to run, where its output goes (appended), and as whom."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    descriptors: Sequence[int] = ()


class Child:
    """A running process. Its own session keeps Ctrl-C at the terminal from reaching it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.exited = asyncio.create_task(process.wait())

    @classmethod
    async def start(cls, launch: Launch) -> "Child":
        """Start it; OSError when the program is missing or may not be run."""
        descriptor = os.open(launch.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        account = launch.account
        try:
            process = await asyncio.create_subprocess_exec(
                *launch.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                env=launch.environment,
                start_new_session=True,
                pass_fds=tuple(launch.descriptors),
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        finally:
            os.close(descriptor)
        return cls(process)

    @property
    def is_running(self) -> bool:
        """Whether its end has not been seen yet."""
        return self._process.returncode is None

    def signal(self, number: int) -> None:
        """Signal the process alone; harmless when it is gone."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL it with everything left in its session's first group."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for its end and return the exit code, negative for a signal."""
        return await asyncio.shield(self.exited)

    async def stop(self, number: int, grace: float) -> int:
        """Ask it to end, SIGKILL after `grace` seconds, and return the exit code."""
        self.signal(number)
        await asyncio.wait({self.exited}, timeout=grace)
        self.kill()
        return await self.wait()

    async def until(self, is_ready: Callable[[], Awaitable[bool]], seconds: float) -> bool:
        """Look again and again until it is ready (True), has ended, or the time is over (False)."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.is_running:
                    if await is_ready():
                        return True
                    await asyncio.wait({self.exited}, timeout=POLL)
        return False


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file, for a person who must find out why a part does not start."""
    with contextlib.suppress(FileNotFoundError), log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 8192))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-count:])
    return ""


def cannot_start(part: str, child: Child, log: Path, seconds: float) -> CannotStart:
    """The error for a child that is not ready: ended by itself, or silent for too long."""
    why = f"was not ready after {seconds:.0f} s" if child.is_running else "ended while starting"
    return CannotStart(part, why, last_lines(log))
