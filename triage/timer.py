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
from schemas.terms import DESK_CHANNEL
from triage.handlers import Means, Turn, covering, likenesses, missed, presence, rosters, testing
from triage.handlers.covering import ROSTERS_CHANNEL
from triage.handlers.publish import CLOCKS_CHANNEL
from triage.store import cases, desks, people, reports
from triage.store import clocks as clock_store
from triage.store import rosters as roster_store

LONGEST_SLEEP = timedelta(seconds=1)
REST_SECONDS = 0.1
SET_ASIDE_FOR = timedelta(seconds=30)
PRESENCE_EVERY = 2.0
ROSTERS_AGAIN = timedelta(minutes=1)
TOKENS_EVERY = 5.0
TESTS_EVERY = timedelta(minutes=1)
REPORT_WITHIN = timedelta(seconds=10)
LOOK_BACK = timedelta(days=1)
STEP_WITHIN = timedelta(seconds=10)
CALLED_WITHIN = timedelta(seconds=15)

_log = structlog.get_logger()


class Timer:
    """The loops of triage. A clock, or a case, that cannot be taken is alarmed and set aside: others go on."""

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
        """Make shifts ahead and see to gaps: at start, when rosters change, when one is due; until cancelled."""
        wake = asyncio.Event()
        await self._service.listener.listen(ROSTERS_CHANNEL, lambda _payload: wake.set())
        while True:
            wake.clear()
            until = self._clock.now() + ROSTERS_AGAIN
            with suppress(*INFRASTRUCTURE_ERRORS):
                until = await self.look_at_rosters()
            await self._clock.sleep_until(until, wake)

    async def look_at_rosters(self) -> datetime:
        """Make shifts ahead and see to gaps; returns when to look again."""
        async with self._db.transaction() as tx:
            turn = self._turn(tx)
            await rosters.extend(turn)
            return await covering.watch(turn)

    async def run_tokens(self) -> None:
        """Make the search tokens that are missing or were made under an older key; until cancelled."""
        while True:
            is_more = False
            with suppress(*INFRASTRUCTURE_ERRORS):
                is_more = await self.renew_tokens()
            await asyncio.sleep(REST_SECONDS if is_more else TOKENS_EVERY)

    async def renew_tokens(self) -> bool:
        """Make some of them; False when none are left."""
        async with self._db.transaction() as tx:
            return await likenesses.renew(self._turn(tx))

    async def run_tests(self) -> None:
        """Have phones tested that are due, every minute; until cancelled."""
        while True:
            with suppress(*INFRASTRUCTURE_ERRORS):
                async with self._db.transaction() as tx:
                    await testing.plan_tests(self._turn(tx), self._service.settings.timezone)
            await self._clock.sleep_until(self._clock.now() + TESTS_EVERY, asyncio.Event())

    async def take_one(self) -> bool:
        """Take one case with clocks that fell due; False when there is none."""
        now = self._clock.now()
        case_id: UUID | None = None
        try:
            async with self._db.transaction() as tx:
                case_id = await clock_store.due_case(tx, now, self._set_aside)
            if case_id is not None:
                await self._take(case_id, now)
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception as error:  # Whatever it was is alarmed; other cases' clocks must go on.
            if case_id is None:
                raise
            async with self._db.transaction() as tx:
                await self._put_aside(tx, (case_id, case_id), error)
        return case_id is not None

    async def _take(self, case_id: UUID, now: datetime) -> None:
        async with self._db.transaction() as tx:
            for failed in await missed.miss_due(Turn(tx, self._means, now), case_id, self._set_aside):
                await self._put_aside(tx, (case_id, failed.clock_id), failed.error, failed.name)

    async def reports_have_cases(self) -> str | None:
        """Trouble while a report is in no case ten seconds after it came."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            found = await reports.without_case(tx, now - REPORT_WITHIN, now - LOOK_BACK)
        return f"{len(found)} report(s) without a case, the first is {found[0]}" if found else None

    async def cases_have_steps(self) -> str | None:
        """Trouble while nothing and nobody will take a live case further, or a calling for it does not begin."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            found = await cases.without_step(tx, now - STEP_WITHIN, now - CALLED_WITHIN)
        return f"{len(found)} case(s) without a next step: {', '.join(found)}" if found else None

    async def has_last_teams(self) -> str | None:
        """Trouble while there is no desk team or no last-resort team: a report could then reach nobody."""
        async with self._db.transaction() as tx:
            teams = await people.teams(tx)
        missing = [
            name
            for name, column in (("desk", "is_desk"), ("last-resort", "is_last_resort"))
            if not any(row[column] for row in teams)
        ]
        if missing:
            return f"there is no {' and no '.join(missing)} team: apply a file with `hotline triage roster`"
        return None

    async def last_resort_is_on_call(self) -> str | None:
        """Trouble while nobody of the desk or of the last-resort team can be reached."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            last = [row for row in await people.teams(tx) if row["is_last_resort"] or row["is_desk"]]
            shifts = await roster_store.shifts(tx, now, now + LONGEST_SLEEP, now)
        missing = [row["slug"] for row in last if not shifts.get(row["team_id"])]
        return f"nobody is on call now for: {', '.join(missing)}" if missing else None

    async def _put_aside(self, tx: Transaction, what: tuple[UUID, UUID], error: Exception, clock: str = "") -> None:
        """Alarm that a case, or one clock of it (case and what is set aside), could not be taken; try again later."""
        case_id, aside = what
        now = self._clock.now()
        self._set_aside[aside] = now + SET_ASIDE_FOR
        told = {"error": type(error).__name__} | ({"clock": clock} if clock else {})
        _log.error("clocks_failed", case_id=str(case_id), **told)
        await desks.alarm(tx, f"clocks_failed/{clock}" if clock else "clocks_failed", case_id, told, now)
        tx.announce(DESK_CHANNEL)

    async def _next_due(self) -> datetime | None:
        now = self._clock.now()
        self._set_aside = {aside: until for aside, until in self._set_aside.items() if until > now}
        async with self._db.pool.acquire() as connection:
            return await clock_store.next_due(connection, self._set_aside)

    def _turn(self, tx: Transaction) -> Turn:
        return Turn(tx, self._means, self._clock.now())
