"""Ending a process that an earlier run of ours started and whose starter is gone."""

import asyncio
import contextlib

import psutil

from infra.embedded.child import POLL


async def end(process: psutil.Process, number: int, grace: float) -> None:
    """Signal it, SIGKILL after `grace` seconds, and return when it is gone or will be."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while _lives(process):  # noqa: ASYNC110 - nothing announces the end of a process not our child
                    await asyncio.sleep(POLL)
                return
        process.kill()


def _lives(process: psutil.Process) -> bool:
    """A zombie has ended: in a container whose first process reaps nobody it stays for ever."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
