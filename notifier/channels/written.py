"""Alerts in writing beside the provider of numbers: by mail, and as a text through a country's own gateway."""

from datetime import datetime
from typing import Any

from infra.clock import Clock
from infra.mail import Mail, Mailer
from infra.sending import Uncertain
from infra.webhook import Gateway
from notifier.channels.port import Outgoing, Taken
from notifier.domain.progress import state_of
from schemas.terms import AlertChannel


class EmailChannel:
    """Mail. Its server tells nothing of a mail it has taken: it counts as sent, never as delivered."""

    provider = "mail"

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    def sender(self, _outgoing: Outgoing) -> str:
        """The one server."""
        return "mail"

    async def send(self, outgoing: Outgoing) -> Taken:
        """Hand a mail to the server. One that is sent again has the same Message-ID."""
        mail = Mail(outgoing.to, outgoing.subject, outgoing.body, str(outgoing.alert_id))
        return Taken(await self._mailer.send(mail), "sent")

    async def find(self, _outgoing: Outgoing, _since: datetime) -> list[Taken]:
        """Nothing: a server cannot be asked what it has taken."""
        return []

    async def stop(self, _sid: str) -> None:
        """A mail cannot be taken back."""


class WebhookChannel:
    """Texts through a gateway (docs/gateways.md). The alert's id is the key: asked twice, it sends once."""

    provider = "gateway"

    def __init__(self, gateway: Gateway, clock: Clock, origin: str) -> None:
        self._gateway, self._clock = gateway, clock
        self._statuses, self._answers = f"{origin}/gateway/statuses", f"{origin}/gateway/answers"

    def sender(self, _outgoing: Outgoing) -> str:
        """The one gateway."""
        return "gateway"

    async def send(self, outgoing: Outgoing) -> Taken:
        """Ask for a text to be sent."""
        told = await self._ask(
            act="send",
            alert_id=str(outgoing.alert_id),
            to=outgoing.to,
            text=outgoing.body,
            valid_for=max(1, int(outgoing.valid_for.total_seconds())),
            statuses_url=self._statuses,
            answers_url=self._answers,
        )
        if (taken := _taken(told)) is None:
            raise Uncertain("the gateway answered without an id")
        return taken

    async def find(self, outgoing: Outgoing, _since: datetime) -> list[Taken]:
        """What the gateway has of an alert, by its id."""
        taken = _taken(await self._ask(act="find", alert_id=str(outgoing.alert_id)))
        return [taken] if taken else []

    async def stop(self, sid: str) -> None:
        """Take back a text that is still queued."""
        await self._ask(act="stop", id=sid)

    async def _ask(self, **act: Any) -> dict[str, Any]:
        # The gateway's clock knows nothing of a clock that a test has moved.
        return await self._gateway.ask(act, self._clock.now() - self._clock.offset)


def _taken(told: dict[str, Any]) -> Taken | None:
    sid = told.get("id")
    return Taken(str(sid), state_of(AlertChannel.WEBHOOK, str(told.get("status"))) or "queued") if sid else None
