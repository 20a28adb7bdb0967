"""`hotline up` with one stand-in for all services: what Ctrl-C, SIGTERM and a wrong state folder do to it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from infra.embedded.child import Launch
from infra.up import __main__ as up
from infra.up.hotline import Hotline
from infra.up.parts import Part, Service, Step

STAND_IN = Path(__file__).with_name("stand_in.py")
port, manner = sys.argv.pop(1), sys.argv.pop(1)


class SmallHotline(Hotline):
    """The embedded database and one service."""

    def plan(self) -> Sequence[Part | Step]:
        postgres, *_ = super().plan()
        journal = self.state_dir / "journal"
        command = [sys.executable, str(STAND_IN), port, str(journal), manner]
        return [postgres, Service("service", Launch(command, self._log("service"), {}), (int(port),))]


vars(up)["Hotline"] = SmallHotline
up.main()
