"""Which cases a sign-in has been shown in the queue, so that a list fetched again and again is on record once.

Kept in this process only: after a restart a case is put on record once more, never once less.
"""

from collections import OrderedDict
from collections.abc import Set
from uuid import UUID

MOST_SESSIONS = 1000
MOST_CASES = 5000


class Seen:
    """By session the cases its queue has shown."""

    def __init__(self) -> None:
        self._by_session: OrderedDict[bytes, set[UUID]] = OrderedDict()

    def holds(self, session: bytes, cases: Set[UUID]) -> bool:
        """Whether every one of these was shown before."""
        return cases <= self._by_session.get(session, set())

    def add(self, session: bytes, cases: Set[UUID]) -> None:
        """Remember what was shown, once that is on record; the oldest sessions are forgotten."""
        known = self._by_session.setdefault(session, set())
        if len(known) > MOST_CASES:
            known.clear()
        known |= cases
        self._by_session.move_to_end(session)
        while len(self._by_session) > MOST_SESSIONS:
            self._by_session.popitem(last=False)
