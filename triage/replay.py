"""`hotline assess --cases DAYS --pack PATH`: stored reports under packs that are tried; nothing is kept.

One small transaction a report, in which the look is audited. What is printed are aliases, ids and names of rules.
"""

import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TextIO

from infra import audit
from infra.clock import Clock
from infra.postgres import Database
from infra.settings import Settings
from triage.domain.moves import Replayed, table
from triage.handlers import Means, Turn, replaying
from triage.packs import Packs
from triage.store import reports
from triage.store.reports import LastJudged

DONE, INCOMPLETE = 0, 1


@dataclass(frozen=True)
class Replay:
    """What is asked for: how far back, under which packs, and where to say what came of it."""

    days: int
    tried: Packs
    out: TextIO = sys.stdout
    errors: TextIO = sys.stderr

    async def run(self, db: Database, means: Means, _given: Settings, clock: Clock) -> int:
        """Print what moves: 0 if every report was judged, 1 if some could not be; those are named."""
        means = replace(means, packs=Packs.load())
        since = clock.now() - timedelta(days=self.days)
        async with db.transaction() as tx:
            stored = await reports.last_judged(tx, since)
        actor = audit.operator()
        replayed: list[Replayed] = []
        for done, each in enumerate(stored, start=1):
            async with db.transaction() as tx:
                one = await replaying.replay(Turn(tx, means, clock.now()), each, self.tried, actor)
            if one is None:
                self._say_unjudged(each)
            else:
                replayed.append(one)
            self._tell(done, len(stored))
        print("\n".join(table(replayed)), file=self.out)
        return DONE if len(replayed) == len(stored) else INCOMPLETE

    def _say_unjudged(self, stored: LastJudged) -> None:
        why = "was never judged" if stored.assessed_at is None else "does not open"
        over = "\r" if self.errors.isatty() else ""
        print(f"{over}{stored.name}: {why}, and is left out", file=self.errors)

    def _tell(self, done: int, of: int) -> None:
        """How far it is, on one line, where somebody watches."""
        if self.errors.isatty():
            print(f"\r{done} of {of}", end="" if done < of else "\n", file=self.errors, flush=True)
