"""The whole hotline as a user starts it: `hotline up` in a process of its own, in a new state folder."""

import asyncio
import json
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from infra.clock import stopwatch
from infra.embedded.ports import free_ports
from infra.settings import REAL_PARTS, Env, Settings, variable
from infra.up import keys
from infra.up.hotline import RUNNING_FILE, environment

OURS = ("ingest", "triage", "notifier", "relay")
PORTS = ("ingest_port", "console_port", "notifier_port", "relay_port", "emulator_port")
SENDS_PER_SECOND = "100"  # of a short code, whose documented rate that is
NOTED = "running.json"
READY_SECONDS = 90.0
STOP_SECONDS = 30.0
READY_LINE = "File a report"
RESTARTED = "starting it again"


class NotReady(Exception):
    """The hotline did not start: its last lines."""


class Running:
    """A running hotline: its settings, its processes, and what it said."""

    def __init__(self, state_dir: Path, process: Process) -> None:
        self.state_dir = state_dir
        self.said: list[str] = []
        self.ready_seconds = 0.0
        self._process = process
        self._is_ready = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @property
    def settings(self) -> Settings:
        """How to reach its parts."""
        told = keys.read(self.state_dir / RUNNING_FILE)
        return Settings(**{name.removeprefix(variable("")).lower(): value for name, value in told.items()})  # type: ignore[arg-type]

    @property
    def restarts(self) -> list[str]:
        """Parts that died and were started again, in its own words."""
        return [line for line in self.said if RESTARTED in line]

    async def ready(self) -> None:
        """Wait until it says where to file a report. NotReady otherwise."""
        waiting = asyncio.create_task(self._is_ready.wait())
        await asyncio.wait({waiting, self._reading}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not self._is_ready.is_set():
            raise NotReady("\n".join(self.said[-20:]))

    def memory_mb(self) -> dict[str, float]:
        """The proportional set size of each of our processes, in megabytes (10^6 bytes)."""
        noted = json.loads((self.state_dir / NOTED).read_text("utf-8"))
        return {name: pss_kb(noted[name][0]) * 1024 / 1e6 for name in OURS}

    def cpu_seconds(self) -> dict[str, float]:
        """What each part has used of the processors since it began.

        PostgreSQL as the sum of its living processes; "meanings" is the worker of triage that reads them.
        """
        noted = json.loads((self.state_dir / NOTED).read_text("utf-8"))
        names = {pid: name for name, (pid, _) in noted.items()}
        found: dict[str, float] = {}
        for process in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                used = process.cpu_times()
                name = names.get(process.pid) or ("postgres" if process.name() == "postgres" else "meanings")
                found[name] = found.get(name, 0.0) + used.user + used.system
        return found

    async def stop(self) -> None:
        """Stop it in order, as Ctrl-C does."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.said.append(line.decode(errors="replace").rstrip())
            if READY_LINE in self.said[-1]:
                self._is_ready.set()


@asynccontextmanager
async def hotline() -> AsyncIterator[Running]:
    """Start it on free ports in an empty folder, and stop it at the end."""
    with TemporaryDirectory(prefix="hotline-bench-") as folder:
        given = bench_settings(Path(folder))
        rates = {variable("sms_per_second"): SENDS_PER_SECOND, variable("calls_per_second"): SENDS_PER_SECOND}
        command = [sys.executable, "-m", "infra.cli", "up"]
        began = stopwatch()
        process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, stderr=STDOUT, env={**environment(given), **rates}, start_new_session=True
        )
        running = Running(given.state_dir, process)
        try:
            await running.ready()
            running.ready_seconds = stopwatch() - began
            yield running
        finally:
            await running.stop()


def bench_settings(state_dir: Path) -> Settings:
    """Everything embedded, in that folder, on ports nobody uses; whatever the surroundings say."""
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    embedded = dict.fromkeys(REAL_PARTS)
    return Settings(env=Env.DEMO, state_dir=state_dir, log_level="WARNING", **embedded, **ports)  # type: ignore[arg-type]


def pss_kb(pid: int) -> int:
    """What a process and its worker take of memory, shared pages divided among users (/proc/PID/smaps_rollup)."""
    family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return sum(_own_pss_kb(each) for each in family)


def _own_pss_kb(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"), re.MULTILINE)
    return int(found[1]) if found else 0
