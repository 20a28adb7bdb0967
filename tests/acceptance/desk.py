"""A duty officer's browser without script: signs in, reads cases, presses buttons."""

import asyncio
import json
import re
from typing import Any
from uuid import UUID

from aiohttp import ClientSession, ClientTimeout, CookieJar

from infra.settings import Settings, required
from infra.up.hotline import ACCOUNTS_FILE

TRIES = 6
TOKEN = re.compile(r'name="token" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')


class Desk:
    """A signed-in session."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self._url = url
        self._session = session

    @classmethod
    async def open(cls, settings: Settings, username: str) -> "Desk":
        """Sign in with the password of the demonstration's accounts."""
        accounts = json.loads((settings.state_dir / ACCOUNTS_FILE).read_text("utf-8"))
        password = next(each["password"] for each in accounts if each["username"] == username)
        session = ClientSession(timeout=ClientTimeout(total=15), cookie_jar=CookieJar(unsafe=True))
        desk = cls(required(settings.console_url, "console_url"), session)
        page = await desk.get("/sign-in?language=en")
        _, home = await desk.post(
            "/sign-in", {"token": _found(TOKEN, page), "username": username, "password": password}
        )
        assert "sign-in" not in home, home
        return desk

    async def close(self) -> None:
        await self._session.close()

    async def get(self, path: str) -> str:
        """A page."""
        async with self._session.get(self._url + path) as answer:
            assert answer.status == 200, f"{path}: {answer.status}"
            return await answer.text()

    async def post(self, path: str, fields: dict[str, str]) -> tuple[str, str]:
        """A press; the page it leads to, and that page's address."""
        async with self._session.post(self._url + path, data=fields) as answer:
            return await answer.text(), str(answer.url)

    async def presses(self, case_id: UUID, act: str, **fields: Any) -> None:
        """Press a button on the page of a case; when the case changed meanwhile, look again and press again."""
        for _ in range(TRIES):
            page = await self.get(f"/cases/{case_id}?language=en")
            told = {"token": _found(TOKEN, page), "version": _found(VERSION, page), **fields}
            refusal, led_to = await self.post(f"/cases/{case_id}/{act}", told)
            if f"done={act}" in led_to:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{act} was refused: {_message(refusal)}")


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found is not None, page[:2000]
    return found[1]


def _message(page: str) -> str:
    found = re.search(r'role="alert"[^>]*>(.*?)</', page, re.S)
    return found[1].strip() if found else page[:500]
