"""The line of one call: what people and the API do to it, in the order in which they do it."""

import asyncio
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class PickUp:
    """The person answers."""

    by: Literal["human", "machine_start"] = "human"


@dataclass(frozen=True)
class Key:
    """One key of the telephone: 0 to 9, * or #."""

    key: str


@dataclass(frozen=True)
class Speech:
    """Words spoken into the phone."""

    words: str


@dataclass(frozen=True)
class Silence:
    """The person says nothing for as long as is being waited for; it need not be sat through."""


@dataclass(frozen=True)
class End:
    """The call is over."""


@dataclass(frozen=True)
class Steer:
    """The API sends the call to another document."""

    url: str | None
    method: str = "POST"
    twiml: str | None = None


@dataclass(frozen=True)
class Other:
    """What happened on the line this one is joined to by Dial."""

    signal: "Signal"


Signal = PickUp | Key | Speech | Silence | End | Steer | Other
Input = Key | Speech | Silence
Listening = Literal["keys", "speech", "both", "recording", "joined"]


class HungUp(Exception):
    """The call ended while something was still being done on it."""


class Steered(Exception):
    """The API sent the call to another document while something was still being done on it."""

    def __init__(self, to: Steer) -> None:
        super().__init__("steered")
        self.to = to


class Line:
    """A queue of signals with an end: after it, whoever takes from the line learns that it is over."""

    def __init__(self) -> None:
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self.listening: Listening | None = None
        self.is_open = True

    def put(self, signal: Signal) -> None:
        """Hand in a signal; nothing is taken after the end."""
        if self.is_open:
            self._signals.put_nowait(signal)
        if isinstance(signal, End):
            self.is_open = False

    def listen(self, to: Listening | None) -> None:
        """Begin to listen, forgetting keys and words from before; or stop, with None."""
        self.listening = to
        kept = [signal for signal in self._drained() if not isinstance(signal, Key | Speech | Silence)]
        for signal in kept:
            self._signals.put_nowait(signal)

    def _drained(self) -> list[Signal]:
        return [self._signals.get_nowait() for _ in range(self._signals.qsize())]

    async def take(self, within: float) -> Signal | None:
        """The next signal of any kind, or None after `within` seconds."""
        if not self._signals.empty():
            return self._signals.get_nowait()
        if not self.is_open:
            return End()
        try:
            return await asyncio.wait_for(self._signals.get(), within)
        except TimeoutError:
            return None

    async def hear(self, within: float) -> Input | None:
        """The next key, words or silence; None after `within` seconds. Raises HungUp and Steered."""
        signal = await self.take(within)
        match signal:
            case End():
                raise HungUp
            case Steer():
                raise Steered(signal)
            case PickUp() | Other():
                return None
            case _:
                return signal

    async def until(self, awaited: tuple[type[Signal], ...], within: float) -> Signal | None:
        """The next signal of certain kinds, others being dropped; None after `within` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while (signal := await self.take(max(0.0, deadline - loop.time()))) is not None:
            if isinstance(signal, awaited):
                return signal
        return None

    async def rest(self, seconds: float) -> None:
        """Let time pass while nothing is listened for. Raises HungUp and Steered."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not isinstance(await self.hear(remaining := max(0.0, deadline - loop.time())), Silence):
            if remaining <= 0:
                return
