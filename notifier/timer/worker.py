"""Two loops: one writes the steps that are due, one acts on the alerts that are due."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Histogram

from infra.clock import DRIFT_REFUSED, Drift
from infra.ids import new_token
from infra.postgres import INFRASTRUCTURE_ERRORS, Transaction
from notifier.domain.calling import ACTIVE, Alert
from notifier.domain.watching import CASE_WITHIN
from notifier.handlers.cases import CaseHandlers
from notifier.handlers.planning import HELD_FOR, Steps
from notifier.handlers.waking import Wake
from notifier.store import alerts, escalations, letters, watched
from notifier.store.alerts import Claim
from notifier.store.escalations import EscalationRow, SubjectRow
from notifier.timer.counter import Counter
from notifier.timer.sends import Sends

LEASE = timedelta(seconds=10)
LONGEST_SLEEP = timedelta(seconds=1)
STEPS_AT_ONCE = 10
MORE_BATCHES = 4
# By is_immediate: immediate alerts never wait for a slot that others hold. So many, for while a crowd of cases is
# being opened each waits its turn at the database, and it is the rate of the numbers that should be waited for.
SLOTS = {True: 64, False: 8}
RETRY_SECONDS = 0.2
MOMENT_SECONDS = 0.02
LATE = timedelta(seconds=5)
# Longer than a lease, after which it is tried again.
FAILED_STEP_TOLD_FOR = timedelta(seconds=30)

Due = tuple[EscalationRow, SubjectRow, list[Alert]]

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
        self._drift = Drift(counter.clock, counter.db.pool)
        self._cases = cases
        self._wake = wake
        self._name = instance or new_token(8)
        self._sends = Sends(counter)
        self._is_full = False
        self._holds_idle_leases = True
        self._step_failed_at: datetime | None = None
        self._acting: dict[bool, dict[asyncio.Task[None], UUID]] = {True: {}, False: {}}

    async def run(self) -> None:
        """Work until cancelled; what the last process of this name held is given back first."""
        try:
            await asyncio.gather(self._steps(), self._alerts())
        finally:
            for task in [*self._acting[True], *self._acting[False]]:
                task.cancel()

    async def trouble(self) -> str | None:
        """A sentence when steps are late or cannot be written, or alerts wait for a key."""
        now = self._clock.now()
        due = await escalations.next_due(self._db.pool)
        if due and now - due > LATE:
            return f"the next step of the calling is {(now - due).total_seconds():.0f} s late"
        if self._step_failed_at and now - self._step_failed_at < FAILED_STEP_TOLD_FOR:
            return "the next step of a calling cannot be written, and is tried again every ten seconds"
        return self._sends.trouble()

    async def provider_trouble(self) -> str | None:
        """A sentence while a provider fails and is left alone."""
        return self._sends.provider_trouble()

    async def uncalled(self) -> str | None:
        """A sentence when somebody is in danger, there is no case, and nobody could be called."""
        came = await watched.uncalled_since(self._db.pool)
        late = self._clock.now() - came - CASE_WITHIN if came else timedelta()
        if late <= LATE:
            return None
        return (
            f"for {late.total_seconds():.0f} s a report with danger now has had no case and nobody could be called: "
            "is there a desk or a last-resort team?"
        )

    # Steps

    async def _steps(self) -> None:
        while True:
            self._wake.steps.clear()
            try:
                await self._keep_time()
                now = self._clock.now()
                due = await escalations.next_step(self._db.pool)
                if due is None or due > now:
                    await self._sleep(now, due, self._wake.steps)
                elif not await self.write_due_steps():
                    await self._sleep(now, now + HELD_FOR, self._wake.steps)
            except INFRASTRUCTURE_ERRORS as error:
                await self._pause(error)

    async def write_due_steps(self) -> int:
        """Write a batch of due steps; returns how many escalations and reports were looked at.

        Reports without a case have a transaction of their own: whatever is wrong with them undoes no step.
        """
        written = await self._write_batch()
        if written == STEPS_AT_ONCE:
            # Many are due: what one batch waits for, the database or us, another need not wait for.
            written += sum(await asyncio.gather(*(self._write_batch() for _ in range(MORE_BATCHES))))
        async with self._db.transaction() as tx:
            reports = await self._cases.call_for_unopened(tx, self._clock.now())
        return written + reports

    async def _write_batch(self) -> int:
        async with self._db.transaction() as tx:
            claimed = await escalations.claim_due(tx, self._clock.now(), STEPS_AT_ONCE)
            if claimed:
                so_far = await alerts.alerts_of(tx, (row.escalation_id for row, _ in claimed))
                due = [(row, subject, so_far[row.escalation_id]) for row, subject in claimed]
                if await self._write(tx, due) is not None:
                    for each in due:
                        await self._write_alone(tx, each)
                tx.after_commit(self._wake.sends.set)
        return len(claimed)

    async def _write(self, tx: Transaction, due: list[Due]) -> Exception | None:
        """Write steps under one savepoint; when one of them is bad none is written, and its error is returned."""
        now = self._clock.now()
        try:
            async with tx.savepoint():
                steps = Steps(tx, now)
                for each in due:
                    await steps.plan(*each)
                await steps.write()
        except INFRASTRUCTURE_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - one bad row must not keep everybody else from being called
            return error
        for row, _, _ in due:
            if row.next_due_at is not None and row.status in ACTIVE:
                _lateness.observe(max(0.0, (now - row.next_due_at).total_seconds()))
        return None

    async def _write_alone(self, tx: Transaction, due: Due) -> None:
        """Write the steps of one escalation; bad ones are told, and tried again later."""
        error = await self._write(tx, [due])
        if error is not None:
            row, now = due[0], self._clock.now()
            _log.error("step_failed", escalation_id=str(row.escalation_id), exc_info=error)
            self._step_failed_at = now
            await escalations.postpone(tx, row.escalation_id, now + LEASE)

    # Alerts

    async def _alerts(self) -> None:
        while True:
            self._wake.sends.clear()
            try:
                await self._keep_time()
                now = self._clock.now()
                await self._release(now)
                await self._sleep(now, await self._claim(now), self._wake.sends)
            except INFRASTRUCTURE_ERRORS as error:
                # Perhaps alerts were leased without our hearing of it.
                self._holds_idle_leases = True
                await self._pause(error)

    async def _release(self, now: datetime) -> None:
        """Give back leases on which nobody acts, at start and after the database was away: nobody waits for them."""
        if self._holds_idle_leases:
            acting = [alert_id for kind in self._acting.values() for alert_id in kind.values()]
            self._holds_idle_leases = False
            await alerts.release_leases(self._db.pool, self._name, (now, now + LEASE), acting)

    async def _claim(self, now: datetime) -> datetime | None:
        """Begin to act on what is due, as far as there are slots; returns when the next alert after it is due."""
        room = {kind: SLOTS[kind] - len(self._acting[kind]) for kind in (True, False)}
        claimed = await alerts.claim(self._db.pool, self._name, (now, now + LEASE), room[True], room[False])
        if claimed.claims:
            rows = await letters.letter_rows(self._db.pool, claimed.claims)
            for claim in claimed.claims:
                self._begin(claim, rows[claim.alert_id])
        full = [kind for kind in room if sum(c.is_immediate is kind for c in claimed.claims) >= room[kind]]
        self._is_full = bool(full)
        if any(len(self._acting[kind]) < SLOTS[kind] for kind in full):
            # An act ended while we claimed: more may be due than there was room for.
            self._claim_soon()
        return claimed.next_due_at

    def _claim_soon(self) -> None:
        """While all slots are taken, one claim is for all that end within a moment."""
        asyncio.get_running_loop().call_later(MOMENT_SECONDS, self._wake.sends.set)

    def _begin(self, claim: Claim, row: Mapping[str, Any]) -> None:
        task = asyncio.create_task(self._sends.act(claim, row))
        self._acting[claim.is_immediate][task] = claim.alert_id
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """An act that broke with the database is taken up at once; any other, at the end of its lease."""
        for acting in self._acting.values():
            acting.pop(task, None)
        if self._is_full:
            self._claim_soon()
        error: Any = None if task.cancelled() else task.exception()
        if isinstance(error, INFRASTRUCTURE_ERRORS):
            self._holds_idle_leases = True
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._wake.sends.set)
        if error is not None:
            _log.error("act_failed", error=type(error).__name__, exc_info=error)

    # Waiting

    async def _keep_time(self) -> None:
        """Go by the database's clock where this host's is wrong: by it every rung would be due at once, or none."""
        drift = await self._drift.look()
        self._clock.is_wrong_by(drift if abs(drift) > DRIFT_REFUSED else timedelta())

    async def _sleep(self, now: datetime, due: datetime | None, wake: asyncio.Event) -> None:
        longest = now + LONGEST_SLEEP
        await self._clock.sleep_until(min(due or longest, longest), wake)

    async def _pause(self, error: Exception) -> None:
        _log.warning("database_away", error=type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)
