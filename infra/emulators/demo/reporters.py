"""People who report: on the form without script, by text, by phone."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from aiohttp import ClientSession, ClientTimeout

from infra.emulators.demo.timeline import Timeline, without_notice
from infra.emulators.twilio.phones import Phone, PhoneCall

FORM_ID = re.compile(r'name="form_id" value="([^"]+)"')
CODE = re.compile(r'id="code">\s*([\d ]+?)\s*<')
SPOKEN_CODE = re.compile(r"(?:\d ){3}\d(?:, (?:\d ){3}\d){3}")
AREA = r'<option value="([^"]+)"[^>]*>[^<]*{}'
PATIENCE = 15.0
LOOK_AGAIN_SECONDS = 0.02


@dataclass(frozen=True)
class Sent:
    """What a form led to: the status, and the sixteen digits if it was received."""

    status: int
    code: str | None


class Browser:
    """A browser that runs no script. Close it, or use it as `async with`."""

    def __init__(self, ingest_url: str) -> None:
        self._url = ingest_url.rstrip("/")
        self._session = ClientSession(timeout=ClientTimeout(total=PATIENCE))

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def form(self, language: str) -> str:
        """Open the form; its one-time id."""
        async with self._session.get(f"{self._url}/{language}") as answer:
            answer.raise_for_status()
            found = FORM_ID.search(await answer.text())
        if found is None:
            raise AssertionError("the form has no one-time id")
        return found[1]

    async def area(self, name: str, language: str = "en") -> str:
        """The value of an area that can be chosen on the form."""
        async with self._session.get(f"{self._url}/{language}") as answer:
            found = re.search(AREA.format(re.escape(name)), await answer.text())
        if found is None:
            raise AssertionError(f"the form does not offer the area {name}")
        return unescape(found[1])

    async def send(self, language: str, form_id: str, fields: Mapping[str, str]) -> Sent:
        """Send the form as a browser without script does. Raises aiohttp's ClientError when nobody answers."""
        posted = {"form_id": form_id, **fields}
        async with self._session.post(f"{self._url}/{language}", data=posted) as answer:
            found = CODE.search(await answer.text())
        return Sent(answer.status, found[1] if found else None)


@dataclass(frozen=True)
class Texter:
    """Somebody who writes texts."""

    who: str
    phone: Phone
    to: str

    async def begins(self, first: str, timeline: Timeline) -> str:
        """Write a first text; its MessageSid."""
        timeline.step(self.who, f"texts: {first}")
        return await self.phone.text(first, to=self.to)

    async def goes_on(self, answers: Sequence[str], timeline: Timeline) -> None:
        """Answer each question that comes back, until the thanks."""
        for answer in answers:
            timeline.step("hotline", f"texts: {await self.phone.receives(within=PATIENCE)}")
            timeline.step(self.who, f"texts: {answer}")
            await self.phone.text(answer, to=self.to)
        timeline.step("hotline", f"texts: {await self.phone.receives(within=PATIENCE)}")


@dataclass(frozen=True)
class Spoken:
    """What a caller says and presses."""

    language_key: str
    danger_key: str
    words: str
    keys: Sequence[str]


@dataclass(frozen=True)
class Caller:
    """Somebody who rings."""

    who: str
    phone: Phone
    to: str

    async def begins(self, spoken: Spoken, timeline: Timeline) -> PhoneCall:
        """Ring, choose a language, and say by key whether a child is in danger now."""
        timeline.step(self.who, "rings")
        call = await self.phone.calls(self.to)
        for key, what in ((spoken.language_key, "the language"), (spoken.danger_key, "danger now")):
            timeline.step(self.who, f"presses {key} ({what})")
            await presses(call, key)
        return call

    async def goes_on(self, call: PhoneCall, spoken: Spoken, timeline: Timeline) -> str:
        """Tell it, answer by keys, and hear the sixteen digits."""
        await call.speak(spoken.words, within=PATIENCE)
        timeline.step(self.who, f"says after the tone: {spoken.words}")
        await presses(call, "#")
        for key in spoken.keys:
            timeline.step(self.who, f"presses {key}")
            await presses(call, key)
        code = await self._hears_code(call)
        timeline.step("hotline", f"says the sixteen digits, twice: {masked(code)}")
        return code

    async def _hears_code(self, call: PhoneCall) -> str:
        await call.ends(within=PATIENCE * 3)
        spoken = SPOKEN_CODE.findall(without_notice(await call.hears()))
        if len(spoken) != 2 or len(set(spoken)) != 1:
            raise AssertionError(f"the sixteen digits were not said twice, but {spoken}")
        return re.sub(r"\D", "", spoken[0])


async def presses(call: PhoneCall, key: str) -> str:
    """Press a key as soon as the call listens, and wait for what is said to it, as people do. Raises TimeoutError."""
    before = await call.hears()
    await call.press(key, within=PATIENCE)
    async with asyncio.timeout(PATIENCE):
        while True:
            if said := (await call.hears()).removeprefix(before).strip():
                return said
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def masked(code: str) -> str:
    """The reference, which may be said to anybody, and no more.

    >>> masked("1234567812345678")
    '1234 5678 •••• ••••'
    """
    digits = re.sub(r"\D", "", code)
    return f"{digits[:4]} {digits[4:8]} •••• ••••"
