"""What can go wrong with a part of this machine, each said as a sentence with what to do.

EmbeddedError
├── PortTaken
├── FolderInUse
├── FolderDamaged
├── NoAccount
└── CannotStart
"""

PORT_SETTINGS = {
    "relay": "HOTLINE_RELAY_PORT",
    "triage": "HOTLINE_CONSOLE_PORT",
    "notifier": "HOTLINE_NOTIFIER_PORT",
    "ingest": "HOTLINE_INGEST_PORT",
    "emulator": "HOTLINE_EMULATOR_PORT",
}


class EmbeddedError(Exception):
    """A part of this machine cannot run; the message says why and what to do."""


class PortTaken(EmbeddedError):
    """Another program listens on the port."""

    def __init__(self, port: int, wanted_by: str) -> None:
        setting = PORT_SETTINGS.get(wanted_by)
        how = f", or choose another port with {setting}" if setting else ", or start again"
        super().__init__(
            f"Port {port} on 127.0.0.1, wanted by {wanted_by}, is taken by another program. Stop that program{how}."
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
