"""The system of a body that files reports, as a server on this machine that does not always behave."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from pydantic import SecretStr

from infra.partners import Partner

Behaviour = int | Literal["silent", "closed"]


@dataclass
class System:
    """What it was told, and how it answers: with a status, not at all, or by hanging up."""

    name: str
    port: int = 0
    answers: Behaviour = 204
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    asked: int = 0

    @property
    def partner(self) -> Partner:
        """The body, as the settings name it."""
        return Partner(
            name=self.name,
            key=SecretStr(f"the key of {self.name} " + "k" * 32),
            notices_url=f"http://127.0.0.1:{self.port}/hotline",
            notices_secret=SecretStr(f"the secret of {self.name} " + "s" * 32),
        )

    @property
    def setting(self) -> SecretStr:
        """What `HOTLINE_PARTNERS` says of this body alone."""
        partner = self.partner
        fields = {"key": partner.key, "notices_secret": partner.notices_secret}
        entry = {name: secret.get_secret_value() for name, secret in fields.items() if secret}
        return SecretStr(json.dumps({self.name: entry | {"notices_url": partner.notices_url}}))

    async def on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take requests until the other side hangs up."""
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) and await self._take(head.decode(), reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _take(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        self.asked += 1
        if self.answers == "closed":
            return False
        if self.answers == "silent":
            await asyncio.sleep(30)
            return False
        if 200 <= self.answers < 300:
            self.told.append((headers, body))
        elsewhere = f"Location: http://127.0.0.1:{self.port}/elsewhere\r\n" if self.answers == 302 else ""
        writer.write(f"HTTP/1.1 {self.answers} Said\r\n{elsewhere}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        return True


@asynccontextmanager
async def system(name: str) -> AsyncIterator[System]:
    """A system that listens."""
    made = System(name)
    server = await asyncio.start_server(made.on_connection, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
