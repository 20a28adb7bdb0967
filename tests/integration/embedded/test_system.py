import asyncio
import json
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from infra.embedded.broker import EmbeddedBroker
from infra.embedded.child import Launch
from infra.embedded.errors import CannotStart, FolderInUse, PortTaken
from infra.embedded.ports import free_ports
from infra.embedded.postgres import EmbeddedPostgres
from infra.up import parts, system
from infra.up.parts import Part, Service, Step, answers_ready
from infra.up.system import System

STAND_IN = Path(__file__).with_name("stand_in.py")


class Stage(System):
    """A system of stand-ins, whose plan a test writes as data."""

    def __init__(self, folder: Path) -> None:
        self.lines: list[str] = []
        self.journal = folder / "journal"
        self.listed: list[Part | Step] = []
        super().__init__(folder / "state", self.lines.append)

    def plan(self) -> Sequence[Part | Step]:
        return self.listed

    def service(self, name: str, manner: str = "usual", port: int = 0) -> int:
        port = port or free_ports(1)[0]
        command = [sys.executable, str(STAND_IN), str(port), str(self.journal), manner]
        self.listed.append(Service(name, Launch(command, self.log(name), {}), (port,)))
        return port

    def step(self, name: str, code: str) -> None:
        self.listed.append(Step(name, Launch([sys.executable, "-c", code], self.log(name), {})))

    def log(self, name: str) -> Path:
        return self.state_dir / "logs" / f"{name}.log"

    def said(self, words: str) -> bool:
        return any(words in line for line in self.lines)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_starts_in_order_and_stops_in_reverse(stage: Stage) -> None:
    first, second = stage.service("first"), stage.service("second")
    async with stage:
        assert await answers_ready(first)
        assert await answers_ready(second)
    assert [line.split()[:2] for line in stage.lines] == [
        ["first", "ready"],
        ["second", "ready"],
        ["second", "stopped"],
        ["first", "stopped"],
    ]
    assert stage.journal.read_text() == f"stopped {second}\nstopped {first}\n"


async def test_what_follows_the_last_step_starts_together_and_stops_in_reverse(stage: Stage) -> None:
    stage.step("prepared", "pass")
    slow = stage.service("slow", "waiting")
    quick = stage.service("quick")
    starting = asyncio.create_task(stage.start())
    async with asyncio.timeout(20):
        while not await answers_ready(quick):
            await asyncio.sleep(0.02)
    assert not await answers_ready(slow)
    stage.journal.with_name("ready").touch()
    await starting
    await stage.stop()
    assert stage.journal.read_text() == f"stopped {quick}\nstopped {slow}\n"


async def test_one_that_cannot_start_stops_those_that_started_with_it(stage: Stage) -> None:
    stage.step("prepared", "pass")
    waiting = stage.service("waiting", "waiting")
    stage.service("broken", "broken")
    with pytest.raises(CannotStart, match="broken"):
        await stage.start()
    assert not await answers_ready(waiting)
    assert stage.pid("waiting") is None


async def test_a_killed_part_is_back_at_once(stage: Stage) -> None:
    port = stage.service("service")
    async with stage:
        before = stage.pid("service")
        await stage.kill("service")
        async with asyncio.timeout(5):
            await stage.ready("service")
        assert stage.pid("service") not in (before, None)
        assert await answers_ready(port)
    assert stage.said("was ended by SIGKILL; starting it again")


async def test_database_and_broker_come_back_too(stage: Stage) -> None:
    database, bus = free_ports(2)
    postgres = EmbeddedPostgres(stage.state_dir / "postgres", database, stage.log("postgres"))
    broker = EmbeddedBroker(bus, stage.log("broker"))
    stage.listed = [postgres, broker]
    async with stage, asyncio.timeout(9):
        cluster = broker.cluster_id
        for name in ("postgres", "broker"):
            before = stage.pid(name)
            await stage.kill(name)
            await stage.ready(name)
            assert stage.pid(name) != before
        assert broker.cluster_id != cluster


async def test_a_part_that_cannot_start_shows_its_last_lines_and_nothing_is_left(stage: Stage) -> None:
    first = stage.service("first")
    stage.service("second", "broken")
    with pytest.raises(CannotStart, match=r"second ended while starting.*\n.*the cupboard is bare"):
        await stage.start()
    assert not await answers_ready(first)
    assert stage.pid("first") is None


async def test_a_part_that_is_never_ready_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "READY_SECONDS", 0.5)
    stage.service("service", "waiting")
    with pytest.raises(CannotStart, match="service was not ready after"):
        await stage.start()
    assert stage.pid("service") is None


async def test_a_deaf_part_is_ended_within_a_bound(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "STOP_SECONDS", 0.2)
    port = stage.service("service", "deaf")
    async with asyncio.timeout(5):
        async with stage:
            pass
    assert not await answers_ready(port)


async def test_a_step_runs_at_every_start_and_its_failure_stops_the_start(stage: Stage, tmp_path: Path) -> None:
    made = tmp_path / "made"
    stage.step("seed", f"open({str(made)!r}, 'a').write('seed ')")
    for times in (1, 2):
        async with stage:
            assert made.read_text() == "seed " * times
    stage.step("migrate", "raise SystemExit('no such table')")
    with pytest.raises(CannotStart, match=r"migrate failed with exit code 1.*\n.*no such table"):
        await stage.start()


async def test_a_port_that_is_taken_is_named_before_anything_starts(stage: Stage) -> None:
    stage.service("first")
    port = stage.service("second")
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken, match=f"Port {port}.*second"):
        await stage.start()
    assert not stage.said("ready")


async def test_a_second_system_on_the_folder_is_refused(stage: Stage, tmp_path: Path) -> None:
    stage.service("service")
    async with stage:
        with pytest.raises(FolderInUse, match=r"is in use by process \d+"):
            await Stage(tmp_path).start()
        assert stage.pid("service") is not None


async def test_ends_what_a_killed_run_left_running(stage: Stage, tmp_path: Path) -> None:
    port = stage.service("service")
    await stage.start()
    left = stage.pid("service")
    assert left is not None
    for keeper in stage._keepers:
        keeper.cancel()
    stage._lock.release()
    heir = Stage(tmp_path)
    heir.service("service", port=port)
    async with heir:
        assert not psutil.pid_exists(left)
        assert heir.said("left over from a run that was killed")


async def test_leaves_alone_a_process_that_only_has_the_same_number(stage: Stage) -> None:
    stage.state_dir.mkdir()
    (stage.state_dir / "running.json").write_text(json.dumps({"service": [1, 5.0]}))
    async with stage:
        assert not stage.said("left over")


async def test_keeps_the_log_of_the_run_before(stage: Stage) -> None:
    stage.step("step", "print('words of this run')")
    for _ in range(2):
        async with stage:
            pass
    assert stage.log("step").read_text() == "words of this run\n"
    assert stage.log("step").with_name("step.log.1").read_text() == "words of this run\n"


def test_waits_longer_after_each_quick_death() -> None:
    assert [system.backoff(n) for n in (0, 1, 2, 3, 50)] == [0.0, 0.0, 0.2, 0.4, 5.0]
