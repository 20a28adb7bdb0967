"""People who are called: what each one's phone shows, and what they do about it."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout

from infra.emulators.demo.reporters import presses
from infra.emulators.demo.timeline import Timeline
from infra.emulators.twilio.phones import CouldNotDo, NothingHappened, Phone, PhoneCall, Phones

PAIR = re.compile(r"(?<![\d:])(\d{1,3})1\D+\1(?=2(?!\d))")
KEYS = re.compile(r"(?:press|请按)\s*(\d)")
LINK = re.compile(r"https?://\S+/a/\w+")
OTHER_PURPOSES = (
    *("an unread report", "emergency service called", "nobody is at the desk", "a responder needs help"),
    *("有报告未读", "是否已呼叫急救", "值班台无人", "处置人员求助"),
)
CALLS = ("I take it", "我来接手")
TOLD = re.compile("You are not called for it any more|不再呼叫您")
HELP = re.compile("whole number|完整的数字")
PATIENCE = 15.0
LOOK_AGAIN_SECONDS = 0.05
OTHER_CALLS = 8


@dataclass(frozen=True)
class Responder:
    """Somebody who can be called, with their phone."""

    name: str
    number: str
    language: str
    pin: str
    alert_number: str
    phone: Phone

    async def is_texted(self, alias: str, within: float = PATIENCE) -> str:
        """The text that asks to take a case; `within` may be longer than the emulator waits at once."""
        async with asyncio.timeout(within):
            while True:
                with suppress(NothingHappened):
                    text = await self.phone.receives(containing=alias, within=within)
                    if is_call(text) and not any(words in text for words in OTHER_PURPOSES):
                        return text

    async def replies(self, text: str, digit: str) -> str:
        """Answer an alert with a digit of its own pair (1 take, 2 cannot, 3 begun … 8 left); what comes back."""
        return await self.texts(base_of(text) + digit)

    async def texts(self, body: str) -> str:
        """Write to the number that calls; the answer to it, texts that call, link or tell of others left aside."""
        before = len(await self.phone.texts())
        await self.phone.text(body, to=self.alert_number)
        async with asyncio.timeout(PATIENCE):
            while True:
                for text in (await self.phone.texts())[before:]:
                    if not (is_call(text) or LINK.search(text) or TOLD.search(text)):
                        return text
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def answers(self, alias: str, within: float = PATIENCE) -> PhoneCall:
        """Pick up the call for a case; calls for other cases are turned away."""
        for _ in range(OTHER_CALLS):
            call = await self.phone.rings(within=within)
            with suppress(CouldNotDo, NothingHappened):
                await call.pick_up()
                if " ".join(alias) in await call.hears("请按" if self.language == "zh" else "press", within=within):
                    return call
                await call.hang_up()
        raise AssertionError(f"{self.name} was called for other cases only, not for {alias}")

    async def presses(self, call: PhoneCall, wanted: int = 0) -> str:
        """Press the key that was spoken (0 takes, 1 cannot), hear what is said to it, and hang up."""
        said = await presses(call, await _key(call, wanted))
        with suppress(CouldNotDo):
            await call.hang_up()
        return said

    async def link(self, alias: str, within: float = PATIENCE) -> str:
        """The address of the page for a case, in whichever text it came."""
        async with asyncio.timeout(within):
            while True:
                found = [LINK.search(text) for text in await self.phone.texts() if alias in text]
                if links := [match[0] for match in found if match]:
                    return links[-1]
                await asyncio.sleep(LOOK_AGAIN_SECONDS)


def is_call(text: str) -> bool:
    """Whether a text calls somebody, rather than answering them."""
    return PAIR.search(text) is not None and any(words in text for words in CALLS) and HELP.search(text) is None


def base_of(text: str) -> str:
    """The first part of the reply pair in an alert.

    >>> base_of("NOW KD482 by 18:41. 41 I take it, 42 I cannot.")
    '4'
    >>> base_of("特急 KD482，18:51前。回521我来接手，回522我无法接手")
    '52'
    """
    found = PAIR.findall(text)
    if not found:
        raise AssertionError(f"there is no reply pair in {text!r}")
    return str(found[-1])


def read_responders(file: Path, phones: Phones, alert_number: str) -> list[Responder]:
    """The responders of a state folder, each with a phone of its own."""
    rows = json.loads(file.read_text("utf-8"))
    return [
        Responder(
            row["name"], row["number"], row["language"], row["pin"] or "", alert_number, phones.phone(row["number"])
        )
        for row in rows
    ]


Deed = Callable[[Responder, str, str, Timeline], Awaitable[None]]
"""What a responder does about the text that calls for a case: responder, alias, text, timeline."""


async def stays_silent(who: Responder, _alias: str, _text: str, timeline: Timeline) -> None:
    """The phone rings, and nobody picks it up."""
    await who.phone.rings(within=PATIENCE)
    timeline.step(who.name, "the phone rings; nobody picks it up")


async def declines(who: Responder, _alias: str, text: str, timeline: Timeline) -> None:
    """Cannot, by text."""
    timeline.step(who.name, f"texts: {base_of(text)}2")
    timeline.step("hotline", f"texts: {await who.replies(text, '2')}")


async def takes_by_text(who: Responder, _alias: str, text: str, timeline: Timeline) -> None:
    """Takes the case by text."""
    timeline.step(who.name, f"texts: {base_of(text)}1")
    timeline.step("hotline", f"texts: {await who.replies(text, '1')}")


async def takes_by_key(who: Responder, alias: str, _text: str, timeline: Timeline) -> None:
    """Picks up and presses the key that takes the case."""
    call = await who.answers(alias)
    timeline.step(who.name, "picks up, hears the case and the keys, and presses the one that takes it")
    timeline.step("hotline", f"says: {await who.presses(call)}")


async def takes_on_page(who: Responder, alias: str, _text: str, timeline: Timeline) -> None:
    """Opens the link, sees the facts behind the PIN, and presses the button."""
    url = await who.link(alias)
    timeline.step(who.name, "opens the link of the second text, which takes nothing by itself")
    async with ClientSession(timeout=ClientTimeout(total=PATIENCE)) as browser:
        async with browser.get(url) as opened:
            opened.raise_for_status()
        async with browser.post(url, data={"act": "pin", "pin": who.pin}) as shown:
            shown.raise_for_status()
        timeline.step(who.name, "enters the PIN and reads the facts")
        async with browser.post(url, data={"act": "take"}) as taken:
            taken.raise_for_status()
    timeline.step(who.name, "presses “I take it” on the page")


class Crew:
    """Everybody who can be called, looking at their phones at once."""

    def __init__(self, responders: Sequence[Responder]) -> None:
        self.responders = responders

    async def work(self, alias: str, deeds: Sequence[Deed], timeline: Timeline, within: float) -> None:
        """Let the first who is called for a case do the first deed, the next the second, and so on."""
        called: asyncio.Queue[tuple[Responder, str]] = asyncio.Queue()
        watching = [asyncio.create_task(_watch(who, alias, called, within)) for who in self.responders]
        try:
            for deed in deeds:
                async with asyncio.timeout(within):
                    who, text = await called.get()
                timeline.step(who.name, f"is texted: {text}")
                await deed(who, alias, text, timeline)
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)


async def _watch(who: Responder, alias: str, called: asyncio.Queue[tuple[Responder, str]], within: float) -> None:
    await called.put((who, await who.is_texted(alias, within)))


async def _key(call: PhoneCall, wanted: int) -> str:
    """The key that was drawn for an act, once it was said. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while True:
            spoken: list[str] = KEYS.findall(await call.hears())
            if len(spoken) > wanted:
                return spoken[wanted]
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
