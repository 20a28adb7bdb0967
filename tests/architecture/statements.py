"""Named SQL: each statement is described, used, and leaves the time to its caller."""

import re
from pathlib import Path

from tests.architecture.tree import Finding

NAME = re.compile(r"^--\s*name:\s*(\w+)")
CLOCK = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(|\bcurrent_timestamp\b", re.I
)
REASON = re.compile(r"--\s*reason:\s*\S")


def undescribed(path: Path, text: str) -> list[Finding]:
    """Find statements without a comment below their name."""
    lines = text.splitlines()
    return [
        Finding(str(path), number, f"{name[1]} is not described: say what it does in a comment below its name")
        for number, line in enumerate(lines, 1)
        if (name := NAME.match(line)) and not re.match(r"--\s*\w", "".join(lines[number : number + 1]))
    ]


def unused(path: Path, text: str, python: str) -> list[Finding]:
    """Find statements that no Python beside the file calls; `python` is that source, joined."""
    return [
        Finding(str(path), number, f"no store runs {name[1]}: remove it, or call it")
        for number, line in enumerate(text.splitlines(), 1)
        if (name := NAME.match(line)) and not re.search(rf"\.{name[1]}\b", python)
    ]


def reads_clock(path: Path, text: str) -> list[Finding]:
    """Find lines that read the database's clock in a statement without a line `-- reason: …`."""
    findings: list[Finding] = []
    reading: list[Finding] = []
    has_reason = False
    for number, line in enumerate([*text.splitlines(), "-- name: end"], 1):
        if NAME.match(line):
            findings += [] if has_reason else reading
            reading, has_reason = [], False
        has_reason = has_reason or bool(REASON.search(line))
        if CLOCK.search(line.partition("--")[0]):
            message = "SQL that decides takes :now; where the clock is meant, say -- reason: why"
            reading.append(Finding(str(path), number, message))
    return findings
