"""Loopback ports: is one free, and which one is."""

import contextlib
import secrets
import socket

from infra.embedded.errors import PortTaken

LOOPBACK = "127.0.0.1"


def require_free_port(port: int, wanted_by: str) -> None:
    """Raise PortTaken when another program listens on the port of the loopback address."""
    with contextlib.closing(socket.socket()) as probe:
        # As servers do: a port whose last connections are still winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTaken(port, wanted_by) from error


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on at this moment, all different.

    They lie below the range from which systems take ports for outgoing connections, so that none of
    those sits on the port of a part that is being restarted.
    """
    found: list[int] = []
    while len(found) < count:
        port = 20_000 + secrets.randbelow(12_000)
        with contextlib.suppress(PortTaken):
            require_free_port(port, "a part")
            found += [port] if port not in found else []
    return found
