"""What a claim touches does not grow with what waits: EXPLAIN ANALYZE over twenty thousand."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from infra.ids import new_id
from notifier.store import alerts, escalations
from notifier.timer.worker import SLOTS, STEPS_AT_ONCE
from tests.bench.rungs import BACKUP_AFTER, ESCALATIONS, FIRST_ALERTS, LADDER, SUBJECTS
from tests.integration.notifier.proofs.still_night import StillNight

WAITING, DUE = 20_000, 400
SPARE = 10
AS_DUE = """
update notifier.alerts a set state = 'queued', delivered_at = null, ended_at = null, due_at = e.next_due_at
  from notifier.escalations e where e.escalation_id = a.escalation_id
"""


async def test_a_claim_touches_its_batch_and_little_else(still: StillNight) -> None:
    now = still.clock.now()
    await _wait_for(still, [now - timedelta(seconds=1)] * DUE + [now + timedelta(hours=1)] * (WAITING - DUE))
    await _is_bounded(still, escalations.sql.claim_due_escalations.sql, (now, STEPS_AT_ONCE), STEPS_AT_ONCE)
    await still.db.pool.execute(AS_DUE)
    lease = ("one", now, now + timedelta(seconds=10), *SLOTS.values())
    names = ("worker", "now", "lease_until", "immediate", "others")
    values = dict(zip(names, lease, strict=True))
    order = alerts.sql.driver_adapter.var_sorted["claim_alerts"]
    await _is_bounded(still, alerts.sql.claim_alerts.sql, [values[name] for name in order], sum(SLOTS.values()))


async def _wait_for(still: StillNight, dues: list[datetime]) -> None:
    ids = [new_id() for _ in dues]
    of = [new_id()] * len(ids)
    async with still.db.transaction() as tx:
        await tx.execute(SUBJECTS, ids, [f"X-{number}" for number in range(len(ids))])
        await tx.execute(ESCALATIONS, ids, of, of, dues, LADDER.model_dump(mode="json"), BACKUP_AFTER)
        await tx.execute(FIRST_ALERTS, [new_id() for _ in ids], ids, of, dues, BACKUP_AFTER)


async def _is_bounded(still: StillNight, sql: str, values: Any, batch: int) -> None:
    async with still.db.pool.acquire() as connection, connection.transaction():
        plan = await connection.fetchval(f"explain (analyze, format json) {sql}", *values)
    top = json.loads(plan)[0]["Plan"]
    for node in _nodes(top):
        if "Relation Name" in node:
            touched = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            assert touched <= batch + SPARE, f"{node['Node Type']} of {node['Relation Name']} touched {touched} rows"
    assert {"escalations", "alerts"} & {node.get("Relation Name") for node in _nodes(top)}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for each in node.get("Plans", []):
        yield from _nodes(each)
