"""Status callbacks of one message or call: in order, unless a fault says otherwise."""

import asyncio

from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.faults import Channel, Kind
from infra.emulators.twilio.records import Hook


class Callbacks:
    """Sends them one after the other without holding up the message or call they are about."""

    def __init__(self, exchange: Exchange, phone: str, channel: Channel) -> None:
        self._exchange = exchange
        self._waiting: list[tuple[Hook, dict[str, str]]] = []
        self._turn = asyncio.Lock()
        take = exchange.faults.take
        self._is_lost = take(Kind.CALLBACKS_LOST, phone, channel) is not None
        self._is_reversed = take(Kind.CALLBACKS_REVERSED, phone, channel) is not None
        self._times = 2 if take(Kind.CALLBACKS_TWICE, phone, channel) else 1
        late = take(Kind.CALLBACKS_LATE, phone, channel)
        self._late = late.seconds if late else 0.0

    def push(self, hook: Hook | None, params: dict[str, str], is_last: bool = False) -> None:
        """Send a callback, or keep it until the last one where they are to come out of order."""
        if hook is not None and not self._is_lost:
            self._waiting.append((hook, params))
        if self._waiting and (is_last or not self._is_reversed):
            batch, self._waiting = self._waiting, []
            self._exchange.spawn(self._send(batch[::-1] if self._is_reversed else batch))

    async def _send(self, batch: list[tuple[Hook, dict[str, str]]]) -> None:
        await asyncio.sleep(self._late)
        async with self._turn:
            for hook, params in batch:
                for _ in range(self._times):
                    await self._exchange.webhooks.tell(hook, params, "status callback")
