"""What happens by itself: clocks that fall due, presence at the desk, shifts made ahead, invariants watched.

Instances compete for due cases by row locks; each sleeps until the next due instant, at most a second.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from infra.postgres import INFRASTRUCTURE_ERRORS, Transaction
from infra.service import Service
from triage.handlers import Means, Turn, missed, presence, rosters
from triage.handlers.publish import CLOCKS_CHANNEL
from triage.store import cases, desks, people, reports
from triage.store import clocks as clock_store
from triage.store import rosters as roster_store

LONGEST_SLEEP = timedelta(seconds=1)
REST_SECONDS = 0.1
SET_ASIDE_FOR = timedelta(seconds=30)
PRESENCE_EVERY = 2.0
ROSTERS_EVERY = 3600.0
REPORT_WITHIN = timedelta(seconds=10)
LOOK_BACK = timedelta(days=1)
STEP_WITHIN = timedelta(seconds=10)
LAST_TEAMS = 2

_log = structlog.get_logger()


class Timer:
    """The loops of triage. A case whose clocks cannot be taken is alarmed and set aside, so that others go on."""

    def __init__(self, service: Service, means: Means) -> None:
        self._service, self._db, self._clock = service, service.db, service.clock
        self._means = means
        self._set_aside: dict[UUID, datetime] = {}

    async def run_clocks(self) -> None:
        """Take clocks as they fall due; until cancelled."""
        wake = asyncio.Event()
        await self._service.listener.listen(CLOCKS_CHANNEL, lambda _payload: wake.set())
        while True:
            wake.clear()
            until = self._clock.now() + LONGEST_SLEEP
            with suppress(*INFRASTRUCTURE_ERRORS):
                due = await self._next_due()
                while due is not None and due <= self._clock.now() and await self.take_one():
                    due = await self._next_due()
                until = min(until, due or until)
            # Every change of a case wakes; together they ask for one look.
            await asyncio.sleep(REST_SECONDS)
            await self._clock.sleep_until(until, wake)

    async def run_presence(self) -> None:
        """Look at the desk every two seconds; until cancelled."""
        while True:
            with suppress(*INFRASTRUCTURE_ERRORS):
                async with self._db.transaction() as tx:
                    await presence.look(self._turn(tx))
            await asyncio.sleep(PRESENCE_EVERY)

    async def run_rosters(self) -> None:
        """Make shifts ahead and look for gaps, at start and every hour; until cancelled."""
        while True:
            with suppress(*INFRASTRUCTURE_ERRORS):
                async with self._db.transaction() as tx:
                    await rosters.extend(self._turn(tx))
            await asyncio.sleep(ROSTERS_EVERY)

    async def take_one(self) -> bool:
        """Take one case with clocks that fell due; False when there is none."""
        now = self._clock.now()
        case_id: UUID | None = None
        try:
            async with self._db.transaction() as tx:
                case_id = await clock_store.due_case(tx, now, self._set_aside)
                if case_id is not None:
                    await missed.miss_due(Turn(tx, self._means, now), case_id)
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was is alarmed; other cases' clocks must go on
            await self._put_aside(case_id, error, now)
        return case_id is not None

    async def reports_have_cases(self) -> str | None:
        """Trouble while a report is in no case ten seconds after it came."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            found = await reports.without_case(tx, now - REPORT_WITHIN, now - LOOK_BACK)
        return f"{len(found)} report(s) without a case, the first is {found[0]}" if found else None

    async def cases_have_steps(self) -> str | None:
        """Trouble while a live case has nothing and nobody that will take it further."""
        async with self._db.transaction() as tx:
            found = await cases.without_step(tx, self._clock.now() - STEP_WITHIN)
        return f"{len(found)} case(s) without a next step: {', '.join(found)}" if found else None

    async def last_resort_is_on_call(self) -> str | None:
        """Trouble while the desk or the last-resort team is missing, or nobody of it can be reached now."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            teams = {row["slug"]: row for row in await people.teams(tx)}
            shifts = await roster_store.shifts(tx, now, now + LONGEST_SLEEP)
        last = [row for row in teams.values() if row["is_last_resort"] or row["is_desk"]]
        missing = [row["slug"] for row in last if not shifts.get(row["team_id"])]
        if len(last) < LAST_TEAMS:
            return "there is no desk team or no last-resort team: apply a file with `hotline triage roster`"
        return f"nobody is on call now for: {', '.join(missing)}" if missing else None

    async def _put_aside(self, case_id: UUID | None, error: Exception, now: datetime) -> None:
        if case_id is None:
            raise error
        self._set_aside[case_id] = now + SET_ASIDE_FOR
        _log.error("clocks_failed", case_id=str(case_id), error=type(error).__name__)
        async with self._db.transaction() as tx:
            await desks.alarm(tx, "clocks_failed", case_id, {"error": type(error).__name__}, now)

    async def _next_due(self) -> datetime | None:
        now = self._clock.now()
        self._set_aside = {case_id: until for case_id, until in self._set_aside.items() if until > now}
        async with self._db.pool.acquire() as connection:
            return await clock_store.next_due(connection, self._set_aside)

    def _turn(self, tx: Transaction) -> Turn:
        return Turn(tx, self._means, self._clock.now())
