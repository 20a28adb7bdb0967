"""The supervisor: starts parts in order, services together, starts again what dies, stops in reverse order."""

import asyncio
import contextlib
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.embedded.errors import EmbeddedError
from infra.embedded.lock import FolderLock
from infra.embedded.ports import require_free_port
from infra.up.leftovers import Leftovers
from infra.up.parts import Part, Step

QUICK_DEATH_SECONDS = 10.0


class System(ABC):
    """Parts and steps of one state folder. `async with` starts it all, and stops it at the end."""

    def __init__(self, state_dir: Path, say: Callable[[str], None]) -> None:
        self.state_dir = state_dir
        self._say = say
        self._parts: dict[str, Part] = {}
        self._ready: dict[str, asyncio.Event] = {}
        self._begun: list[Part] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._lock = FolderLock(state_dir)
        self._leftovers = Leftovers(state_dir / "running.json")

    @abstractmethod
    def plan(self) -> Sequence[Part | Step]:
        """Parts and steps in their order; asked once per start, while the state folder is ours alone.

        The parts after the last step are started together.
        """

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything, or nothing: an EmbeddedError says what is in the way and what to do."""
        self._take_folder()
        try:
            for name in await self._leftovers.end():
                self._say(f"{name:<10} was left over from a run that was killed; ended")
            plan = self.plan()
            self._parts = {each.name: each for each in plan if not isinstance(each, Step)}
            self._ready = {name: asyncio.Event() for name in self._parts}
            for each in plan:
                _rotate(each.log)
            for part in self._parts.values():
                for port in part.ports:
                    require_free_port(port, part.name)
            prepared = max((at for at, each in enumerate(plan, 1) if isinstance(each, Step)), default=len(plan))
            for each in plan[:prepared]:
                await self._begin(each)
            await self._begin_together(plan[prepared:])
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop everything in reverse order, each part within its own bound."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._keepers.clear()
        while self._begun:
            part = self._begun.pop()
            started = _seconds()
            await part.stop()
            self._say(f"{part.name:<10} stopped  {_seconds() - started:5.1f} s")
        self._leftovers.forget()
        self._lock.release()

    def pid(self, name: str) -> int | None:
        """The process id of a part, None while it does not run; KeyError for a name that is none."""
        return self._parts[name].pid

    async def kill(self, name: str) -> None:
        """SIGKILL a part, as a failing machine would; it is started again at once."""
        self._ready[name].clear()
        await self._parts[name].kill()

    async def kill_all(self) -> None:
        """SIGKILL every part; for somebody who does not want to wait for `stop`."""
        await asyncio.gather(*(part.kill() for part in self._parts.values()))

    async def ready(self, name: str) -> None:
        """Wait until a part is ready (again)."""
        await self._ready[name].wait()

    def _take_folder(self) -> None:
        try:
            self.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except OSError as error:
            raise EmbeddedError(
                f"{self.state_dir} cannot be used: {error.strerror}. "
                "Mend its permissions, or choose another folder with HOTLINE_STATE_DIR."
            ) from error

    async def _begin_together(self, parts: Sequence[Part | Step]) -> None:
        """Start what stands on what was prepared, not on each other; when one fails, no other is waited for."""
        beginning = [asyncio.create_task(self._begin(each)) for each in parts]
        try:
            await asyncio.gather(*beginning)
        finally:
            for each in beginning:
                each.cancel()
            await asyncio.gather(*beginning, return_exceptions=True)

    async def _begin(self, each: Part | Step) -> None:
        started = _seconds()
        if isinstance(each, Step):
            await each.run()
            self._say(f"{each.name:<10} done     {_seconds() - started:5.1f} s")
            return
        self._begun.append(each)
        await self._start_part(each)
        self._say(f"{each.name:<10} ready    {_seconds() - started:5.1f} s")
        self._keepers.append(asyncio.create_task(self._keep(each), name=each.name))

    async def _start_part(self, part: Part) -> None:
        await part.start()
        if part.name != "postgres":
            self._leftovers.note(part.name, part.pid)
        self._ready[part.name].set()

    async def _keep(self, part: Part) -> None:
        """Start the part again whenever it ends: at once, and after quick deaths a little later."""
        quick_deaths = 0
        while True:
            since = _seconds()
            code = await part.wait()
            self._ready[part.name].clear()
            lived = _seconds() - since
            quick_deaths = quick_deaths + 1 if lived < QUICK_DEATH_SECONDS else 0
            self._say(f"{part.name:<10} {ending(code)}; starting it again")
            quick_deaths = await self._revive(part, quick_deaths)

    async def _revive(self, part: Part, quick_deaths: int) -> int:
        """Try until it is ready; return the deaths in a row, those while starting included."""
        while True:
            await asyncio.sleep(backoff(quick_deaths))
            started = _seconds()
            try:
                await self._start_part(part)
            except EmbeddedError as error:
                self._say(str(error))
                quick_deaths += 1
            else:
                self._say(f"{part.name:<10} back     {_seconds() - started:5.1f} s")
                return quick_deaths


def backoff(quick_deaths: int) -> float:
    """Seconds to wait before a restart.

    >>> [backoff(n) for n in range(8)]
    [0.0, 0.0, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
    """
    return 0.0 if quick_deaths < 2 else min(5.0, 0.2 * 2 ** min(quick_deaths - 2, 10))


def ending(code: int) -> str:
    """An exit code in words.

    >>> ending(-9), ending(1)
    ('was ended by SIGKILL', 'ended with exit code 1')
    """
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _rotate(log: Path) -> None:
    """Keep the log of the run before as `.1`."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


def _seconds() -> float:
    return asyncio.get_running_loop().time()
