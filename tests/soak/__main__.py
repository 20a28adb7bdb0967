"""`python -m tests.soak`: kill every part round after round, notifiers by the thousand; 0 when nothing was lost."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from aiohttp import ClientSession

from infra import log
from infra.clock import stopwatch
from infra.emulators.demo.records import until
from tests.acceptance.crowd import Crowd, Takers
from tests.acceptance.test_kill import (
    SETTLES_WITHIN,
    SWEEP_AFTER,
    Stage,
    every_immediate_one_is_acknowledged,
    every_report_is_in_one_case,
    kill_one_after_the_other,
)
from tests.acceptance.world import World, world
from tests.bench.system import OURS, pss_kb
from tests.soak.calling import crashes, kills

ROUNDS = 60  # of about two minutes each
DEATHS = 1_000  # of a notifier, of each kind


@dataclass
class Round(Crowd):
    """A crowd whose requests are its own: a key used in an earlier round would be answered from memory."""

    number: int = 0

    async def _post(self, key: str, is_danger: bool) -> UUID:
        return await super()._post(f"round-{self.number}-{key}", is_danger)


async def soak(rounds: int) -> None:
    """Kill and check for that many rounds. AssertionError or NothingFound says what was lost."""
    with TemporaryDirectory(prefix="hotline-soak-") as folder:
        async with world(Path(folder)) as hotline, ClientSession() as session, _taken(hotline):
            stage = Stage(hotline, None)
            for number in range(1, rounds + 1):
                began = stopwatch()
                crowd = Round(hotline, session, number=number)
                probes = await kill_one_after_the_other(stage, crowd)
                await hotline.passes(seconds=SWEEP_AFTER.total_seconds())
                await _every_contact_is_in_a_report(hotline, crowd, probes)
                await every_report_is_in_one_case(hotline)
                await every_immediate_one_is_acknowledged(hotline)
                await _rest(hotline)
                _say(f"round {number} of {rounds}: {_counted(stage, crowd)}, {stopwatch() - began:.0f} s")


async def die(deaths: int) -> None:
    """Let so many notifiers die in process, then so many by SIGKILL. AssertionError says what was lost."""
    with TemporaryDirectory(prefix="hotline-soak-") as folder:
        _say(f"{deaths} notifiers die in process, at every statement of a send")
        _say(await crashes(Path(folder) / "crashes", deaths, _say))
        _say(f"{deaths} notifiers are killed while they send")
        _say(await kills(Path(folder) / "kills", deaths, _say))


@asynccontextmanager
async def _taken(hotline: World) -> AsyncIterator[None]:
    """Responders take what they are called for, all the time."""
    takers = Takers(hotline, [hotline.responder(each.name) for each in hotline.crew.responders])
    working = asyncio.create_task(takers.work())
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def _every_contact_is_in_a_report(hotline: World, crowd: Crowd, probes: list[UUID]) -> None:
    found = {*crowd.reports, *probes}
    for code in crowd.codes:
        found.add(await until(partial(hotline.records.report_of_code, code), "the report of a form", 5))
    for sid in [*crowd.texts, *crowd.calls]:
        found.add(await until(partial(hotline.records.report_of_sid, sid), f"the report of {sid}", SETTLES_WITHIN))
    assert len(found) == sum(crowd.counts.values()) + len(probes), "a contact is in no report of its own"


async def _rest(hotline: World) -> None:
    """The desk reads every case of this round and stands it down, so that no clock of it rings in a later one."""
    for case in await hotline.fetch("select case_id from triage.cases where status = 'open'"):
        await hotline.rest(case)


def _counted(stage: Stage, crowd: Crowd) -> str:
    slowest = max(stage.handled, key=lambda name: stage.handled[name])
    megabytes = sum(pss_kb(stage.world.hotline.pid(name) or 0) for name in OURS) * 1024 / 1e6
    back = f"slowest back {slowest} {stage.handled[slowest]:.1f} s"
    return f"{sum(crowd.counts.values())} contacts, {back}, {megabytes:.0f} MB"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=ROUNDS, help=f"rounds ({ROUNDS})")
    parser.add_argument("--deaths", type=int, default=DEATHS, help=f"deaths of a notifier of each kind ({DEATHS})")
    asked = parser.parse_args()
    # What the notifiers in this process tell of every send would bury what is told here.
    log.configure("soak", "CRITICAL")
    try:
        asyncio.run(die(asked.deaths))
        asyncio.run(soak(asked.rounds))
    except AssertionError as error:
        _say(f"lost: {error}")
        return 1
    _say("nothing was lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
