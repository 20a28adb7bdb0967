"""A gateway of our own kind: requests signed both ways, one address, three acts (docs/gateways.md).

An alert's id is its key: a gateway that is asked twice to send the same one sends it once, so no answer is in doubt.
The same signature is on what is only told, to the systems of bodies that file reports (docs/partners.md).
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from infra.sending import AccountRefused, ProviderDown, ProviderError, Refused, Throttled, Uncertain

TIMESTAMP = "Hotline-Timestamp"
SIGNATURE = "Hotline-Signature"
OLDEST = timedelta(minutes=5)
TIMEOUT = timedelta(seconds=5)


def sign(secret: str, at: str, body: bytes) -> str:
    """The value of Hotline-Signature: HMAC-SHA256 over the timestamp (seconds), a point and the body, in hex."""
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(secrets: list[str], at: str, body: bytes, signature: str, now: datetime) -> bool:
    """Whether one of the secrets signed exactly this, within five minutes of `now`."""
    if not (at.isascii() and at.isdecimal() and len(at) <= 12):
        return False
    if abs(now.timestamp() - int(at)) > OLDEST.total_seconds():
        return False
    wanted = [sign(secret, at, body).encode() for secret in secrets]
    return any(hmac.compare_digest(each, signature.encode()) for each in wanted)


class Gateway:
    """Asks a gateway; make it inside the running loop. Raises only the errors of `infra.sending`.

    `secrets`: the first signs. The instant is the machine's own, given by the caller with each act.
    """

    def __init__(self, url: str, secrets: list[str], timeout: timedelta = TIMEOUT) -> None:
        self._url, self._secret = url, secrets[0]
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(timeout.total_seconds()))

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def ask(self, act: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Ask for one act; the gateway's answer."""
        async with self._posted(json.dumps(act, ensure_ascii=False).encode(), now) as answer:
            return _read(answer.status, await answer.read())

    async def tell(self, body: bytes, now: datetime) -> None:
        """Tell something that may be told again without harm: any 2xx will do, and no answer is ever in doubt."""
        try:
            async with self._posted(body, now) as answer:
                status = answer.status
        except Uncertain as error:
            raise ProviderDown(str(error)) from None
        if not 200 <= status < 300:
            raise _not_told(status)

    @asynccontextmanager
    async def _posted(self, body: bytes, now: datetime) -> AsyncIterator[aiohttp.ClientResponse]:
        at = str(int(now.timestamp()))
        headers = {"Content-Type": "application/json", TIMESTAMP: at, SIGNATURE: sign(self._secret, at, body)}
        try:
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                yield answer
        except aiohttp.ClientConnectorError as error:
            raise ProviderDown(type(error).__name__) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Uncertain(type(error).__name__) from None


def _read(status: int, body: bytes) -> dict[str, Any]:
    told = _object(body)
    if status == 200 and told is not None:
        return told
    raise _error(status, str(told["code"]) if told and told.get("code") else None)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _not_told(status: int) -> ProviderError:
    """Only 410 is for good: an address that is wrong for the moment is mended, and told then."""
    if status in (401, 403, 410, 429):
        return Refused("gone") if status == 410 else _error(status, None)
    return ProviderDown(f"HTTP {status}")


def _error(status: int, code: str | None) -> ProviderError:
    if status in (401, 403):
        return AccountRefused(code or str(status))
    if status == 429:
        return Throttled(code or str(status))
    if 400 <= status < 500:
        return Refused(code or str(status))
    # Its own error body is a decision; a bare 5xx of something between us, or an answer that is none, is none.
    return ProviderDown(code) if code else Uncertain(f"HTTP {status}")
