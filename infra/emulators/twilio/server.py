"""Serving the emulator: in this process until told to stop, for `__main__` and for tests alike."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from infra.emulators.twilio.app import build_app
from infra.emulators.twilio.exchange import Exchange


class Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the handlers as they are: the stock server raises the signal again when it ends."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that already listens; port 0 takes a free one. OSError if the port is taken."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(1024)
    except OSError:
        bound.close()
        raise
    return bound


def server_of(exchange: Exchange) -> Server:
    """The server of an exchange, not yet running."""
    config = uvicorn.Config(
        build_app(exchange), log_level="warning", access_log=False, timeout_graceful_shutdown=3, ws="none"
    )
    return Server(config)


async def serve(exchange: Exchange, bound: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then end what is waiting and close."""
    server = server_of(exchange)
    serving = asyncio.ensure_future(server.serve([bound]))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    exchange.end_waits()
    server.should_exit = True
    stopping.cancel()
    await serving


@asynccontextmanager
async def running(exchange: Exchange, bound: socket.socket) -> AsyncIterator[Exchange]:
    """The emulator, serving in the background of a test."""
    stop = asyncio.Event()
    serving = asyncio.ensure_future(serve(exchange, bound, stop))
    try:
        yield exchange
    finally:
        stop.set()
        await serving
