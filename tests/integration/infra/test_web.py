"""Who the client is, behind proxies of ours and behind nobody's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.embedded.ports import free_ports
from infra.settings import Env, Settings
from infra.twilio import signature
from infra.web import WebServer


async def seen(request: Request) -> JSONResponse:
    """Who asks, and the address that the provider would have signed."""
    signed = signature.signed_url("https://hotline.example", request.scope)
    return JSONResponse({"client": request.client.host if request.client else None, "signed": signed})


@asynccontextmanager
async def serving(trusted_proxies: str) -> AsyncIterator[httpx.AsyncClient]:
    port = free_ports(1)[0]
    server = WebServer(Starlette(routes=[Route("/", seen)]), "127.0.0.1", port, trusted_proxies)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client
    server.should_exit = True
    await running


@pytest.mark.parametrize(
    ("trusted_proxies", "forwarded", "client"),
    [
        ("", "203.0.113.9", "127.0.0.1"),
        ("10.0.0.7", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.0/8, 10.0.0.7", "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        # What stands left of the first stranger was written by the stranger.
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
    ],
)
async def test_x_forwarded_for_is_believed_of_our_proxies_alone(
    trusted_proxies: str, forwarded: str, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
    async with serving(trusted_proxies) as http:
        answer = (await http.get("/?a=", headers=headers)).json()

    assert answer == {"client": client, "signed": "https://hotline.example/?a="}


@pytest.mark.parametrize("written", ["*", "proxy.example", "10.0.0.0/99", "10.0.0.7;10.0.0.8"])
def test_a_proxy_that_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no IP address or network"):
        Settings(env=Env.TEST, trusted_proxies=written)
