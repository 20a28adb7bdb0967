"""What a check found: it holds, a person should know, or it must be mended."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a finding stands; one that fails makes the whole examination fail."""

    OK = "ok"
    WARNING = "warning"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One line: which check, how it stands, and what was seen with what to do."""

    check: str
    level: Level
    says: str

    def __str__(self) -> str:
        return f"{self.level:<8}{self.check:<12}{self.says}"


def ok(check: str, says: str) -> Finding:
    """It holds."""
    return Finding(check, Level.OK, says)


def warning(check: str, says: str) -> Finding:
    """A person should know; the hotline works."""
    return Finding(check, Level.WARNING, says)


def fail(check: str, says: str) -> Finding:
    """It must be mended."""
    return Finding(check, Level.FAIL, says)


def worse(check: str, says: str, is_production: bool) -> Finding:
    """What must be mended before anybody relies on it, and a demonstration may live with."""
    return fail(check, says) if is_production else warning(check, says)


def failures(check: str, sentences: list[str], otherwise: str) -> list[Finding]:
    """A failure for each sentence; one line that it holds when there is none."""
    return [fail(check, each) for each in sentences] or [ok(check, otherwise)]
