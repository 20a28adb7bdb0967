"""The processes of a run that was itself killed: written down while they run, ended by the next run.

PostgreSQL is not among them: it ends an orphan of its own folder itself.
"""

import asyncio
import json
import signal
from collections.abc import Mapping
from pathlib import Path

import psutil

from infra.embedded import orphan

GRACE = 3.0


class Leftovers:
    """A file of process ids, each with its instant of creation, since numbers are used again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, tuple[int, float]] = {}

    def note(self, name: str, pid: int | None) -> None:
        """Write down that a part runs as this process."""
        try:
            self._known[name] = (pid or 0, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return
        growing = self._path.with_suffix(".growing")
        growing.write_text(json.dumps(self._known))
        growing.replace(self._path)

    def forget(self) -> None:
        """Nothing of this run is running any more."""
        self._path.unlink(missing_ok=True)

    async def end(self) -> list[str]:
        """End what an earlier run left running, within a bound, and return the names of those parts."""
        left = {name: process for name, process in self._living().items() if process is not None}
        await asyncio.gather(*(orphan.end(process, signal.SIGTERM, GRACE) for process in left.values()))
        self.forget()
        return sorted(left)

    def _living(self) -> Mapping[str, psutil.Process | None]:
        if not self._path.exists():
            return {}
        try:
            noted = json.loads(self._path.read_text())
            return {name: _same(int(pid), float(created)) for name, (pid, created) in noted.items()}
        except (ValueError, AttributeError, TypeError):
            # Cut off while it was written, which the rename prevents but for a failing disk.
            return {}


def _same(pid: int, created: float) -> psutil.Process | None:
    """The process if it is still the one that was noted."""
    try:
        process = psutil.Process(pid)
        return process if abs(process.create_time() - created) < 0.5 else None
    except psutil.NoSuchProcess:
        return None
