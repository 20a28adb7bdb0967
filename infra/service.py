"""What every process of the hotline has: settings, database, clock, vault, web servers, health, heartbeats, a stop.

A service's `__main__` gives `main` a function that builds its parts from a `Service`; all is wired there, once.
"""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import structlog
import uvloop
from starlette.applications import Starlette

from infra import kafka, log, settings
from infra.clock import Clock, stopwatch
from infra.health import Health
from infra.inbox import GIVEN_BACK, Subscriber
from infra.postgres import INFRASTRUCTURE_ERRORS, Database, Listener, create_pool
from infra.settings import Env, Settings, required
from infra.vault import Vault, VaultError
from infra.web import WebServer

Loop = Callable[[], Awaitable[None]]
Check = Callable[[], Awaitable[str | None]]

START_RETRY_SECONDS = 0.3
STOP_SECONDS = 4.0
FIRST_READ_SECONDS = 8.0
CATCH_UP_ALONE_SECONDS = 30.0


@dataclass
class Service:
    """A running process and what it stands on."""

    name: str
    settings: Settings
    db: Database
    clock: Clock
    vault: Vault
    listener: Listener
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @staticmethod
    def bare_app(port: int) -> tuple[Starlette, int]:
        """An app with health and metrics alone, for a process without pages."""
        return Starlette(), port


@dataclass
class Parts:
    """What a service adds: apps by port, a subscriber, loops that run until cancelled, and checks.

    A check returns a trouble in a sentence, or None. Troubles are shown in /readyz and in the heartbeat; those of
    `gates` also make the service not ready.
    """

    apps: Sequence[tuple[Starlette, int]] = ()
    subscriber: Subscriber | None = None
    loops: Sequence[Loop] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    gates: Mapping[str, Check] = field(default_factory=dict)


class Reading:
    """A service that has just started is not ready until it reads from the broker; later, catch-up does without."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self._started = self._read_last = stopwatch()

    async def refusal(self) -> str | None:
        """A sentence while the service should still be waited for."""
        is_new = stopwatch() - self._started < FIRST_READ_SECONDS
        return "does not read from the broker yet" if is_new and not self.begun.is_set() else None

    async def trouble(self) -> str | None:
        """A sentence when the broker has brought nothing for so long that a person should look."""
        if self.begun.is_set():
            self._read_last = stopwatch()
        is_alone = stopwatch() - self._read_last > CATCH_UP_ALONE_SECONDS
        return "the broker brings nothing: events come by catch-up alone, seconds later" if is_alone else None


def main(name: str, says: str | None, parts: Callable[[Service], Awaitable[Parts]]) -> None:
    """Run a service as its command does: `--help` prints what it is, anything else beside it is refused."""
    argparse.ArgumentParser(prog=f"hotline {name}", description=says).parse_args()
    run(name, parts)


def run(name: str, parts: Callable[[Service], Awaitable[Parts]]) -> None:
    """Run a service until SIGTERM or Ctrl-C; exits 2 on a wrong setting and 1 when a part of it died."""
    try:
        config = settings.load()
        log.configure(name, config.log_level)
        uvloop.run(_main(name, config, parts))
    except (settings.SettingsError, VaultError) as error:
        sys.exit(f"hotline {name}: {error}")


async def _main(name: str, config: Settings, parts: Callable[[Service], Awaitable[Parts]]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    service = await _start(name, config, stop)
    if service is None:
        return
    listening = asyncio.create_task(service.listener.run())
    tasks: list[asyncio.Task[None]] = [listening]
    try:
        await _follow_clock(service, tasks)
        built = await parts(service)
        _spare_the_collector()
        await _serve(service, built, tasks)
    finally:
        await _cancel(tasks)
        with suppress(TimeoutError, *INFRASTRUCTURE_ERRORS):
            await asyncio.wait_for(service.db.pool.close(), STOP_SECONDS)


async def _start(name: str, config: Settings, stop: asyncio.Event) -> Service | None:
    """Connect and open the vault; waits for a database that is not there yet, unless told to stop."""
    vault = Vault.from_settings(config)
    logger = structlog.get_logger()
    while not stop.is_set():
        try:
            pool = await create_pool(required(config.database_url, "database_url"), f"hotline_{name}")
            service = Service(name, config, Database(pool), Clock(), vault, Listener(config.direct_url), stop)
            if name != "relay":
                async with service.db.transaction() as tx:
                    await vault.check(tx, service.clock.now())
            return service
        except INFRASTRUCTURE_ERRORS as error:
            logger.warning("database_away", error=type(error).__name__)
            await asyncio.sleep(START_RETRY_SECONDS)
    return None


def _spare_the_collector() -> None:
    """What is there at start lives as long as the process: walking it again stops all else for 80 ms (triage)."""
    gc.collect()
    gc.freeze()


async def _follow_clock(service: Service, tasks: list[asyncio.Task[None]]) -> None:
    if service.settings.env is Env.TEST:
        tasks.append(asyncio.create_task(service.clock.follow(service.db.pool, service.listener)))


async def _serve(service: Service, parts: Parts, tasks: list[asyncio.Task[None]]) -> None:
    """Run everything until told to stop, or until one part ends: then the process ends too and is started again."""
    reading = Reading()
    gates = dict(parts.gates) | ({"broker": reading.refusal} if parts.subscriber else {})
    checks = dict(parts.checks) | ({"reading": reading.trouble} if parts.subscriber else {})
    health = Health(service, checks, gates)
    listen, proxies = service.settings.listen, service.settings.trusted_proxies
    servers = [WebServer(health.mount(app), listen, port, proxies) for app, port in parts.apps]
    loops: list[Loop] = [health.beat, *parts.loops]
    if parts.subscriber is not None:
        await service.listener.listen(GIVEN_BACK, parts.subscriber.look_fully)
        reader = kafka.Reader(service.settings, service.name, parts.subscriber, reading.begun)
        loops += [parts.subscriber.catch_up, partial(kafka.consume, reader)]
    tasks += [asyncio.ensure_future(loop()) for loop in loops]
    serving = [asyncio.create_task(server.serve()) for server in servers]
    stopped = asyncio.create_task(service.stop.wait())
    done, _ = await asyncio.wait([*tasks, *serving, stopped], return_when=asyncio.FIRST_COMPLETED)
    service.stop.set()
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*serving, return_exceptions=True)
    for task in done - {stopped}:
        task.result()
        sys.exit(f"hotline {service.name}: a part of it ended")


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
