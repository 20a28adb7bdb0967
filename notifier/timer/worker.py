"""Two loops: one writes the steps that are due, one acts on the alerts that are due."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from prometheus_client import Counter as Metric
from prometheus_client import Histogram

from infra.ids import new_token
from infra.postgres import INFRASTRUCTURE_ERRORS, Transaction
from notifier.domain.calling import ACTIVE
from notifier.handlers.cases import CaseHandlers
from notifier.handlers.planning import plan
from notifier.store import alerts, escalations
from notifier.store.alerts import Claim
from notifier.store.escalations import EscalationRow
from notifier.timer.sends import Counter, Sends

LEASE = timedelta(seconds=10)
LONGEST_SLEEP = timedelta(seconds=1)
STEPS_AT_ONCE = 10
# Immediate alerts never wait for a slot that others hold.
IMMEDIATE_SLOTS = 24
OTHER_SLOTS = 8
RETRY_SECONDS = 0.2
LATE = timedelta(seconds=5)

_planned = Metric("notifier_alerts_planned_total", "Alerts written by the ladder.", ["channel"])
_lateness = Histogram(
    "notifier_step_lateness_seconds",
    "Due instant of a step to its writing.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
_log = structlog.get_logger()


class Wake:
    """Wakes both loops of this process."""

    def __init__(self) -> None:
        self.steps = asyncio.Event()
        self.sends = asyncio.Event()

    def __call__(self) -> None:
        """Let both look at once."""
        self.steps.set()
        self.sends.set()


class Worker:
    """One process's share of the work. Nothing is lost with it: others take over when its leases end."""

    def __init__(self, counter: Counter, cases: CaseHandlers, wake: Wake, instance: str) -> None:
        self._db = counter.db
        self._clock = counter.clock
        self._cases = cases
        self._wake = wake
        self._name = instance or new_token(8)
        self._sends = Sends(counter)
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
                if not await self.write_due_steps():
                    await self._sleep(self._wake.steps)
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
            tx.after_commit(self._wake.sends.set)
        return len(rows) + reports

    async def _write(self, tx: Transaction, row: EscalationRow) -> None:
        now = self._clock.now()
        try:
            async with tx.savepoint():
                decided = await plan(tx, row, now)
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception:  # noqa: BLE001 - one bad row must not keep everybody else from being called
            _log.exception("step_failed", escalation_id=str(row.escalation_id))
            await escalations.postpone(tx, row.escalation_id, now + LEASE)
            return
        if row.next_due_at is not None and row.status in ACTIVE:
            _lateness.observe(max(0.0, (now - row.next_due_at).total_seconds()))
        for step in decided.steps:
            _planned.labels(step.channel.value).inc()

    # Alerts

    async def _alerts(self) -> None:
        while True:
            self._wake.sends.clear()
            try:
                if not await self._claim():
                    await self._sleep(self._wake.sends)
            except INFRASTRUCTURE_ERRORS as error:
                await self._pause(error)

    async def _claim(self) -> int:
        now = self._clock.now()
        claims: list[Claim] = []
        for is_immediate, slots in ((True, IMMEDIATE_SLOTS), (False, OTHER_SLOTS)):
            room = slots - len(self._acting[is_immediate])
            if room > 0:
                claims += await alerts.claim(self._db.pool, self._name, (now, now + LEASE), is_immediate, room)
        for claim in claims:
            self._begin(claim)
        return len(claims)

    def _begin(self, claim: Claim) -> None:
        acting = self._acting[claim.is_immediate]
        task = asyncio.create_task(self._sends.act(claim))
        acting.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """An act that broke leaves its alert to the end of the lease, when somebody acts again."""
        for acting in self._acting.values():
            acting.discard(task)
        self._wake()
        error: Any = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("act_failed", error=type(error).__name__, exc_info=error)

    # Waiting

    async def _sleep(self, wake: asyncio.Event) -> None:
        now = self._clock.now()
        due = await escalations.next_due(self._db.pool)
        if due is None or due > now:
            await self._clock.sleep_until(min(due or now + LONGEST_SLEEP, now + LONGEST_SLEEP), wake)
        else:
            # Due, but held by another worker or beyond our slots.
            await self._clock.sleep_until(now + timedelta(milliseconds=20), wake)

    async def _pause(self, error: Exception) -> None:
        _log.warning("database_away", error=type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)
