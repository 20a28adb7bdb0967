"""`hotline drill`: call an exercise by the real ladder, wait until it is over, and print how it went.

People are named by their handles: no name is opened. Whoever stops the command stops no calling.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from infra import audit
from infra.clock import Clock
from infra.locales import Locales
from infra.postgres import Database
from infra.settings import Settings
from triage.domain.case import Refusal
from triage.domain.drill import RungReport
from triage.handlers import Means, Turn, drills
from triage.handlers.drilled import COLUMNS, Translate, cells
from triage.handlers.drills import Report, Wanted
from triage.packs import Packs
from triage.store import drills as store

LOOK_SECONDS = 1.0
PATIENCE = timedelta(minutes=1)
"""How long after the last instant of the ladder the notifier may still be at it."""


class NoDrill(Exception):
    """No drill could be called, or none was held: a sentence in each language."""


@dataclass(frozen=True)
class Drill:
    """What is asked for, and where to say how it went."""

    wanted: Wanted
    say: Callable[[str], None] = print
    locales: Locales = field(default_factory=lambda: Locales.load(Path(__file__).with_name("locales")))

    async def run(self, db: Database, means: Means, given: Settings, clock: Clock) -> None:
        """Call it and print its report; NoDrill when there is none, or the notifier called nobody."""
        means = Means(Packs.load(), means.vault, means.home, means.scale, means.desk_phone)
        tell = [self.locales[language] for language in given.languages.split(",")]
        try:
            async with db.transaction() as tx:
                drill_id = await drills.call(Turn(tx, means, clock.now()), self.wanted, audit.operator())
        except Refusal as refusal:
            raise NoDrill("\n".join(t(refusal.key, **refusal.values) for t in tell)) from None
        for t in tell:
            self.say(t("drill_began"))
        await self._follow(db, means, clock, (drill_id, tell))

    async def _follow(self, db: Database, means: Means, clock: Clock, told: tuple[UUID, list[Translate]]) -> None:
        drill_id, tell = told
        while True:
            async with db.transaction() as tx:
                report = await drills.report(Turn(tx, means, clock.now()), drill_id)
                handles = await self._handles(tx, report)
            if report is None or report.outcome.is_over or clock.now() > report.drill["over_by"] + PATIENCE:
                break
            await asyncio.sleep(LOOK_SECONDS)
        if report is None:
            raise NoDrill(str(drill_id))
        for t in tell:
            for line in lines(report, handles, t):
                self.say(line)
        if not any(rung.lines for rung in report.rungs):
            raise NoDrill("\n".join(t(f"desk_drill_outcome_{report.outcome}") for t in tell))

    async def _handles(self, tx: store.Reader, report: Report | None) -> dict[UUID, str]:
        called = {line.person_id for rung in report.rungs for line in rung.lines} if report else set()
        return {person: row["handle"] for person, row in (await store.people(tx, called)).items()}


def lines(report: Report, handles: dict[UUID, str], t: Translate) -> list[str]:
    """The report as lines of a terminal: its outcome, then rung by rung."""
    zone = report.drill["time_zone"]
    told = [t("drill_report", alias=report.drill["alias"], outcome=t(f"desk_drill_outcome_{report.outcome}"))]
    told.append("  ".join(t(f"desk_drill_{column}") for column in COLUMNS))
    for rung in report.rungs:
        told.append(rung_line(rung, t))
        told += ["  " + "  ".join(cells(line, handles[line.person_id], t, zone)) for line in rung.lines]
    return told


def rung_line(rung: RungReport, t: Translate) -> str:
    """A level, when its turn is, and that it called nobody where it did not."""
    said = t("desk_drill_rung", level=t(f"desk_level_{rung.level}"), minutes=f"{rung.after.total_seconds() / 60:g}")
    nobody = t("desk_drill_empty") if rung.is_empty else "" if rung.lines else t("desk_drill_not_called")
    return f"{said} {nobody}".rstrip()
