"""What a claim or a pair touches does not grow with what waits and who is known: EXPLAIN ANALYZE over thousands."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from infra.ids import new_id
from notifier.store import alerts, answers, escalations
from notifier.timer.worker import SLOTS, STEPS_AT_ONCE
from tests.bench.rungs import BACKUP_AFTER, ESCALATIONS, FIRST_ALERTS, LADDER, SUBJECTS
from tests.integration.notifier.proofs.still_night import StillNight

WAITING, DUE = 20_000, 400
SPARE = 10
AS_DUE = """
update notifier.alerts a set state = 'queued', delivered_at = null, ended_at = null, due_at = e.next_due_at
  from notifier.escalations e where e.escalation_id = a.escalation_id
"""
PEOPLE = 2_000
MANY_PEOPLE = """
with known as (
    insert into triage.people (person_id, handle, name, language)
    select gen_random_uuid(), 'q' || n, '', 'en' from generate_series(1, 2000) n returning person_id, handle),
reached as (
    insert into triage.phones (person_id, position, number, number_token)
    select person_id, 1, '', convert_to(handle, 'UTF8') from known)
insert into notifier.reply_pairs (person_id, base, escalation_id, used_at)
select person_id, '3', escalation_id, now()
  from (select person_id, row_number() over () as n from known)
  join (select escalation_id, row_number() over () as n from notifier.escalations) using (n)
"""


async def test_a_claim_touches_its_batch_and_little_else(still: StillNight) -> None:
    now = still.clock.now()
    await _wait_for(still, [now - timedelta(seconds=1)] * DUE + [now + timedelta(hours=1)] * (WAITING - DUE))
    due = escalations.sql.claim_due_escalations.sql, (now, STEPS_AT_ONCE)
    assert "escalations" in await _is_bounded(still, *due, STEPS_AT_ONCE)
    await still.db.pool.execute(AS_DUE)
    lease = ("one", now, now + timedelta(seconds=10), *SLOTS.values())
    names = ("worker", "now", "lease_until", "immediate", "others")
    values = dict(zip(names, lease, strict=True))
    order = alerts.sql.driver_adapter.var_sorted["claim_alerts"]
    claim = alerts.sql.claim_alerts.sql, [values[name] for name in order]
    assert "alerts" in await _is_bounded(still, *claim, sum(SLOTS.values()))


async def test_giving_a_pair_touches_who_shares_a_phone_and_little_else(still: StillNight) -> None:
    li = await still.person("Li")
    await still.person("Bo", number=still.numbers[li])
    now = still.clock.now()
    await _wait_for(still, [now + timedelta(hours=1)] * PEOPLE)
    await still.db.pool.execute(MANY_PEOPLE)
    for table in ("notifier.reply_pairs", "notifier.escalations", "triage.phones"):
        await still.db.pool.execute(f"analyze {table}")
    escalation_id = await still.one("select escalation_id from notifier.escalations limit 1")
    asked = answers.sql.find_pairs_in_use.sql, (escalation_id, li, now)
    assert {"phones", "reply_pairs"} <= await _is_bounded(still, *asked, 2)
    assert {"phones"} <= await _is_bounded(still, answers.sql.try_people.sql, ([li],), 2)
    assert {"phones"} <= await _is_bounded(still, answers.sql.lock_pairs.sql, (li,), 2)


async def _wait_for(still: StillNight, dues: list[datetime]) -> None:
    ids = [new_id() for _ in dues]
    of = [new_id()] * len(ids)
    async with still.db.transaction() as tx:
        await tx.execute(SUBJECTS, ids, [f"X-{number}" for number in range(len(ids))])
        await tx.execute(ESCALATIONS, ids, of, of, dues, LADDER.model_dump(mode="json"), BACKUP_AFTER)
        await tx.execute(FIRST_ALERTS, [new_id() for _ in ids], ids, of, dues, BACKUP_AFTER)


async def _is_bounded(still: StillNight, sql: str, values: Any, batch: int) -> set[str]:
    async with still.db.pool.acquire() as connection, connection.transaction():
        plan = await connection.fetchval(f"explain (analyze, format json) {sql}", *values)
    top = json.loads(plan)[0]["Plan"]
    for node in _nodes(top):
        if "Relation Name" in node:
            touched = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            assert touched <= batch + SPARE, f"{node['Node Type']} of {node['Relation Name']} touched {touched} rows"
    return {node["Relation Name"] for node in _nodes(top) if "Relation Name" in node}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for each in node.get("Plans", []):
        yield from _nodes(each)
