"""Many people at once: those who report and do not give up, and responders who take whatever they are called for."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from aiohttp import ClientError, ClientSession, ClientTimeout

from infra.clock import stopwatch
from infra.emulators.demo.reporters import Sent, presses
from infra.emulators.demo.responders import LINK, PATIENCE, Responder, base_of, is_call
from infra.emulators.twilio.phones import CouldNotDo, NothingHappened
from tests.acceptance.world import World

RETRY_SECONDS = 0.3
GIVES_UP_AFTER = 60.0
ATTEMPT = ClientTimeout(total=5)
FAILED = (ClientError, TimeoutError, ConnectionError, AssertionError)
Received = TypeVar("Received")
ALIAS = re.compile(r"\b[A-Z]{2}\d{3}\b")
SPELLED = re.compile(r"[A-Z] [A-Z] \d \d \d")
TAKEN = re.compile("You have taken|您已接手")
HEARS_BACK_WITHIN = 4.0
TEXTS_AFTER = 8.0
"""Seconds after which somebody who takes by key turns to the texts whose calls they missed."""
DANGER = {True: ("yes", "1"), False: ("no", "2")}


@dataclass
class Crowd:
    """What was sent on each channel, by what the sender holds of it: digits, report ids, the provider's ids."""

    world: World
    session: ClientSession
    codes: list[str] = field(default_factory=list)
    reports: list[UUID] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    dropped: int = 0
    retries: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many contacts each channel had."""
        return {
            "web": len(self.codes), "api": len(self.reports), "sms": len(self.texts), "voice": len(self.calls),
        }  # fmt: skip

    async def arrives(self, many: int, every: float) -> None:
        """Let so many contacts begin, one every so many seconds, channels in turn, half of them with danger now."""
        began, ways = stopwatch(), (self._form, self._api, self._text, self._call)
        async with asyncio.TaskGroup() as group:
            for number in range(many):
                await asyncio.sleep(max(0.0, began + number * every - stopwatch()))
                group.create_task(ways[number % len(ways)](number, (number // len(ways)) % 2 == 0))

    async def probe(self, name: str) -> UUID:
        """A report of its own, with danger now, sent until it is received."""
        return await self._until_received(lambda: self._post(f"probe-{name}", True))

    async def _form(self, number: int, is_danger: bool) -> None:
        """A browser that sends the same form again, with its one-time id, until it sees the digits."""
        form_id = await self._until_received(lambda: self.world.browser.form("en"))
        fields = {"danger_now": DANGER[is_danger][0], "what": f"What was seen at number {number}."}

        async def send() -> str:
            sent: Sent = await self.world.browser.send("en", form_id, fields)
            assert sent.code is not None, sent.status
            return sent.code

        self.codes.append(await self._until_received(send))

    async def _api(self, number: int, is_danger: bool) -> None:
        self.reports.append(await self._until_received(lambda: self._post(f"crowd-{number}", is_danger)))

    async def _post(self, key: str, is_danger: bool) -> UUID:
        body = {"narrative": f"What {key} saw.", "answers": {"danger_now": DANGER[is_danger][0]}}
        url, headers = f"{self.world.ingest_url}/v1/reports", {"Idempotency-Key": key}
        async with self.session.post(url, json=body, headers=headers, timeout=ATTEMPT) as answer:
            assert answer.status in (200, 201), answer.status
            return UUID((await answer.json())["report_id"])

    async def _text(self, number: int, is_danger: bool) -> None:
        """A text reaches the provider once; whether we hear of it then is between us and the provider."""
        phone = self.world.stranger()
        words = "隔壁男的正在打孩子，孩子喊救命" if is_danger else f"{number}号的孩子好像没人管"
        self.texts.append(await phone.text(words, to=self.world.intake_number))

    async def _call(self, number: int, is_danger: bool) -> None:
        """A call that every second time ends after one answer; one that is cut off is not repeated."""
        call = await self.world.stranger("GB").calls(self.world.intake_number)
        self.calls.append(call.sid)
        try:
            await presses(call, "2")
            await presses(call, DANGER[is_danger][1])
            await call.hears("after the tone", within=PATIENCE)
            if number % 8 == 3:
                await call.speak(f"What was heard at number {number}", within=PATIENCE)
                await call.press("#", within=PATIENCE)
            await call.hang_up()
        except (CouldNotDo, NothingHappened, TimeoutError):
            self.dropped += 1
            with suppress(CouldNotDo):
                await call.hang_up()

    async def _until_received(self, attempt: Callable[[], Awaitable[Received]]) -> Received:
        """What an attempt gives, made again as long as a person would."""
        async with asyncio.timeout(GIVES_UP_AFTER):
            while True:
                with suppress(*FAILED):
                    return await attempt()
                self.retries += 1
                await asyncio.sleep(RETRY_SECONDS)


@dataclass
class Takers:
    """Responders who take whatever they are called for: by text, and every second one by key."""

    world: World
    responders: list[Responder]
    taken: Counter[str] = field(default_factory=Counter)
    pressed: set[str] = field(default_factory=set)

    async def work(self) -> None:
        """Take cases until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number, who in enumerate(self.responders):
                group.create_task(self._by_text(who, group, TEXTS_AFTER if number % 2 else 0.0))
                if number % 2:
                    group.create_task(self._by_key(self.world.responder(who.name)))

    async def _by_text(self, who: Responder, group: asyncio.TaskGroup, after: float) -> None:
        while True:
            with suppress(NothingHappened):
                text = await who.phone.receives(within=30)
                if is_call(text):
                    group.create_task(self._replies(who, text, after))

    async def _replies(self, who: Responder, text: str, after: float) -> None:
        """Answer what no key has answered by then; somebody who hears nothing back writes again."""
        alias = ALIAS.findall(text)[-1]
        await asyncio.sleep(after)
        for _ in range(0 if alias in self.pressed else 4):
            await who.phone.text(f"{base_of(text)}1", to=who.alert_number)
            with suppress(NothingHappened):
                await self._hears_back(who, alias)
                self.taken["sms"] += 1
                return

    async def _hears_back(self, who: Responder, alias: str) -> None:
        phone = self.world.phones.phone(who.number)
        while is_call(text := await phone.receives(alias, HEARS_BACK_WITHIN)) or LINK.search(text):
            pass

    async def _by_key(self, who: Responder) -> None:
        while True:
            with suppress(NothingHappened, CouldNotDo, IndexError, TimeoutError):
                call = await who.phone.rings(within=30)
                await call.pick_up()
                said = await call.hears("请按" if who.language == "zh" else "press", within=3)
                if TAKEN.search(await who.presses(call)):
                    self.pressed.update(alias.replace(" ", "") for alias in SPELLED.findall(said))
                    self.taken["key"] += 1
