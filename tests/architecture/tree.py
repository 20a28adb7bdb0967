"""The files of the project as the checks see them, and what a check answers."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "ingest", "triage", "notifier", "infra")
SERVICES = ("ingest", "triage", "notifier")


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend: where, what, and what to do."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def report(findings: list[Finding]) -> str:
    """Write findings one a line, as the message of a failed test."""
    return "\n" + "\n".join(str(finding) for finding in sorted(findings))


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is in git or would be added to it, in order, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 (git of the developer)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(name for name in listed.stdout.split("\0") if name)
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def text_files() -> Iterator[tuple[Path, str]]:
    """Every project file that is text, with its content."""
    for path in project_files():
        try:
            yield path, (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def python_files(*tops: str) -> Iterator[tuple[Path, str]]:
    """Every Python file below the named top folders, with its content."""
    return ((path, text) for path, text in text_files() if path.suffix == ".py" and path.parts[0] in tops)


@cache
def parsed(source: str) -> ast.Module:
    """Parse a source once for all checks."""
    return ast.parse(source)
