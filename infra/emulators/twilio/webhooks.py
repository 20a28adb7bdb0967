"""Requests to the application: form-encoded, signed as Twilio signs, kept in a log.

The signature is HMAC-SHA1 over the exact URL and the sorted parameters
(https://www.twilio.com/docs/usage/webhooks/webhooks-security).
"""

import base64
import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urldefrag, urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from yarl import URL

from infra.emulators.twilio import instants
from infra.emulators.twilio.records import Hook

LOG_LENGTH = 20_000


def sign(token: str, url: str, params: Mapping[str, str]) -> str:
    """The value of X-Twilio-Signature for a request."""
    signed = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True)
class Delivery:
    """One request that was made to the application, and what came of it."""

    at: str
    monotonic_ns: int
    purpose: str
    url: str
    about: str
    status: int | None
    error: str | None
    milliseconds: float
    params: dict[str, str]

    def shown(self) -> dict[str, Any]:
        """The delivery as JSON."""
        return asdict(self)


class Webhooks:
    """Makes the requests. One that fails is logged, and tried at the fallback address if there is one."""

    def __init__(self, token: str, timeout: float, changed: Callable[[], None]) -> None:
        self._token = token
        self._timeout = ClientTimeout(total=timeout)
        self._session: ClientSession | None = None
        self._changed = changed
        self.log: deque[Delivery] = deque(maxlen=LOG_LENGTH)

    async def open(self) -> None:
        """Open the connections; must run inside the loop that uses them."""
        # Idle connections are let go before a server would close them under a request (uvicorn: 5 s).
        connector = TCPConnector(limit=500, keepalive_timeout=2)
        self._session = ClientSession(
            connector=connector, timeout=self._timeout, headers={"User-Agent": "TwilioProxy/1.1"}
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def ask(self, hook: Hook, fallback: Hook | None, params: dict[str, str], purpose: str) -> str | None:
        """The answer's text from the address, else from its fallback with the error told; else None."""
        text, error = await self._request(hook, params, purpose)
        if text is None and fallback is not None:
            told = {**params, "ErrorCode": error, "ErrorUrl": hook.url}
            text, _ = await self._request(fallback, told, f"{purpose} fallback")
        return text

    async def tell(self, hook: Hook, params: dict[str, str], purpose: str) -> None:
        """Tell the application something; its answer is only logged."""
        await self._request(hook, params, purpose)

    def complain(self, hook: Hook, error: str, params: dict[str, str]) -> None:
        """Log that the answer of an address could not be used."""
        self._note("document", hook.url, params, (None, error), instants.monotonic_ns())

    async def _request(self, hook: Hook, params: dict[str, str], purpose: str) -> tuple[str | None, str]:
        """The text of a good answer, or None with Twilio's error code."""
        url, _ = urldefrag(hook.url)
        body: dict[str, str] = params
        if hook.method == "GET":
            url += ("&" if urlsplit(url).query else "?") + urlencode(params)
            body = {}
        began = instants.monotonic_ns()
        try:
            status, text = await self._send(hook.method, url, body)
        except (ClientError, TimeoutError, ValueError, UnicodeDecodeError) as error:
            self._note(purpose, url, params, (None, type(error).__name__), began)
            return None, "11205"
        failed = not 200 <= status < 300
        self._note(purpose, url, params, (status, "HTTP error" if failed else None), began)
        return (None, "11200") if failed else (text, "")

    async def _send(self, method: str, url: str, body: dict[str, str]) -> tuple[int, str]:
        if self._session is None:
            raise RuntimeError("the connections to the application are not open")
        headers = {"X-Twilio-Signature": sign(self._token, url, body), "Accept": "*/*"}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        # The URL goes out byte for byte as it was given: what is signed is what is requested.
        request = self._session.request(
            method,
            URL(url, encoded=True),
            data=urlencode(body).encode() if method == "POST" else None,
            headers=headers,
            allow_redirects=False,
        )
        async with request as answer:
            return answer.status, await answer.text()

    def _note(
        self, purpose: str, url: str, params: dict[str, str], outcome: tuple[int | None, str | None], began: int
    ) -> None:
        status, error = outcome
        about = params.get("MessageSid") or params.get("CallSid") or ""
        took = (instants.monotonic_ns() - began) / 1e6
        at = instants.now().isoformat()
        self.log.append(Delivery(at, began, purpose, url, about, status, error, took, dict(params)))
        self._changed()
