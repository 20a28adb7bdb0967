"""A small HTTP/1.1 client over kept connections: cheap enough not to be what is measured."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from infra.embedded.ports import LOOPBACK

ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._received[:head_end]).lower()
        _, _, rest = head.partition(b"content-length:")
        end = head_end + 4 + int(rest.split(b"\r\n", 1)[0])
        if len(self._received) < end:
            return
        answer = Answer(int(head.split(b" ", 2)[1]), bytes(self._received[head_end + 4 : end]))
        del self._received[:end]
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError())

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer. OSError when the connection ends."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await asyncio.wait_for(self._waiting, ANSWER_SECONDS)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


async def connect(port: int) -> Line:
    """A connection to a loopback port."""
    _, line = await asyncio.get_running_loop().create_connection(Line, LOOPBACK, port)
    return line


def post(path: str, body: bytes) -> bytes:
    """A request that posts JSON."""
    head = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body
