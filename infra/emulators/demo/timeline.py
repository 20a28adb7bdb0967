"""What happens, printed as it happens, with the milliseconds since the step before."""

import unicodedata
from collections.abc import Callable

from infra.clock import stopwatch
from infra.demonstration import NOTICE

WHO_WIDTH = 22


class Timeline:
    """Prints steps. A new chapter begins to count at zero."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._began = self._last = stopwatch()

    def chapter(self, title: str) -> None:
        """Begin to count anew under a heading."""
        self._say(f"\n{title}")
        self._began = self._last = stopwatch()

    def step(self, who: str, what: str) -> None:
        """One step: milliseconds since the chapter began, since the step before, who, what."""
        now = stopwatch()
        total, since = (now - self._began) * 1000, (now - self._last) * 1000
        self._last = now
        self._say(f"{total:8.0f} ms {f'+{since:.0f}':>6}  {padded(who, WHO_WIDTH)}  {without_notice(what)}")

    def note(self, what: str) -> None:
        """A line that belongs to the step before."""
        self._say(f"{'':20}{'':{WHO_WIDTH}}  {what}")


def padded(text: str, width: int) -> str:
    """Text filled with blanks to a width in columns of a terminal, where a Chinese character takes two.

    >>> padded("陈静", 6), padded("Ann", 6)
    ('陈静  ', 'Ann   ')
    """
    columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - columns)


def without_notice(text: str) -> str:
    """A text without the demonstration notice, which is said once at the top, and on one line."""
    for notice in NOTICE.values():
        text = text.replace(notice, "")
    return " ".join(text.split())
