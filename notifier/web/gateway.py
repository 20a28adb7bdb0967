"""A gateway's requests: what became of a text, and what a person texted back. docs/gateways.md describes them.

Signed with one of our secrets within five minutes; a repeated one changes nothing and gets the first answer again.
"""

from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.webhook import SIGNATURE, TIMESTAMP, is_signed
from notifier.domain.progress import state_of
from notifier.handlers.statuses import Statuses
from notifier.handlers.texting import Text, Texting
from notifier.store.alerts import Status
from notifier.web.front import MOST_BYTES, Front
from schemas.terms import AlertChannel


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")


class StatusTold(_Told):
    """What became of a text: `alert_id` is ours, `id` the gateway's; `status` as in docs/gateways.md."""

    alert_id: UUID
    id: str = Field(min_length=1, max_length=100)
    status: str
    code: str | None = Field(None, max_length=20)


class AnswerTold(_Told):
    """A text of a person, in E.164 `from`, with an id of the gateway's that no other text has."""

    id: str = Field(min_length=1, max_length=100)
    from_: str = Field(alias="from", pattern=r"^\+[1-9]\d{6,14}$")
    text: str = Field(max_length=2000)


Model = TypeVar("Model", bound=_Told)


class GatewayDoor:
    """The two addresses that a gateway tells things to. Without a secret both are closed."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._texting = Texting(front.phrases, front.wake)
        self._statuses = Statuses(front.db.pool, front.clock)

    async def status(self, request: Request) -> Response:
        """Keep a status. Late, doubled and unknown ones change nothing."""
        told = await self._signed(request, StatusTold)
        state = state_of(AlertChannel.WEBHOOK, told.status)
        if state is None:
            raise HTTPException(422, "status is none of those in docs/gateways.md")
        status = Status(told.alert_id, told.id, state, told.code)
        self._front.heed(await self._statuses.apply(status))
        return Response(status_code=204)

    async def answer(self, request: Request) -> Response:
        """Answer a responder; of anybody else it says that the text is the intake's."""
        told = await self._signed(request, AnswerTold)
        received = Text(f"gateway:{told.id}", told.from_, told.text, is_through_gateway=True)
        async with self._front.db.transaction() as tx:
            reply = await self._texting.on_text(tx, received, self._front.clock.now())
        return JSONResponse({"is_responder": reply is not None, "reply": reply or None})

    async def _signed(self, request: Request, model: type[Model]) -> Model:
        """A body that the gateway signed; 403 otherwise, 413 when it is too long, 422 when it is not understood."""
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            raise HTTPException(413 if length.isdigit() else 411)
        body = await request.body()
        at, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
        # The gateway's clock knows nothing of a clock that a test has moved.
        now = self._front.clock.now() - self._front.clock.offset
        if not is_signed(self._front.settings.gateway_keys, at, body, signature, now):
            raise HTTPException(403, "not signed")
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            raise HTTPException(422, f"{error.errors()[0]['loc']}: {error.errors()[0]['msg']}") from None
