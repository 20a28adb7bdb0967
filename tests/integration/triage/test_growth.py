"""What every heartbeat looks at does not grow with what was ever done: EXPLAIN ANALYZE over years of cases."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.postgres import queries
from tests.integration.triage.conftest import Hotline, Reports
from triage.store import cases

STATEMENTS = queries(Path(cases.__file__).with_suffix(".sql"))
EVER = 20_000
SPARE = 10
CASES = """
insert into triage.cases select r.*
  from triage.cases c, generate_series(1, $2) n, jsonb_populate_record(
       c, jsonb_build_object('case_id', md5(n::text)::uuid, 'alias', 'X-' || n)) r
 where c.case_id = $1
"""
ASSIGNMENTS = """
insert into triage.assignments select r.*
  from triage.assignments a, generate_series(1, $2) n, jsonb_populate_record(
       a, jsonb_build_object('subject_id', md5(n::text)::uuid)) r
 where a.subject_id = $1
"""


async def test_cases_without_a_step_are_found_without_what_was_ever_taken(hotline: Hotline, report: Reports) -> None:
    waiting, done = await _opened(hotline, report), await _opened(hotline, report)
    await hotline.receive(hotline.escalation(done, acknowledged_by=hotline.people["bj-li"]))
    await hotline.had_closed(done["case_id"])
    await _repeat(hotline, done)
    await hotline.admin.pool.execute("analyze triage.cases, triage.assignments, triage.clocks")

    async with hotline.turn() as turn:
        assert await cases.without_step(turn.tx, turn.now, turn.now) == [waiting["alias"]]
    for node in await _reads(hotline, "find_cases_without_step"):
        touched = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        assert touched <= SPARE, f"{node['Node Type']} of {node['Relation Name']} touched {touched} rows"


async def _opened(hotline: Hotline, report: Reports) -> Any:
    """A case for which people are called."""
    event = await report(danger_now="yes")
    await hotline.receive(event)
    return await hotline.case_of(event.report_id)


async def _repeat(hotline: Hotline, case: Any) -> None:
    """Many more cases like one, with its callings."""
    async with hotline.admin.transaction() as tx:
        # What a closing rests on is not what is measured.
        await tx.execute("set local session_replication_role = replica")
        await tx.execute(CASES, case["case_id"], EVER)
        await tx.execute(ASSIGNMENTS, case["case_id"], EVER)


async def _reads(hotline: Hotline, name: str) -> list[dict[str, Any]]:
    """Every look into a table that a statement takes now."""
    values = {"late_since": hotline.clock.now(), "called_since": hotline.clock.now()}
    order = STATEMENTS.driver_adapter.var_sorted[name]
    plan = await hotline.admin.pool.fetchval(
        f"explain (analyze, format json) {getattr(STATEMENTS, name).sql}", *(values[each] for each in order)
    )
    return [node for node in _nodes(json.loads(plan)[0]["Plan"]) if "Relation Name" in node]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for each in node.get("Plans", []):
        yield from _nodes(each)
