"""The sweep of the alert number and of the pool: every text and call the provider has and we do not, by its id.

A responder's answer whose webhook was lost takes the case all the same. What is no responder's is marked so, as is a
call of a responder who has nothing open, and the intake's own sweep then takes it. It answers nobody: the phones of
the others fall silent, and that is told by itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from infra.clock import Clock
from infra.postgres import INFRASTRUCTURE_ERRORS, Database
from infra.twilio.client import InboundCall, InboundMessage
from infra.twilio.errors import ProviderError
from notifier.handlers.texting import Text, Texting
from notifier.store import alerts, answers, people, sweeps

EVERY = timedelta(minutes=1)
OVERLAP = timedelta(minutes=30)
FIRST_LOOK_BACK = timedelta(days=1)
IN_FLIGHT = timedelta(seconds=20)
"""Longer than a provider waits for a webhook (15 s): until then the webhook itself may still be under way."""
AWAY: tuple[type[Exception], ...] = (ProviderError, *INFRASTRUCTURE_ERRORS)

Contact = TypeVar("Contact", InboundMessage, InboundCall)

_log = structlog.get_logger()


class Provider(Protocol):
    """What the sweep asks of the provider."""

    async def inbound_messages(self, to: str, since: datetime) -> list[InboundMessage]:
        """Texts to a number of ours since an instant."""

    async def inbound_calls(self, to: str, since: datetime) -> list[InboundCall]:
        """Calls to a number of ours since an instant."""


@dataclass
class Sweep:
    """Sweeps at start and every minute, and says so while it cannot.

    A text or call that cannot be taken keeps no other from being taken. The sweep is then not complete: it is tried
    again every minute, and told, until it is taken.
    """

    db: Database
    clock: Clock
    provider: Provider
    texting: Texting
    numbers: tuple[str, ...]
    trouble: str | None = None

    async def run(self) -> None:
        """Sweep until cancelled. A provider or database that is away is tried again at the next turn."""
        while True:
            began = self.clock.now()
            try:
                await self.once()
            except AWAY as error:
                self.trouble = "the provider's lists of the alert number could not be swept"
                _log.warning("sweep_failed", error=type(error).__name__)
            await self.clock.sleep_until(began + EVERY)

    async def check(self) -> str | None:
        """The trouble of the last sweep."""
        return self.trouble

    async def once(self) -> int:
        """Take what was missed; returns how many texts and calls that were."""
        now = self.clock.now()
        async with self.db.transaction() as tx:
            last = await sweeps.swept_at(tx)
        # The provider's instants know nothing of a clock that a test has moved.
        since = (last - OVERLAP if last else now - FIRST_LOOK_BACK) - self.clock.offset
        over = now - IN_FLIGHT
        texts = [each for number in self.numbers for each in await self.provider.inbound_messages(number, since)]
        calls = [each for number in self.numbers for each in await self.provider.inbound_calls(number, since)]
        left: list[str] = []
        taken = await self._take([each for each in texts if each.sent_at <= over], self._text, left)
        taken += await self._take([each for each in calls if each.started_at <= over], self._call, left)
        self.trouble = f"{len(left)} of the texts and calls to our numbers could not be taken" if left else None
        if not left:
            async with self.db.transaction() as tx:
                await sweeps.set_swept_at(tx, now)
        if taken:
            _log.info("sweep_took", contacts=taken)
        return taken

    async def _take(self, listed: list[Contact], take: Callable[[Contact], Awaitable[None]], left: list[str]) -> int:
        """Take what did not reach us; what cannot be taken is added to `left`."""
        async with self.db.transaction() as tx:
            known = await sweeps.known(tx, [each.sid for each in listed])
        taken = 0
        for each in reversed(listed):
            if each.sid in known:
                continue
            try:
                await take(each)
            except AWAY:
                raise
            except Exception:  # noqa: BLE001 - one that cannot be taken must not hold up an answer behind it
                _log.exception("sweep_left", provider_sid=each.sid)
                left.append(each.sid)
            else:
                taken += 1
        return taken

    async def _text(self, message: InboundMessage) -> None:
        text = Text(message.sid, message.from_, message.body)
        async with self.db.transaction() as tx:
            await self.texting.on_text(tx, text, self.clock.now())

    async def _call(self, call: InboundCall) -> None:
        """Whose call it is, by the rule of the webhook: a responder who has nothing open reports as others do."""
        now = self.clock.now()
        async with self.db.transaction() as tx:
            known = await people.by_phone(tx, self.texting.phrases.vault.tokens("phone", call.from_))
            is_open = await alerts.open_call_of(tx, known, now) is not None
            await answers.add_inbound(tx, call.sid, is_open, now)
