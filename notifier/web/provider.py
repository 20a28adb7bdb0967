"""Texts to the alert number, and statuses of what we sent."""

from html import escape

from starlette.requests import Request
from starlette.responses import Response

from notifier.domain.progress import state_of
from notifier.handlers.statuses import Statuses
from notifier.handlers.texting import Text, Texting
from notifier.store.alerts import Status
from notifier.web.front import Front, redirect, text, twiml
from schemas.terms import AlertChannel


class Webhooks:
    """The provider's requests about texts, and about the progress of texts and calls."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._texting = Texting(front.phrases, front.wake)
        self._statuses = Statuses(front.db.pool, front.clock)

    async def status(self, request: Request) -> Response:
        """Keep a status. Late, doubled and unknown ones change nothing."""
        form = await self._front.signed_form(request)
        is_call = "CallStatus" in form
        channel = AlertChannel.VOICE if is_call else AlertChannel.SMS
        state = state_of(channel, text(form, "CallStatus" if is_call else "MessageStatus"))
        if state is not None:
            sid = text(form, "CallSid" if is_call else "MessageSid")
            status = Status(request.path_params["alert"], sid, state, text(form, "ErrorCode") or None)
            self._front.heed(await self._statuses.apply(status))
        return Response(status_code=204)

    async def sms(self, request: Request) -> Response:
        """Answer a responder; hand what is no responder's to the intake."""
        form = await self._front.signed_form(request)
        received = Text(text(form, "MessageSid"), text(form, "From"), text(form, "Body"))
        async with self._front.db.transaction() as tx:
            reply = await self._texting.on_text(tx, received, self._front.clock.now())
        if reply is None:
            return twiml(redirect(self._front.intake("/twilio/sms")))
        return twiml(f"<Message>{escape(reply)}</Message>") if reply else twiml()
