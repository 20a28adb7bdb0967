"""Health that tells the truth: `/healthz` (alive), `/readyz` (can work now), `/metrics`, and a heartbeat row."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from infra.clock import DRIFT_REFUSED, DRIFT_TOLD, Clock
from infra.postgres import INFRASTRUCTURE_ERRORS, Database, Listener
from infra.settings import Settings

Check = Callable[[], Awaitable[str | None]]

BEAT_SECONDS = 2.0
PING_SECONDS = 1.0

_troubles = Gauge("hotline_troubles", "Checks that do not hold at this moment.", ["service"])
_log = structlog.get_logger()


class Watched(Protocol):
    """The part of a service that health looks at."""

    name: str
    settings: Settings
    db: Database
    listener: Listener
    clock: Clock


class Health:
    """A process's own view of whether it can work."""

    def __init__(self, service: Watched, checks: Mapping[str, Check], gates: Mapping[str, Check]) -> None:
        self._name, self._instance = service.name, service.settings.instance
        self._db, self._listener, self._clock = service.db, service.listener, service.clock
        self._checks, self._gates = checks, gates

    def mount(self, app: Starlette) -> Starlette:
        """Add the health routes to an app, before its own."""
        app.router.routes[:0] = [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._metrics),
        ]
        return app

    async def _healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readyz(self, _request: Request) -> Response:
        refusals = await self._refusals()
        troubles = await _failing(self._checks) if not refusals else {}
        body = {"ready": not refusals, "service": self._name, "refusals": refusals, "troubles": troubles}
        return JSONResponse(body, status_code=503 if refusals else 200)

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def _refusals(self) -> dict[str, str]:
        try:
            drift = await asyncio.wait_for(self._clock.drift(self._db.pool), PING_SECONDS)
        except INFRASTRUCTURE_ERRORS as error:
            return {"database": type(error).__name__}
        refusals = {} if self._listener.is_connected else {"listener": "no LISTEN connection"}
        if abs(drift) > DRIFT_REFUSED:
            refusals["clock"] = f"{drift.total_seconds():.3f} s away from the database's clock"
        return refusals | await _failing(self._gates)

    async def beat(self) -> None:
        """Write a heartbeat with the troubles of the moment; until cancelled."""
        while True:
            with suppress(*INFRASTRUCTURE_ERRORS):
                troubles = await self.troubles()
                _troubles.labels(self._name).set(len(troubles))
                await self._write(troubles)
            await asyncio.sleep(BEAT_SECONDS)

    async def troubles(self) -> dict[str, str]:
        """Everything that does not hold, by the name of its check."""
        found = await self._refusals()
        drift = await self._clock.drift(self._db.pool)
        if abs(drift) > DRIFT_TOLD:
            found["clock"] = f"{drift.total_seconds():.3f} s away from the database's clock"
        return found | await _failing(self._checks)

    async def _write(self, troubles: dict[str, str]) -> None:
        await self._db.pool.execute(
            "insert into infra.heartbeats (instance, at, troubles) values ($1, $2, $3) "
            "on conflict (service, instance) do update set at = excluded.at, troubles = excluded.troubles",
            self._instance,
            self._clock.now(),
            troubles,
        )


async def _failing(checks: Mapping[str, Check]) -> dict[str, str]:
    found = {}
    for name, check in checks.items():
        trouble = await check()
        if trouble:
            found[name] = trouble
    return found
