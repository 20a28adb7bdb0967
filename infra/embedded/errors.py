"""What can go wrong with a part of this machine, each said as a sentence with what to do.

EmbeddedError
├── PortTaken
├── FolderInUse
├── FolderDamaged
├── NoAccount
└── CannotStart
"""


class EmbeddedError(Exception):
    """A part of this machine cannot run; the message says why and what to do."""


class PortTaken(EmbeddedError):
    """Another program listens on the port."""

    def __init__(self, port: int, wanted_by: str) -> None:
        super().__init__(
            f"Port {port} on 127.0.0.1, wanted by {wanted_by}, is taken by another program. "
            f"Stop that program, or choose another port for {wanted_by}."
        )


class FolderInUse(EmbeddedError):
    """A living process holds the folder."""


class FolderDamaged(EmbeddedError):
    """The folder holds a part of what belongs together."""


class NoAccount(EmbeddedError):
    """PostgreSQL refuses to run as root, and no way to run it as somebody else was found."""


class CannotStart(EmbeddedError):
    """A part ended, or stayed silent, before it was ready; carries the last lines it wrote."""

    def __init__(self, part: str, why: str, last_lines: str) -> None:
        said = f" It wrote last:\n{last_lines}" if last_lines else " It wrote nothing."
        super().__init__(f"{part} {why}.{said}")
