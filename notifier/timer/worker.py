"""Two loops: one writes the steps that are due, one acts on the alerts that are due."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Histogram

from infra.ids import new_token
from infra.postgres import INFRASTRUCTURE_ERRORS, Transaction
from notifier.domain.calling import ACTIVE
from notifier.handlers.cases import CaseHandlers
from notifier.handlers.planning import plan
from notifier.handlers.waking import Wake
from notifier.store import alerts, escalations
from notifier.store.alerts import Claim
from notifier.store.escalations import EscalationRow
from notifier.timer.sends import Counter, Sends

LEASE = timedelta(seconds=10)
LONGEST_SLEEP = timedelta(seconds=1)
# Until a step that another worker holds is looked at again.
HELD_FOR = timedelta(milliseconds=20)
STEPS_AT_ONCE = 10
# By is_immediate: immediate alerts never wait for a slot that others hold.
SLOTS = {True: 24, False: 8}
RETRY_SECONDS = 0.2
LATE = timedelta(seconds=5)

_lateness = Histogram(
    "notifier_step_lateness_seconds",
    "Due instant of a step to its writing.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
_log = structlog.get_logger()


class Worker:
    """One process's share of the work. Nothing is lost with it: others take over when its leases end."""

    def __init__(self, counter: Counter, cases: CaseHandlers, wake: Wake, instance: str) -> None:
        self._db = counter.db
        self._clock = counter.clock
        self._cases = cases
        self._wake = wake
        self._name = instance or new_token(8)
        self._sends = Sends(counter)
        self._is_full = False
        self._acting: dict[bool, set[asyncio.Task[None]]] = {True: set(), False: set()}

    async def run(self) -> None:
        """Work until cancelled; what the last process of this name held is given back first."""
        await self._release()
        try:
            await asyncio.gather(self._steps(), self._alerts())
        finally:
            for task in [*self._acting[True], *self._acting[False]]:
                task.cancel()

    async def trouble(self) -> str | None:
        """A sentence when steps are late."""
        due = await escalations.next_due(self._db.pool)
        late = self._clock.now() - due if due else timedelta()
        return f"the next step of the calling is {late.total_seconds():.0f} s late" if late > LATE else None

    async def _release(self) -> None:
        while True:
            with suppress(*INFRASTRUCTURE_ERRORS):
                now = self._clock.now()
                await alerts.release_leases(self._db.pool, self._name, now, now + LEASE)
                return
            await asyncio.sleep(RETRY_SECONDS)

    # Steps

    async def _steps(self) -> None:
        while True:
            self._wake.steps.clear()
            try:
                now = self._clock.now()
                due = await escalations.next_step(self._db.pool)
                if due is None or due > now:
                    await self._sleep(now, due, self._wake.steps)
                elif not await self.write_due_steps():
                    await self._sleep(now, now + HELD_FOR, self._wake.steps)
            except INFRASTRUCTURE_ERRORS as error:
                await self._pause(error)

    async def write_due_steps(self) -> int:
        """Write a batch of due steps; returns how many escalations and reports were looked at."""
        async with self._db.transaction() as tx:
            now = self._clock.now()
            rows = await escalations.claim_due(tx, now, STEPS_AT_ONCE)
            for row in rows:
                await self._write(tx, row)
            reports = await self._cases.call_for_unopened(tx, now)
            if rows:
                tx.after_commit(self._wake.sends.set)
        return len(rows) + reports

    async def _write(self, tx: Transaction, row: EscalationRow) -> None:
        now = self._clock.now()
        try:
            async with tx.savepoint():
                await plan(tx, row, now)
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception:  # noqa: BLE001 - one bad row must not keep everybody else from being called
            _log.exception("step_failed", escalation_id=str(row.escalation_id))
            await escalations.postpone(tx, row.escalation_id, now + LEASE)
            return
        if row.next_due_at is not None and row.status in ACTIVE:
            _lateness.observe(max(0.0, (now - row.next_due_at).total_seconds()))

    # Alerts

    async def _alerts(self) -> None:
        while True:
            self._wake.sends.clear()
            try:
                now = self._clock.now()
                await self._sleep(now, await self._claim(now), self._wake.sends)
            except INFRASTRUCTURE_ERRORS as error:
                await self._pause(error)

    async def _claim(self, now: datetime) -> datetime | None:
        """Begin to act on what is due, as far as there are slots; returns when the next alert after it is due."""
        immediate, others = (SLOTS[kind] - len(self._acting[kind]) for kind in (True, False))
        claimed = await alerts.claim(self._db.pool, self._name, (now, now + LEASE), immediate, others)
        if claimed.claims:
            rows = await alerts.letter_rows(self._db.pool, claimed.claims)
            for claim in claimed.claims:
                self._begin(claim, rows[claim.alert_id])
        self._is_full = any(len(acting) >= SLOTS[kind] for kind, acting in self._acting.items())
        return claimed.next_due_at

    def _begin(self, claim: Claim, row: Mapping[str, Any]) -> None:
        acting = self._acting[claim.is_immediate]
        task = asyncio.create_task(self._sends.act(claim, row))
        acting.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """An act that broke leaves its alert to the end of the lease, when somebody acts again."""
        for acting in self._acting.values():
            acting.discard(task)
        if self._is_full:
            self._wake.sends.set()
        error: Any = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("act_failed", error=type(error).__name__, exc_info=error)

    # Waiting

    async def _sleep(self, now: datetime, due: datetime | None, wake: asyncio.Event) -> None:
        longest = now + LONGEST_SLEEP
        await self._clock.sleep_until(min(due or longest, longest), wake)

    async def _pause(self, error: Exception) -> None:
        _log.warning("database_away", error=type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)
