"""Server-sent events: that something changed, and a heartbeat, so that a page knows when it no longer hears."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from infra.clock import stopwatch
from infra.postgres import INFRASTRUCTURE_ERRORS
from triage.console import sessions
from triage.console.alarms import alarms_of
from triage.console.frame import Frame
from triage.console.sessions import Session

LOOK_SECONDS = 2.0
BEAT_SECONDS = 10.0


async def stream(frame: Frame, request: Request, _session: Session) -> Response:
    """The stream of one open page; it ends when the process stops or the session does."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events(frame, request), media_type="text/event-stream", headers=headers)


async def events(frame: Frame, request: Request) -> AsyncIterator[str]:
    """`state` whenever it is another one, `beat` every ten seconds, `signed_out` or `database_away` when that is so.

    Announcements wake it; it also looks by itself every two seconds, because a stopped heartbeat announces nothing.
    """
    told: dict[str, Any] = {}
    beat_at = stopwatch()
    with frame.bell.listening() as rung:
        while not frame.service.stop.is_set():
            name, state = await _look(frame, request)
            if state != told:
                told = state
                yield _event(name, state)
            if name == "signed_out":
                return
            if stopwatch() >= beat_at:
                beat_at = stopwatch() + BEAT_SECONDS
                # The comment keeps proxies awake; scripts cannot see it, so the event says it to them.
                yield f": beat\n{_event('beat', {'now': frame.service.clock.now().isoformat()})}"
            await _wait(frame, rung)


async def _look(frame: Frame, request: Request) -> tuple[str, dict[str, Any]]:
    service = frame.service
    rings = frame.bell.rings
    try:
        async with service.db.transaction() as tx:
            token = sessions.token_of(request, service.settings)
            if await sessions.see(tx, service.vault, token, service.clock.now()) is None:
                return "signed_out", {"signed_out": True}
            alarms = await alarms_of(tx, frame, request)
    except INFRASTRUCTURE_ERRORS:
        return "database_away", {"database_away": True}
    return "state", {"queue": rings, "alarms": alarms.digest}


async def _wait(frame: Frame, rung: asyncio.Event) -> None:
    """Until the bell rings, the process stops, or it is time to look."""
    waits = [asyncio.ensure_future(rung.wait()), asyncio.ensure_future(frame.service.stop.wait())]
    try:
        await asyncio.wait(waits, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    rung.clear()


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content)}\n\n"
