"""A stand-in for a service: answers /readyz, notes its end; `deaf` ignores SIGTERM.

It is ready at once, or as soon as there is a file with the name `ready` beside the journal when it is `waiting`.
"""

import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

port, journal, manner = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503 if manner == "waiting" and not journal.with_name("ready").exists() else 200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def end(*_: object) -> None:
    if manner != "deaf":
        with journal.open("a") as file:
            file.write(f"stopped {port}\n")
        sys.exit(0)


signal.signal(signal.SIGTERM, end)
if manner == "broken":
    sys.exit("the cupboard is bare")
HTTPServer(("127.0.0.1", port), Handler).serve_forever()
