"""Accepted reports a second through the real endpoint, against a bare one that commits a row of the same size."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import asyncpg

from infra.clock import stopwatch
from infra.embedded.child import Child, Launch, last_lines
from infra.embedded.ports import free_ports
from infra.embedded.postgres import EmbeddedPostgres
from infra.postgres.migrate import migrate
from infra.settings import Settings
from infra.up import keys
from infra.up.hotline import ALERT_NUMBER, INTAKE_NUMBER, environment, origin
from infra.up.parts import answers_ready
from tests.bench import lines, stories
from tests.bench.lines import Line
from tests.bench.system import NotReady, bench_settings

CONCURRENCY = 16
PROBES = 40
READY_SECONDS = 30.0
STOP_SECONDS = 5.0
ROW_BYTES = "select coalesce(round(avg(pg_column_size(r.*))), 0)::int from ingest.reports r"


@dataclass
class Rates:
    """Accepted requests a second of each arm, and the size of the row in bytes."""

    real: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    row_bytes: int = 0

    @property
    def ratio(self) -> float:
        """The median of the real arms over the median of the bare ones."""
        return median(self.real) / median(self.bare)


@dataclass
class Arms:
    """Both endpoints on one PostgreSQL. The one that is not asked is stopped meanwhile, so that it takes no time."""

    real: Child
    bare: Child
    real_port: int
    bare_port: int
    row_bytes: int

    async def measure(self, seconds: float, turns: int) -> Rates:
        """One arm after the other, A B A B, each for that long."""
        rates = Rates(row_bytes=self.row_bytes)
        for _ in range(turns):
            rates.real.append(await self._alone(self.real_port, self.bare, seconds))
            rates.bare.append(await self._alone(self.bare_port, self.real, seconds))
        return rates

    async def _alone(self, port: int, other: Child, seconds: float) -> float:
        other.signal(signal.SIGSTOP)
        try:
            return await accepted_per_second(port, seconds)
        finally:
            other.signal(signal.SIGCONT)


@asynccontextmanager
async def arms() -> AsyncIterator[Arms]:
    """PostgreSQL, ingest and the bare endpoint, and nothing else."""
    with TemporaryDirectory(prefix="hotline-bench-") as name:
        folder = Path(name)
        postgres = EmbeddedPostgres(folder / "postgres", free_ports(1)[0])
        await postgres.start()
        children: list[Child] = []
        try:
            await migrate(postgres.dsn())
            settings = _settings(folder, postgres.dsn())
            real = await _serve(folder, ["ingest"], settings, settings.ingest_port, children)
            await accepted_per_second(settings.ingest_port, 0, PROBES)
            row_bytes = await _row_bytes(postgres.dsn())
            port = free_ports(1)[0]
            command = ["tests.bench.bare", str(port), postgres.dsn(), str(row_bytes)]
            bare = await _serve(folder, command, settings, port, children)
            yield Arms(real, bare, settings.ingest_port, port, row_bytes)
        finally:
            for child in children:
                await child.stop(signal.SIGTERM, STOP_SECONDS)
            await postgres.stop()


async def accepted_per_second(port: int, seconds: float, at_least: int = 1) -> float:
    """File reports, sixteen at a time, each line the next as soon as the last was answered (closed loop)."""
    numbers, began = count(), stopwatch()
    every = [await lines.connect(port) for _ in range(CONCURRENCY)]

    async def file(line: Line) -> int:
        accepted = 0
        while (number := next(numbers)) < at_least or stopwatch() < began + seconds:
            answer = await line.ask(stories.report(number))
            accepted += answer.status == 201
        return accepted

    try:
        accepted = sum(await asyncio.gather(*(file(line) for line in every)))
        return accepted / (stopwatch() - began)
    finally:
        for line in every:
            line.close()


def _settings(folder: Path, url: str) -> Settings:
    own = bench_settings(folder)
    ports = {"ingest_url": own.ingest_port, "notifier_url": own.notifier_port, "console_url": own.console_port}
    filled = {
        **keys.ensure(folder, has_database=False),
        **{name: origin(port) for name, port in ports.items()},
        "twilio_api_url": origin(own.emulator_port),
        "intake_number": INTAKE_NUMBER,
        "alert_number": ALERT_NUMBER,
        "database_url": url,
    }
    return Settings(**{**own.model_dump(exclude_none=True), **filled})


async def _serve(folder: Path, command: list[str], settings: Settings, port: int, begun: list[Child]) -> Child:
    log = folder / f"{command[0]}.log"
    child = await Child.start(Launch([sys.executable, "-m", *command], log, environment(settings)))
    begun.append(child)
    if not await child.until(lambda: answers_ready(port), READY_SECONDS):
        raise NotReady(f"{command[0]}: {last_lines(log)}")
    return child


async def _row_bytes(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(ROW_BYTES))
    finally:
        await connection.close()
