"""`hotline <command>`: one door to every command. It only runs `python -m <module> …` in its own place."""

import os
import sys
from typing import NamedTuple

from infra import settings
from infra.up.hotline import RUNNING_FILE
from infra.up.keys import read

EXIT_USAGE = 2


class Command(NamedTuple):
    """What a command runs, and what it is for."""

    module: str
    arguments: tuple[str, ...]
    says: str


COMMANDS = {
    "up": Command("infra.up", (), "start everything on this machine, keep it running; Ctrl-C stops it"),
    "demo": Command("infra.emulators.demo", (), "play three reports from first word to acknowledgement"),
    "ingest": Command("ingest", (), "take reports: web form, API, SMS and calls"),
    "triage": Command("triage", (), "judge reports, assign cases, serve the duty desk"),
    "notifier": Command("notifier", (), "call responders until one takes the case"),
    "relay": Command("infra.relay", (), "publish events from the outbox"),
    "migrate": Command("infra.postgres", ("migrate",), "bring database and topics up to date"),
    "doctor": Command("infra.doctor", (), "check a configuration from the outside in, and say what to mend"),
    "assess": Command(
        "triage", ("assess",), "judge reports from FILE.jsonl, and try packs before they are in force; keeps nothing"
    ),
    "packs": Command("triage", ("packs",), "draw FOLDER: every decision tree of the packs, as drawings"),
    "dead-letters": Command("infra.dead_letters", (), "list events that no handler could take; try them again"),
    "drill": Command("triage", ("drill",), "call an exercise by the real ladder, and print the times of each rung"),
    "canary": Command("infra.canary", (), "send a marked report through everything"),
    "vault": Command("infra.vault", (), "rotate: renew the master key; recover: prove or use the offline key"),
    "emulate-twilio": Command("infra.emulators.twilio", (), "run the telephone emulator"),
}


def usage() -> str:
    """The table of commands, for people."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.says}" for name, command in COMMANDS.items()]
    return "\n".join(
        ["usage: hotline COMMAND [ARGUMENTS]", "", *lines, "", "hotline COMMAND --help tells more about one."]
    )


def argv(command: Command, rest: list[str]) -> list[str]:
    """The command line that takes our place."""
    return [sys.executable, "-m", command.module, *command.arguments, *rest]


def surroundings() -> dict[str, str]:
    """The environment for the command: where `hotline up` runs here and no real part is set, its parts."""
    outside = dict(os.environ)  # noqa: TID251 - handed on whole to the command, of which nothing is read here
    try:
        given = settings.load()
    except settings.SettingsError:
        return outside  # The command refuses them itself, in its own words.
    running = given.state_dir / RUNNING_FILE
    if any(getattr(given, name) for name in settings.REAL_PARTS) or not os.access(running, os.R_OK):
        return outside
    return {**read(running), **outside}


def main() -> None:
    """Run the command that was named, or explain."""
    name, rest = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name in ("-h", "--help", "help"):
        sys.stdout.write(f"{usage()}\n")
        return
    if name not in COMMANDS:
        wrong = f"hotline: there is no command '{name}'\n\n" if name else ""
        sys.stderr.write(f"{wrong}{usage()}\n")
        sys.exit(EXIT_USAGE)
    line = argv(COMMANDS[name], rest)
    os.execve(line[0], line, os.environ if name == "up" else surroundings())  # noqa: S606, TID251 - no shell; handed on whole


if __name__ == "__main__":
    main()
