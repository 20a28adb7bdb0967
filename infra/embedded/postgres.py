"""PostgreSQL on this machine: made on first start, and every acknowledged row back after any kill.

TCP on the loopback address and a password only: no socket file, whose path may be too long, and
no trust. Layout of the folder: `cluster/` PostgreSQL's own, `password` of the superuser, `lock`.
"""

import asyncio
import contextlib
import signal
from pathlib import Path

import psutil

from infra.embedded import cluster, orphan, ports
from infra.embedded.account import Account, account_for, opened, programs
from infra.embedded.child import POLL, Child, Launch, cannot_start
from infra.embedded.lock import FolderLock

NAME = "PostgreSQL"
READY_SECONDS = 60.0
STOP_SECONDS = 10.0

SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    # What people wrote must not reach the log: no statements, no parameters, no "failing row".
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

_PID_FILE = "postmaster.pid"
_STILL_ENDING = "shared memory block"
"""PostgreSQL's words when backends of a killed server have not ended yet."""


class EmbeddedPostgres:
    """One PostgreSQL server of its own folder; never two on the same folder."""

    name = "postgres"

    def __init__(self, directory: Path, port: int, log: Path | None = None) -> None:
        self.directory = directory
        self.port = port
        self.ports: tuple[int, ...] = (port,)
        self.log = log or directory / "server.log"
        self._cluster = directory / "cluster"
        self._password = directory / "password"
        self._lock = FolderLock(directory)
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None when it does not run."""
        return self._child.pid if self._child and self._child.is_running else None

    @property
    def is_made(self) -> bool:
        """Whether its folder already holds a database."""
        return self._cluster.exists()

    def dsn(self, database: str = cluster.DATABASE, user: str = cluster.SUPERUSER) -> str:
        """An address for clients, also before the first start; another user must have the same password."""
        if not cluster.is_made(self._cluster, self._password):
            cluster.draw_password(self._password)
        password = self._password.read_text().strip()
        return f"postgresql://{user}:{password}@{ports.LOOPBACK}:{self.port}/{database}?sslmode=disable"

    async def start(self) -> None:
        """Make the cluster if there is none, start it and wait until it takes connections.

        Raises PortTaken, FolderInUse, FolderDamaged, NoAccount or CannotStart.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.acquire()
        try:
            await self._end_orphan()
            ports.require_free_port(self.port, NAME)
            account = account_for(self._cluster)
            if not cluster.is_made(self._cluster, self._password):
                await cluster.make(self._cluster, self._password, account)
            await self._launch(account)
        except BaseException:
            await self.kill()
            self._lock.release()
            raise

    async def stop(self) -> None:
        """End it with SIGINT, which does not wait for clients; SIGKILL after ten seconds."""
        if self._child is not None:
            await self._child.stop(signal.SIGINT, STOP_SECONDS)
        self._lock.release()

    async def kill(self) -> None:
        """SIGKILL the server, as a failing machine would."""
        if self._child is not None:
            self._child.kill()
            await self._child.wait()

    async def restart(self) -> None:
        """Stop and start on the same port."""
        await self.stop()
        await self.start()

    async def wait(self) -> int:
        """Wait until the running server ends, and return its exit code."""
        if self._child is None:
            raise RuntimeError("not started")
        return await self._child.wait()

    async def _launch(self, account: Account | None) -> None:
        """Start the server; again while the remains of a killed one still wind down."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_SECONDS
        while True:
            self._child = child = await self._spawn(account)
            if await child.until(self._is_ready, deadline - loop.time()):
                return
            error = cannot_start(NAME, child, self.log, READY_SECONDS)
            if child.is_running or _STILL_ENDING not in str(error) or loop.time() > deadline:
                raise error
            await asyncio.sleep(POLL)

    async def _spawn(self, account: Account | None) -> Child:
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with opened(account, self._cluster) as ((folder,), descriptors):
            command = [str(programs(account) / "postgres"), "-D", folder, "-p", str(self.port), *options]
            return await Child.start(Launch(command, self.log, account=account, descriptors=descriptors))

    async def _is_ready(self) -> bool:
        """The postmaster says so itself in the eighth line of its pid file."""
        lines = self._pid_file()
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7] == "ready"

    def _pid_file(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            text = (self._cluster / _PID_FILE).read_text()
            return [line.strip() for line in text.splitlines()]
        return []

    async def _end_orphan(self) -> None:
        """Stop a server whose starter was killed. The lock is ours, so nobody else looks after it.

        A process that merely has its number now is left alone, and the pid file removed,
        which PostgreSQL would otherwise take for a living server's.
        """
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(lines[0]))
            if not _works_in(process, self._cluster):
                (self._cluster / _PID_FILE).unlink()
                return
            await orphan.end(process, signal.SIGINT, STOP_SECONDS)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()).samefile(folder)
    except (psutil.AccessDenied, psutil.ZombieProcess, OSError):
        return False
