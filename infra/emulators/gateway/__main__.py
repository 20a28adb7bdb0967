"""Runs the example gateway: `python -m infra.emulators.gateway --port 8011 --secret …`.

It prints each text it is asked for and says that it was delivered. A line `+86… 31` on its input is a person's text.
"""

import argparse
import asyncio
import sys

import aiohttp
import uvicorn

from infra.clock import Clock
from infra.emulators.gateway.app import GatewayServer, Kept
from infra.ids import new_token
from infra.web import WebServer


class Printed(GatewayServer):
    """A gateway whose carrier is the terminal."""

    def __init__(self, secret: str) -> None:
        super().__init__([secret], Clock().now)
        self.untold: list[Kept] = []

    async def carry(self) -> None:
        """Show what is new and tell that it arrived, again and again until that is taken; until cancelled."""
        while True:
            for kept in [one for one in self.texts.values() if one.status == "queued"]:
                _print(f"to {kept.to}: {kept.text}")
                kept.status = "delivered"
                self.untold.append(kept)
            self.untold = [kept for kept in self.untold if not await self._is_told(kept)]
            await asyncio.sleep(1 if self.untold else 0.2)

    async def _is_told(self, kept: Kept) -> bool:
        try:
            return await self.tell_status(kept, "delivered") == 204
        except aiohttp.ClientError as error:
            _print(f"the hotline is not there, telling it again: {type(error).__name__}")
            return False

    async def listen(self) -> None:
        """Tell the hotline what is typed."""
        while line := await asyncio.to_thread(sys.stdin.readline):
            from_, _, text = line.strip().partition(" ")
            kept = self._latest(from_)
            if kept is None:
                _print(f"nothing was sent to {from_} yet")
                continue
            try:
                answer = await self.tell_answer(kept.answers_url, from_, text, new_token(12))
            except (aiohttp.ClientError, ValueError) as error:
                _print(f"not told, type it again: {error}")
                continue
            _print(f"to {from_}: {answer['reply']}" if answer["is_responder"] else "for POST /v1/contacts")

    def _latest(self, phone: str) -> Kept | None:
        return next((one for one in reversed(self.texts.values()) if one.to == phone), None)


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.emulators.gateway", description=__doc__)
    parser.add_argument("--port", type=int, default=8011)
    parser.add_argument("--secret", required=True, help="one of HOTLINE_GATEWAY_SECRETS")
    asked = parser.parse_args()
    gateway = Printed(asked.secret)
    server: uvicorn.Server = WebServer(gateway.app(), "127.0.0.1", asked.port)
    tasks = [asyncio.create_task(gateway.carry()), asyncio.create_task(gateway.listen())]
    try:
        await server.serve()
    finally:
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(_main())
