"""The gateway: one address that the hotline asks, and two of the hotline that it tells things to.

Where this one keeps a text in memory, a real one hands it to its carrier under an approved signature and template.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.ids import new_token
from infra.webhook import SIGNATURE, TIMESTAMP, is_signed, sign

Now = Callable[[], datetime]


@dataclass
class Kept:
    """A text that the hotline asked for."""

    id: str
    alert_id: str
    to: str
    text: str
    statuses_url: str
    answers_url: str
    status: str = "queued"


@dataclass
class Fault:
    """What goes wrong with the next `count` requests: an HTTP `status` with a `code`, or an answer `seconds` late."""

    status: int = 200
    code: str | None = None
    seconds: float = 0.0
    count: int = 1


@dataclass
class GatewayServer:
    """A gateway with its keys. `now` is its own clock."""

    secrets: list[str]
    now: Now
    texts: dict[str, Kept] = field(default_factory=dict)
    sends: int = 0
    fault: Fault | None = None

    def app(self) -> Starlette:
        """The one address."""
        return Starlette(routes=[Route("/", self._asked, methods=["POST"])])

    async def _asked(self, request: Request) -> Response:
        body = await request.body()
        at, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
        if not is_signed(self.secrets, at, body, signature, self.now()):
            return JSONResponse({"code": "not_signed"}, 403)
        act = json.loads(body)
        acts: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "send": self._send,
            "find": self._find,
            "stop": self._stop,
        }
        fault = self._strikes() if act["act"] == "send" else None
        if fault is not None and fault.status != 200:
            return JSONResponse({"code": fault.code} if fault.code else {}, fault.status)
        answer = JSONResponse(acts[act["act"]](act))
        if fault is not None:
            await asyncio.sleep(fault.seconds)
        return answer

    def _strikes(self) -> Fault | None:
        if self.fault is None or self.fault.count == 0:
            return None
        self.fault.count -= 1
        return self.fault

    def _send(self, act: dict[str, Any]) -> dict[str, Any]:
        """Take a text once for each alert: whoever asks again gets the first answer."""
        kept = self.texts.get(act["alert_id"])
        if kept is None:
            self.sends += 1
            kept = Kept(
                new_token(12), act["alert_id"], act["to"], act["text"], act["statuses_url"], act["answers_url"]
            )
            self.texts[kept.alert_id] = kept
        return {"id": kept.id, "status": kept.status}

    def _find(self, act: dict[str, Any]) -> dict[str, Any]:
        kept = self.texts.get(act["alert_id"])
        return {"id": kept.id, "status": kept.status} if kept else {"id": None}

    def _stop(self, act: dict[str, Any]) -> dict[str, Any]:
        """Take a text back while it is queued."""
        kept = next((one for one in self.texts.values() if one.id == act["id"]), None)
        is_queued = kept is not None and kept.status == "queued"
        if kept is not None and is_queued:
            kept.status = "canceled"
        return {"stopped": is_queued}

    # What the gateway tells

    async def tell_status(self, kept: Kept, status: str, code: str | None = None) -> int:
        """Tell what became of a text; the HTTP status of the answer. Anything but 2xx is to be told again."""
        kept.status = status
        told = {"alert_id": kept.alert_id, "id": kept.id, "status": status, "code": code}
        return (await self._tell(kept.statuses_url, told))[0]

    async def tell_answer(self, url: str, from_: str, text: str, text_id: str) -> dict[str, Any]:
        """Tell what a person texted; what to text back. Told again with the same id until it is answered."""
        status, answer = await self._tell(url, {"id": text_id, "from": from_, "text": text})
        if status != 200 or answer is None:
            raise ValueError(f"the hotline answered {status}: tell it again")
        return answer

    async def _tell(self, url: str, told: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        body, at = json.dumps(told, ensure_ascii=False).encode(), str(int(self.now().timestamp()))
        headers = {"Content-Type": "application/json", TIMESTAMP: at, SIGNATURE: sign(self.secrets[0], at, body)}
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.json() if answer.status == 200 else None
