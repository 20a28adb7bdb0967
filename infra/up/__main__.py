"""`hotline up`: start everything on this machine, keep it running, stop it on Ctrl-C."""

import argparse
import asyncio
import signal
import sys

from infra import settings
from infra.embedded.errors import EmbeddedError
from infra.up.hotline import Hotline
from infra.up.system import System
from infra.up.welcome import welcome

EXIT_REFUSED = 2


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Signals:
    """The first Ctrl-C or SIGTERM asks for an orderly stop, the next one ends everything at once."""

    def __init__(self, system: System) -> None:
        self.asked = asyncio.Event()
        self._system = system
        self._killing: asyncio.Task[None] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._received)

    def _received(self) -> None:
        if self.asked.is_set():
            self._killing = asyncio.create_task(self._system.kill_all())
        self.asked.set()


async def run(hotline: Hotline) -> None:
    """Start, say where everything is, wait for a signal, stop."""
    signals = Signals(hotline)
    starting = asyncio.create_task(hotline.start())
    asked = asyncio.create_task(signals.asked.wait())
    await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        say("stopping before everything was ready")
        starting.cancel()
        await asyncio.wait({starting})
    if starting.cancelled():
        return
    try:
        await starting
        say(welcome(hotline.settings, hotline.state_dir))
        await asked
        say("stopping")
        await hotline.stop()
    finally:
        asked.cancel()


def main() -> None:
    """Run the command; exit code 2 says that something is in the way, in a sentence."""
    argparse.ArgumentParser(prog="hotline up", description=__doc__).parse_args()
    try:
        asyncio.run(run(Hotline(settings.load(), say)))
    except (EmbeddedError, settings.SettingsError) as error:
        sys.stderr.write(f"hotline up: {error}\n")
        sys.exit(EXIT_REFUSED)


if __name__ == "__main__":
    main()
