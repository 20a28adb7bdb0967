"""People and their phones, for tests and the demonstration: readable verbs over the control API."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from aiohttp import ClientSession, ClientTimeout

SPARE = 10.0  # seconds that an answer may take beyond what is waited for


class NothingHappened(AssertionError):
    """What was waited for did not come in time."""


class CouldNotDo(Exception):
    """The phone or the call was not in a state for this; the message says why."""


class Phones:
    """All phones of an emulator. Use as `async with Phones(url) as phones`, or close it."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def phone(self, number: str) -> "Phone":
        """The phone of a number; every number has one."""
        return Phone(self, number)

    async def fault(self, kind: str, phone: str | None = None, **details: Any) -> None:
        """Set a fault (see `faults.Kind`): `channel`, `count`, `code`, `status`, `seconds`."""
        await self.ask("POST", "/emulator/faults", {"kind": kind, "phone": phone, **details})

    async def faults(self) -> list[dict[str, Any]]:
        """The faults that can still strike."""
        found: list[dict[str, Any]] = await self.ask("GET", "/emulator/faults")
        return found

    async def no_faults(self) -> None:
        """Take all faults away."""
        await self.ask("DELETE", "/emulator/faults")

    async def requests(self, containing: str = "", method: str | None = None) -> list[dict[str, Any]]:
        """The requests made to the HTTP API: path, params, `received_ns`, `answered_ns`, status, sid."""
        query = f"containing={quote(containing)}" + (f"&method={method}" if method else "")
        found: list[dict[str, Any]] = await self.ask("GET", f"/emulator/requests?{query}")
        return found

    async def webhooks(self) -> list[dict[str, Any]]:
        """The requests made to the application, and how each one ended."""
        found: list[dict[str, Any]] = await self.ask("GET", "/emulator/webhooks")
        return found

    async def reset(self) -> None:
        """Forget everything but the account, its numbers and people's names."""
        await self.ask("POST", "/emulator/reset", {})

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON answer of the control API, None for an empty one. Raises CouldNotDo."""
        if self._session is None:
            self._session = ClientSession()
        patience = ClientTimeout(total=float((body or {}).get("within", 5.0)) + SPARE)
        url = self._base_url + path
        async with self._session.request(method, url, json=body, timeout=patience) as answer:
            if answer.status == 204:
                return None
            told = await answer.json()
        if answer.status >= 400:
            raise CouldNotDo(told.get("error") or told.get("message"))
        return told


class Phone:
    """One person's phone. It remembers which texts and calls were already taken note of."""

    def __init__(self, phones: Phones, number: str) -> None:
        self._phones = phones
        self._known: list[str] = []
        self.number = number

    def _path(self, deed: str = "") -> str:
        return f"/emulator/phones/{quote(self.number, safe='+')}{deed}"

    async def is_called(self, name: str) -> None:
        """Give the phone a name, so that the page always shows it."""
        await self._phones.ask("POST", "/emulator/phones", {"number": self.number, "name": name})

    async def text(self, body: str, to: str, pictures: Sequence[str] = ()) -> str:
        """Send a text to one of the provider's numbers, a picture of each content type with it; its MessageSid."""
        asked = {"to": to, "body": body, "pictures": list(pictures)}
        sent = await self._phones.ask("POST", self._path("/texts"), asked)
        return str(sent["sid"])

    async def calls(self, number: str) -> "PhoneCall":
        """Call one of the provider's numbers."""
        return PhoneCall(self._phones, await self._phones.ask("POST", self._path("/calls"), {"to": number}))

    async def receives(self, containing: str = "", within: float = 5.0) -> str:
        """The next text that contains this. Raises NothingHappened."""
        asked = {"containing": containing, "within": within, "skip": self._known}
        found = await self._phones.ask("POST", self._path("/await-message"), asked)
        if found is None:
            raise NothingHappened(f"{self.number} got no text containing {containing!r} in {within} s")
        self._known.append(found["sid"])
        return str(found["body"])

    async def rings(self, within: float = 5.0) -> "PhoneCall":
        """The next call it rings with. Raises NothingHappened."""
        asked = {"within": within, "skip": self._known}
        found = await self._phones.ask("POST", self._path("/await-ringing"), asked)
        if found is None:
            raise NothingHappened(f"{self.number} did not ring in {within} s")
        self._known.append(found["sid"])
        return PhoneCall(self._phones, found)

    async def history(self) -> list[dict[str, Any]]:
        """Every text and call, in and out, oldest first."""
        found = await self._phones.ask("GET", self._path())
        items: list[dict[str, Any]] = found["items"]
        return items

    async def texts(self) -> list[str]:
        """The texts it has received, oldest first."""
        return [item["body"] for item in await self.history() if item["kind"] == "message" and not item["is_mine"]]


class PhoneCall:
    """One call, from the person's side."""

    def __init__(self, phones: Phones, shown: dict[str, Any]) -> None:
        self._phones = phones
        self._shown = shown
        self.sid: str = shown["sid"]

    @property
    def status(self) -> str:
        """The status as last seen."""
        return str(self._shown["status"])

    async def pick_up(self) -> None:
        """Answer it."""
        await self._act("pick-up", {})

    async def press(self, keys: str, within: float = 5.0) -> None:
        """Press keys as soon as the call listens. Raises CouldNotDo if it never does."""
        await self._act("press", {"keys": keys, "within": within})

    async def speak(self, words: str, within: float = 5.0) -> None:
        """Say something as soon as the call listens. Raises CouldNotDo if it never does."""
        await self._act("speak", {"words": words, "within": within})

    async def stay_silent(self, within: float = 5.0) -> None:
        """Say and press nothing until what listens gives up, which it does at once."""
        await self._act("silence", {"within": within})

    async def hang_up(self) -> None:
        """Put the phone down, or turn the caller away while it rings."""
        await self._act("hang-up", {})

    async def hears(self, containing: str = "", within: float = 5.0) -> str:
        """All that was said to the person so far, once it contains this. Raises NothingHappened."""
        if not await self._wait({"containing": containing, "within": within}):
            raise NothingHappened(f"the call did not say {containing!r} in {within} s, but: {self._heard()!r}")
        return self._heard()

    async def ends(self, within: float = 5.0) -> str:
        """The status the call ends with. Raises NothingHappened."""
        final = ["completed", "busy", "failed", "no-answer", "canceled"]
        if not await self._wait({"statuses": final, "within": within}):
            raise NothingHappened(f"the call did not end in {within} s")
        return self.status

    def _heard(self) -> str:
        said = self._shown["said"]
        return "\n".join(one["text"] for one in said if one["by"] == "hotline" and one["kind"] == "speech")

    async def _wait(self, asked: dict[str, Any]) -> bool:
        path = f"/emulator/calls/{self.sid}/await"
        found = await self._phones.ask("POST", path, asked)
        self._shown = found or await self._phones.ask("POST", path, {"within": 0})
        return found is not None

    async def _act(self, deed: str, asked: dict[str, Any]) -> None:
        self._shown = await self._phones.ask("POST", f"/emulator/calls/{self.sid}/{deed}", asked)
