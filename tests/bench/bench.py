"""Three interleaved rounds of everything, each window repeated while the machine itself is late."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from resource import RUSAGE_SELF, getrusage
from typing import TypeVar

import psutil

from infra.clock import Clock, stopwatch
from tests.bench import intake, responders, rungs, system
from tests.bench.intake import Rates
from tests.bench.judging import Judge, Judged
from tests.bench.provider import take_all
from tests.bench.report_to_sms import Journeys, Reporters
from tests.bench.responders import Team
from tests.bench.sleeper import Sleeper
from tests.bench.storm import storm
from tests.bench.system import Running

T = TypeVar("T")

QUIET_MS = 20.0
REPEATS = 3
MACHINE, GENERATOR = "machine", "load generator"
BUDGET_SECONDS = 330.0


@dataclass(frozen=True)
class Plan:
    """What is measured, how often, and for how long (seconds)."""

    wanted: frozenset[str]
    rounds: int = 3
    warm_up: float = 10.0
    window: float = 12.0
    arm: float = 4.0
    arm_warm_up: float = 5.0
    turns: int = 2
    passes: int = 3
    texts: int = 24

    def wants(self, *names: str) -> bool:
        """Whether one of these is measured."""
        return bool(self.wanted & set(names))


@dataclass
class Window:
    """One measurement, how late the machine itself was in it, and how many cores each part and all others took."""

    name: str
    seconds: float
    sleeper_ms: float
    repeats: int
    cores_of: dict[str, float]
    others_cores: float

    @property
    def is_noisy(self) -> bool:
        """Whether the machine was too late to say anything."""
        return self.sleeper_ms > QUIET_MS


@dataclass
class Findings:
    """Everything that was measured, round by round."""

    journeys: list[Journeys] = field(default_factory=list)
    rungs: list[list[float]] = field(default_factory=list)
    rungs_of_few: list[list[float]] = field(default_factory=list)
    storms: list[float] = field(default_factory=list)
    rates: list[Rates] = field(default_factory=list)
    memory: list[dict[str, float]] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)

    def is_noisy(self, name: str) -> bool:
        """Whether one round of a measurement stayed noisy."""
        return any(window.is_noisy for window in self.windows if window.name == name)


class Bench:
    """Runs the rounds within its budget of time."""

    def __init__(self, plan: Plan, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.findings = Findings()
        self._say = say
        self._began = stopwatch()
        self._judge: Judge | None = None

    async def run(self) -> Findings:
        """All rounds, one after the other."""
        for number in range(1, self.plan.rounds + 1):
            self._say(f"round {number} of {self.plan.rounds}")
            if self.plan.wants("report_to_sms", "rung_lateness", "rss", "ready"):
                await self._whole_system()
            if self.plan.wants("ingest_ratio"):
                await self._intake_alone()
            if self.plan.wants("judging"):
                await self._judging_alone()
        return self.findings

    async def _whole_system(self) -> None:
        starting = system.hotline()
        running = await self._started(starting)
        try:
            if self.plan.wants("report_to_sms", "rung_lateness", "rss"):
                await self._under_load(running)
        finally:
            self.findings.restarts += running.restarts
            await starting.__aexit__(None, None, None)

    async def _started(self, starting: AbstractAsyncContextManager[Running]) -> Running:
        """Start once; a start on a machine that is late is shown as noisy, since another one begins each round."""
        running: list[Running] = []

        async def start() -> float:
            running.append(await starting.__aenter__())
            return running[0].ready_seconds

        ready = await self._quiet("ready", start, repeats=0)
        self.findings.ready.append(ready)
        self._say(f"  ready after {ready:.1f} s")
        return running[0]

    async def _under_load(self, running: Running) -> None:
        settings = running.settings
        teams = await responders.hire(settings, Clock().now())
        reporters = Reporters(settings.ingest_port)
        self._say(f"  warming up for {self.plan.warm_up:.0f} s")
        warm = await reporters.measure(settings, self.plan.warm_up)
        asked = warm.sms
        if self.plan.wants("report_to_sms", "rss"):
            journeys = await self._quiet(
                "report_to_sms", lambda: reporters.measure(settings, self.plan.window), running
            )
            asked += journeys.sms
            self.findings.journeys.append(journeys)
            self._say(f"  {len(journeys.total_ms)} reports, {len(journeys.sms)} reached the provider")
        self.findings.memory.append(running.memory_mb())
        if self.plan.wants("rung_lateness"):
            taken = await take_all(settings, asked)
            state = "all is calm" if await rungs.calm(settings) else "not yet calm"
            self._say(f"  {taken} cases taken by SMS, {state}")
            await self._rungs(running, teams)

    async def _rungs(self, running: Running, teams: list[Team]) -> None:
        """Rungs that fall due while few and while many wait, and a storm of cases while many wait."""
        settings, window = running.settings, self.plan.window
        for waiting, found in ((rungs.FEW, self.findings.rungs_of_few), (rungs.MANY, self.findings.rungs)):
            late = await self._quiet(
                "rung_lateness", partial(rungs.measure, settings, teams, window, waiting), running, repeats=1
            )
            found.append(late)
            self._say(f"  {len(late)} rungs fell due while {waiting} waited")
        self.findings.storms.append(await self._quiet("storm", lambda: storm(settings, teams), running, 0))

    async def _intake_alone(self) -> None:
        async with intake.arms() as arms:
            await arms.measure(self.plan.arm_warm_up, turns=1)
            rates = await self._quiet("ingest_ratio", lambda: arms.measure(self.plan.arm, self.plan.turns))
            self.findings.rates.append(rates)
            self._say(f"  intake: {_shown(rates.real)} reports a second, bare: {_shown(rates.bare)}")

    async def _judging_alone(self) -> None:
        judge = self._judge = self._judge or Judge(self.plan.passes, self.plan.texts)

        async def measure() -> Judged:
            return judge.measure()

        judged = await self._quiet("judging", measure)
        self.findings.judged.append(judged)
        self._say(f"  {sum(map(len, judged.under_pack.values()))} reports judged")

    async def _quiet(
        self, name: str, measure: Callable[[], Awaitable[T]], running: Running | None = None, repeats: int = REPEATS
    ) -> T:
        """Measure beside a sleeper; again while that was late, as long as there is time."""
        for repeat in range(repeats + 1):
            began, before = stopwatch(), _used(running)
            async with Sleeper() as sleeper:
                result = await measure()
            took = stopwatch() - began
            cores = {part: (now - before.get(part, 0.0)) / took for part, now in _used(running).items()}
            others = cores.pop(MACHINE) - sum(cores.values())
            window = Window(name, took, sleeper.late_p99_ms, repeat, cores, others)
            is_last = repeat == repeats or stopwatch() - self._began > BUDGET_SECONDS
            if not window.is_noisy or is_last:
                break
            self._say(f"  {name}: the machine itself was {sleeper.late_p99_ms:.0f} ms late, once more")
        self.findings.windows.append(window)
        return result


def _used(running: Running | None) -> dict[str, float]:
    """Seconds of processors used so far: by the whole machine, by the load generator and by each part."""
    own, machine = getrusage(RUSAGE_SELF), psutil.cpu_times()
    busy = sum(machine) - machine.idle - machine.iowait
    parts = running.cpu_seconds() if running else {}
    return {MACHINE: busy, GENERATOR: own.ru_utime + own.ru_stime, **parts}


def _shown(rates: list[float]) -> str:
    return " ".join(f"{rate:.0f}" for rate in rates)
