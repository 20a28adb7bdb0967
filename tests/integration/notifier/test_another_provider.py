"""Another implementation of the provider's documented API: it answers with what the documentation shows, and no more.

Messages: https://www.twilio.com/docs/messaging/api/message-resource, calls:
https://www.twilio.com/docs/voice/api/call-resource, signatures: https://www.twilio.com/docs/usage/security.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest_asyncio
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from infra.emulators.twilio.server import listen
from infra.ids import new_id
from infra.twilio.client import TwilioClient
from notifier.channels import Addresses, channels
from schemas.terms import Level
from tests.integration.notifier.conftest import ACCOUNT, ALERT_NUMBER, Night, serving

ANSWER = 2.0


@dataclass
class OtherProvider:
    """Texts are delivered at once; calls ring until they are completed from here or from there."""

    token: str = ACCOUNT.auth_token
    messages: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: dict[str, dict[str, str]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def app(self) -> Starlette:
        account = f"/2010-04-01/Accounts/{ACCOUNT.sid}"
        return Starlette(
            routes=[
                Route(f"{account}/Messages.json", self.create_message, methods=["POST"]),
                Route(f"{account}/Calls.json", self.create_call, methods=["POST"]),
                Route(f"{account}/Calls/{{sid}}.json", self.update_call, methods=["POST"]),
            ]
        )

    async def create_message(self, request: Request) -> Response:
        sid, given = f"SM{new_id().hex}", dict(await request.form())
        self.messages[sid] = {key: str(value) for key, value in given.items()}
        self.changed.set()
        return JSONResponse(_shown(sid, given, "queued") | {"body": given["Body"], "num_segments": "1"}, 201)

    async def create_call(self, request: Request) -> Response:
        sid, given = f"CA{new_id().hex}", dict(await request.form())
        self.calls[sid] = {key: str(value) for key, value in given.items()}
        self.changed.set()
        return JSONResponse(_shown(sid, given, "queued") | {"duration": None}, 201)

    async def update_call(self, request: Request) -> Response:
        sid, given = request.path_params["sid"], dict(await request.form())
        self.calls[sid]["ended"] = str(given["Status"])
        self.changed.set()
        return JSONResponse(_shown(sid, self.calls[sid], "completed") | {"duration": "0"})

    async def one(self, kind: str, **wanted: str) -> str:
        """The id of the first message or call with these parameters, once there is one."""
        of = self.messages if kind == "SM" else self.calls
        async with asyncio.timeout(5):
            while True:
                self.changed.clear()
                for sid, given in of.items():
                    if wanted.items() <= given.items():
                        return sid
                await self.changed.wait()

    async def tells(self, url: str, params: Mapping[str, str]) -> httpx.Response:
        """A signed request to the application."""
        signed = {"X-Twilio-Signature": RequestValidator(self.token).compute_signature(url, params)}
        async with httpx.AsyncClient(timeout=ANSWER) as http:
            return await http.post(url, data=dict(params), headers=signed)


def _shown(sid: str, given: Mapping[str, Any], status: str) -> dict[str, Any]:
    return {
        "sid": sid,
        "account_sid": ACCOUNT.sid,
        "to": given["To"],
        "from": given["From"],
        "status": status,
        "direction": "outbound-api",
        "date_created": "Thu, 26 Nov 2026 12:00:00 +0000",
        "error_code": None,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT.sid}/{sid}.json",
    }


@pytest_asyncio.fixture
async def other(night: Night) -> AsyncIterator[OtherProvider]:
    """It instead of the emulator, by the one setting that says where the provider is."""
    await night.stop_workers()
    provider, bound = OtherProvider(), listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    settings = night.settings.model_copy(
        update={"twilio_api_url": url, "twilio_auth_token": SecretStr(provider.token)}
    )
    client = TwilioClient(settings, timeout=timedelta(seconds=1))
    night.counter = replace(
        night.counter, channels=channels(client, Addresses(ALERT_NUMBER, night.settings.notifier_url or ""))
    )
    async with serving(provider.app, bound):
        night.start()
        yield provider
        await night.stop_workers()
        await client.close()


async def test_a_case_is_called_and_taken_through_another_provider(night: Night, other: OtherProvider) -> None:
    li, wang = await night.person("Li", Level.FIRST, language="en"), await night.person("Wang", Level.BACKUP)
    case = await night.hears(night.case(night.assignment()))
    number = night.numbers[li]
    text, call = await other.one("SM", To=number), await other.one("CA", To=number)
    assert "KD472" in other.messages[text]["Body"]

    told = await other.tells(other.messages[text]["StatusCallback"], _status("Message", text, "delivered"))
    assert told.status_code == 204
    await other.tells(other.calls[call]["StatusCallback"], _status("Call", call, "ringing"))
    states = "select array_agg(state order by channel) = array['delivered', 'ringing'] from notifier.alerts"
    assert await night.until(f"{states} where person_id = $1 and kind = 'alert'", li)

    await night.after(minutes=2, seconds=1)
    await other.one("SM", To=night.numbers[wang])
    answer = await other.tells(
        f"{night.settings.notifier_url}/twilio/sms",
        {"MessageSid": "SM" + "1" * 32, "From": number, "To": ALERT_NUMBER, "Body": "31"},
    )
    assert "You have taken KD472" in answer.text
    await night.until("select status = 'acknowledged' from notifier.escalations where subject_id = $1", case)
    await other.one("CA", To=number, ended="completed")
    assert (await other.tells(other.calls[call]["Url"], _status("Call", call, "in-progress"))).status_code == 200


def _status(kind: str, sid: str, status: str) -> dict[str, str]:
    return {f"{kind}Sid": sid, f"{kind}Status": status, "AccountSid": ACCOUNT.sid}
