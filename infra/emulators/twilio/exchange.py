"""The provider as a whole: what it remembers, how fast it works, and who is waiting for news."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from infra.emulators.twilio import instants
from infra.emulators.twilio.bells import Bell
from infra.emulators.twilio.faults import Faults
from infra.emulators.twilio.records import Account, Call, Message, Number, Recording, draw_sid
from infra.emulators.twilio.webhooks import Webhooks

API_LOG_LENGTH = 100_000


@dataclass(frozen=True)
class Pace:
    """How fast the provider works, in seconds."""

    step: float = 0.02  # between two statuses of a message or call
    speech: float = 0.0  # for each character that is spoken; 0.06 is natural
    silence: float = 1.0  # for each second of a pause
    webhook_timeout: float = 15.0


@dataclass(frozen=True)
class Setup:
    """What the emulator is started with."""

    account: Account
    base_url: str
    page_note: str = ""
    pace: Pace = Pace()


@dataclass
class ApiRequest:
    """A request that the application made to the HTTP API, with the instants it came and was answered."""

    method: str
    path: str
    params: dict[str, str]
    received_at: str
    received_ns: int
    answered_ns: int | None = None
    status: int | None = None
    sid: str | None = None


@dataclass
class Exchange:
    """Everything the provider knows. Each part of the emulator is a set of functions over it."""

    setup: Setup
    numbers: dict[str, Number] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    requests: deque[ApiRequest] = field(default_factory=lambda: deque(maxlen=API_LOG_LENGTH))

    def __post_init__(self) -> None:
        self.news = Bell()
        self.hurry = Bell()
        self.bells: defaultdict[str, Bell] = defaultdict(Bell)
        self.version = 0
        self._tasks: set[asyncio.Task[None]] = set()
        pace = self.setup.pace
        self.webhooks = Webhooks(self.setup.account.auth_token, pace.webhook_timeout, self._tell)

    def own(self, phone_number: str, number: Number | None = None) -> Number:
        """Add a number to the account."""
        number = number or Number(draw_sid("PN"), phone_number, instants.now())
        self.numbers[phone_number] = number
        return number

    def changed(self, phone: str) -> None:
        """Wake those who wait for something on a phone, and the page."""
        self.names.setdefault(phone, "")
        self.bells[phone].ring()
        self._tell()

    def _tell(self) -> None:
        self.version += 1
        self.news.ring()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on by itself; if it breaks, the loop's exception handler says so."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "part of the emulator broke", "exception": error, "task": task}
            asyncio.get_running_loop().call_exception_handler(context)

    async def stop_tasks(self) -> None:
        """Stop everything that goes on by itself."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def reset(self) -> None:
        """Forget everything but the account, its numbers and people's names."""
        await self.stop_tasks()
        for call in self.calls.values():
            call.line.is_open = False
        for kept in (self.messages, self.calls, self.recordings, self.opted_out):
            kept.clear()
        self.faults.standing.clear()
        self.requests.clear()
        self.webhooks.log.clear()
        self.hurry.ring()
        self._tell()

    def end_waits(self) -> None:
        """Let nobody wait any longer, so that open requests come to their end."""
        self.news.close()
        self.hurry.close()
        for bell in self.bells.values():
            bell.close()

    async def close(self) -> None:
        """End every wait, every task and every connection."""
        self.end_waits()
        await self.stop_tasks()
        await self.webhooks.close()
