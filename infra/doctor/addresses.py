"""Our three origins: each answers, those of the public are encrypted, and the desk is not public."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp

from infra.doctor.finding import Finding, fail, ok
from infra.doctor.visit import Visit
from infra.settings import required, variable

TIMEOUT_SECONDS = 10.0


async def look_at_ingest(visit: Visit) -> list[Finding]:
    """The origin of the intake."""
    return await _origin(visit, "ingest_url")


async def look_at_notifier(visit: Visit) -> list[Finding]:
    """The origin of alert links and callbacks."""
    return await _origin(visit, "notifier_url")


async def look_at_console(visit: Visit) -> list[Finding]:
    """The origin of the duty desk."""
    found = await _origin(visit, "console_url")
    url = required(visit.settings.console_url, "console_url")
    parts = urlsplit(url)
    looked_up = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    others = [visit.settings.ingest_url or "", visit.settings.notifier_url or ""]
    return [*found, *public_console(url, [str(each[4][0]) for each in looked_up], others)]


def public_console(url: str, addresses: Sequence[str], others: Sequence[str]) -> list[Finding]:
    """Whether the desk shares an origin with what is public, or has an address the whole world can reach."""
    name = variable("console_url")
    if urlsplit(url).netloc in {urlsplit(other).netloc for other in others}:
        return [fail("addresses", f"{name} is also an origin of the public: give the desk one of its own")]
    known = [address for address in addresses if ipaddress.ip_address(address.partition("%")[0]).is_global]
    if known:
        return [
            fail("addresses", f"{name} is at {known[0]}, a public address: put the desk behind a private network")
        ]
    return [ok("addresses", f"{name} has no public address")]


def unencrypted(name: str, url: str, is_production: bool) -> list[Finding]:
    """Words of reporters and links of responders travel only encrypted."""
    if is_production and urlsplit(url).scheme != "https":
        return [fail("addresses", f"{variable(name)} is not https: put TLS before it and change the setting")]
    return []


async def _origin(visit: Visit, name: str) -> list[Finding]:
    url = required(getattr(visit.settings, name), name).rstrip("/")
    return [await _ready(name, url), *unencrypted(name, url, visit.is_production)]


async def _ready(name: str, url: str) -> Finding:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{url}/readyz", allow_redirects=False) as response,
        ):
            body = await response.text()
            return readiness(variable(name), url, response.status, body[:300])
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        says = f"{variable(name)}: {url} does not answer ({type(error).__name__}): see DNS, proxy and the service"
        return fail("addresses", says)


def readiness(name: str, url: str, status: int, body: str) -> Finding:
    """What an origin says of itself."""
    if status == 200:
        return ok("addresses", f"{name}: {url} is ready")
    if status == 503:
        return fail("addresses", f"{name}: {url} is not ready: {body.strip()}")
    return fail("addresses", f"{name}: {url}/readyz answers {status}: is another program there?")
