"""The worker process that reads meanings, one report at a time, so that nothing else waits for a model.

`python -m triage.semantics.worker` reads a line of JSON (pieces and a version) and answers with one (a meaning, or
null), until its input ends: it dies with whoever started it. Words pass through the pipe and are kept nowhere.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from triage.domain.assessment import Meaning, Piece

ANSWERS_WITHIN = 60.0
"""Seconds; the first answer waits for the model to be loaded."""
LONGEST_LINE = 16 * 1024 * 1024
NICENESS = 10
_OWN_SESSION = Path("/proc/self/autogroup")


class WorkerBroken(Exception):
    """The worker ended or did not answer; the next reading starts another."""


class Worker:
    """One worker process, started when first asked."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()

    async def read(self, pieces: Iterable[Piece], version: int) -> Meaning | None:
        """What the words of a version of a report mean; None when there are none. Raises WorkerBroken."""
        asked = {"version": version, "pieces": [piece.model_dump() for piece in pieces]}
        async with self._asking:
            try:
                answer = await asyncio.wait_for(self._ask(json.dumps(asked)), ANSWERS_WITHIN)
            except (TimeoutError, OSError, ValueError) as error:
                await self.stop()
                raise WorkerBroken(type(error).__name__) from error
        if not answer:
            await self.stop()
            raise WorkerBroken("ended")
        said = json.loads(answer)
        return None if said is None else Meaning.model_validate(said)

    async def stop(self) -> None:
        """End the process, if it runs; it holds nothing that would be lost."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _ask(self, line: str) -> bytes:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "triage.semantics.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LONGEST_LINE,
                # Ctrl-C in the terminal reaches the service alone, which ends its worker.
                start_new_session=True,
            )
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise OSError("the worker has no pipes")
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()
        return await process.stdout.readline()


def main() -> None:
    """Answer lines until there are no more."""
    from triage.semantics.model import Model  # noqa: PLC0415 - only this process pays for the model
    from triage.semantics.reading import meaning_of  # noqa: PLC0415 - as above

    _come_last()
    model = Model.load()
    for line in sys.stdin:
        asked = json.loads(line)
        meaning = meaning_of(model, [Piece.model_validate(each) for each in asked["pieces"]], asked["version"])
        sys.stdout.write((meaning.model_dump_json() if meaning else "null") + "\n")
        sys.stdout.flush()


def _come_last() -> None:
    """Let whoever takes reports and calls people come first."""
    os.nice(NICENESS)
    # Linux may share the processors among sessions before it looks at niceness, and this process has a session of its
    # own. Where it does not, or a container forbids it, the file cannot be written, and niceness alone must do.
    with suppress(OSError):
        _OWN_SESSION.write_text(str(NICENESS))


if __name__ == "__main__":
    main()
