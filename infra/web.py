"""uvicorn, made to obey the process that runs it: signals are the process's own, and stopping is bounded."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS = 3


class WebServer(uvicorn.Server):
    """One app on one port. The stock server re-raises signals on exit, and clean-up would never run.

    `trusted_proxies` (addresses or networks, comma separated) alone may say in X-Forwarded-For who the client is.
    """

    def __init__(self, app: ASGIApp, host: str, port: int, trusted_proxies: str = "") -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(trusted_proxies),
                # Never left out: the server would then take it from a variable of its own, or trust this machine.
                forwarded_allow_ips=trusted_proxies,
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=30,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process."""
        yield
