"""Texts and calls through the provider's own library, and what it can be asked about them afterwards.

Its create calls have no key against repetition: a request whose answer is lost is looked up in the provider's lists.
"""

import asyncio
import base64
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from infra.settings import Settings, required
from infra.twilio.errors import ACCOUNT_TROUBLE, Refused, TooLarge, account_refusal, of_status, translated

TIMEOUT = timedelta(seconds=5)
SOUND_TIMEOUT = timedelta(minutes=1)
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
LOOKED_THROUGH = 50
PAGE = 1000
"""How many items of a list are asked for at once; lists of what reached us are read to their end."""
# No longer queued, or no longer in progress: there is nothing left to stop.
TOO_LATE = frozenset({"20404", "21220", "30409", "20001", "21610"})

_silent = logging.getLogger("hotline.twilio")
_silent.setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Sent:
    """A message or call the provider has taken, with its id and status."""

    sid: str
    status: str


@dataclass(frozen=True)
class Sms:
    """A text to send; `callback` is told of its statuses."""

    to: str
    body: str
    callback: str
    valid_for: timedelta


@dataclass(frozen=True)
class Ring:
    """A call to place; `answer` tells what is said, `callback` is told of its statuses."""

    to: str
    answer: str
    callback: str
    ring_for: timedelta


@dataclass(frozen=True)
class Found:
    """A message or call in the provider's list."""

    sid: str
    status: str
    body: str
    created_at: datetime | None


@dataclass(frozen=True)
class InboundMessage:
    """A text that reached one of our numbers, with so many pictures."""

    sid: str
    from_: str
    to: str
    body: str
    sent_at: datetime
    pictures: int = 0


@dataclass(frozen=True)
class InboundCall:
    """A call that reached one of our numbers."""

    sid: str
    from_: str
    to: str
    started_at: datetime
    status: str


@dataclass(frozen=True)
class Recording:
    """A recording of a call; `url` asks for our credentials. `duration` in seconds."""

    sid: str
    call_sid: str
    url: str
    created_at: datetime
    duration: int


@dataclass(frozen=True)
class Sound:
    """The sound of a recording, with the type that the provider says it has."""

    content: bytes
    content_type: str


class _Http(AsyncTwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """The library's client, with a timeout that holds and no memory of what was said.

    It signs in by a header, since the library's own way uses a class its HTTP client is about to retire: with the
    token that was taken last, and with the next of them when that one is refused.
    """

    tokens: list[str]
    refused_with: str | None = None

    async def request(self, *args: Any, **kwargs: Any) -> Response:
        user, _ = kwargs.pop("auth")
        headers = kwargs.pop("headers", None) or {}
        for token in list(self.tokens):
            response = await self._request(*args, headers={**headers, **_signed_in(user, token)}, **kwargs)
            if response.status_code != 401:
                self.tokens.sort(key=lambda each: each != token)
                break
        refusal = account_refusal(response.status_code, response.text)
        if refusal or response.status_code < 500:
            self.refused_with = refusal
        return response

    async def _request(self, *args: Any, **kwargs: Any) -> Response:
        try:
            async with asyncio.timeout(self.timeout):
                return await super().request(*args, **kwargs)
        finally:
            self._test_only_last_request = self._test_only_last_response = None

    async def download(self, url: str, auth: tuple[str, str], largest: int) -> Sound:
        """The sound at an address. The library reads every answer as text, which a sound is not."""
        content = bytearray()
        seconds = SOUND_TIMEOUT.total_seconds()
        async with asyncio.timeout(seconds), self.session.get(url, headers=_signed_in(*auth)) as answer:
            if answer.status != 200:
                raise of_status(answer.status)
            async for part in answer.content.iter_chunked(65536):
                content += part
                if len(content) > largest:
                    raise TooLarge(f"larger than {largest} bytes")
            return Sound(bytes(content), answer.content_type)


def _signed_in(user: str, password: str) -> dict[str, str]:
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


class TwilioClient:
    """The provider. Make it inside the running loop; raises only the errors of `infra.twilio.errors`."""

    def __init__(self, settings: Settings, timeout: timedelta = TIMEOUT) -> None:
        account, tokens = required(settings.twilio_account_sid, "twilio_account_sid"), settings.auth_tokens
        self._http = _Http(timeout=timeout.total_seconds(), logger=_silent)
        self._http.tokens = tokens
        self._client = Client(account, tokens[0], http_client=self._http)
        if settings.twilio_api_url:
            self._client.api.base_url = settings.twilio_api_url.rstrip("/")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def trouble(self) -> str | None:
        """A sentence while the provider refuses the account, told by the last request of this process."""
        code = self._http.refused_with
        return ACCOUNT_TROUBLE.format(code=code) if code else None

    async def send_sms(self, from_: str, sms: Sms) -> Sent:
        """Send a text; the provider gives it up when it is still waiting after `valid_for`."""
        with translated():
            message = await self._client.messages.create_async(
                to=sms.to,
                from_=from_,
                body=sms.body,
                status_callback=sms.callback,
                validity_period=max(1, int(sms.valid_for.total_seconds())),
            )
            return Sent(str(message.sid), str(message.status))

    async def place_call(self, from_: str, ring: Ring) -> Sent:
        """Ring a phone."""
        with translated():
            call = await self._client.calls.create_async(
                to=ring.to,
                from_=from_,
                url=ring.answer,
                status_callback=ring.callback,
                status_callback_event=CALL_EVENTS,
                timeout=max(5, int(ring.ring_for.total_seconds())),
            )
            return Sent(str(call.sid), str(call.status))

    async def cancel_message(self, sid: str) -> bool:
        """Take a text back; False if it has already left."""
        return await _if_not_too_late(self._client.messages(sid).update_async(status="canceled"))

    async def complete_call(self, sid: str) -> bool:
        """End a call, ringing or answered; False if it is over."""
        return await _if_not_too_late(self._client.calls(sid).update_async(status="completed"))

    async def find_messages(self, from_: str, to: str, since: datetime) -> list[Found]:
        """The newest texts from us to a phone that the provider has had since an instant, newest first."""
        with translated():
            listed = await self._client.messages.list_async(to=to, from_=from_, limit=LOOKED_THROUGH)
        found = [Found(str(m.sid), str(m.status), str(m.body), m.date_created) for m in listed]
        return [one for one in found if one.created_at is None or one.created_at >= since]

    async def find_calls(self, from_: str, to: str, since: datetime) -> list[Found]:
        """The newest calls from us to a phone that the provider has had since an instant, newest first."""
        with translated():
            listed = await self._client.calls.list_async(to=to, from_=from_, limit=LOOKED_THROUGH)
        found = [Found(str(c.sid), str(c.status), "", c.date_created) for c in listed]
        return [one for one in found if one.created_at is None or one.created_at >= since]

    async def inbound_messages(self, to: str, since: datetime) -> list[InboundMessage]:
        """All texts that reached one of our numbers since an instant."""
        with translated():
            listed = await self._client.messages.list_async(to=to, date_sent_after=since, page_size=PAGE)
        return [
            InboundMessage(
                str(m.sid),
                str(m.from_),
                str(m.to),
                m.body or "",
                m.date_sent or m.date_created or since,
                int(m.num_media or 0),
            )
            for m in listed
            if str(m.direction) == "inbound"
        ]

    async def pictures(self, message_sid: str) -> tuple[str, ...]:
        """The ids of the pictures sent with a text. Refused when the provider has the text no more."""
        with translated():
            listed = await self._client.messages(message_sid).media.list_async(page_size=PAGE)
        return tuple(str(media.sid) for media in listed)

    async def inbound_calls(self, to: str, since: datetime) -> list[InboundCall]:
        """All calls that reached one of our numbers since an instant."""
        with translated():
            listed = await self._client.calls.list_async(to=to, start_time_after=since, page_size=PAGE)
        return [
            InboundCall(str(c.sid), str(c._from), str(c.to), c.start_time or c.date_created or since, str(c.status))
            for c in listed
            if str(c.direction) == "inbound"
        ]

    async def recordings(self, since: datetime) -> list[Recording]:
        """All recordings of the account made since an instant, of calls of either direction."""
        with translated():
            listed = await self._client.recordings.list_async(date_created_after=since, page_size=PAGE)
        base = self._client.api.base_url
        return [
            Recording(
                str(r.sid),
                str(r.call_sid),
                f"{base}{str(r.uri).removesuffix('.json')}",
                r.date_created or since,
                int(r.duration or 0),
            )
            for r in listed
        ]

    async def sound(self, recording_sid: str, largest: int) -> Sound:
        """The sound of a recording: Refused with 404 while it is not there, TooLarge beyond `largest` bytes."""
        auth = (self._client.username, self._http.tokens[0])
        account = f"{self._client.api.base_url}/2010-04-01/Accounts/{self._client.account_sid}"
        with translated():
            return await self._http.download(
                f"{account}/Recordings/{quote(recording_sid, safe='')}.wav", auth, largest
            )


async def _if_not_too_late(update: Any) -> bool:
    try:
        with translated():
            await update
    except Refused as error:
        if error.code in TOO_LATE:
            return False
        raise
    return True
