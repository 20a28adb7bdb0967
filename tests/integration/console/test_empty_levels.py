"""A level of a case's ladder at which nobody could be called is told at the desk."""

from typing import Any

import pytest_asyncio

from infra.ids import new_id
from tests.integration.console.conftest import Desk
from tests.integration.console.test_responder_words import alarms, called, timeline
from tests.integration.triage.conftest import Reports


@pytest_asyncio.fixture
async def case(desk: Desk, report: Reports) -> Any:
    """A case for which somebody is called, and an officer who is signed in."""
    await desk.sign_in()
    return await called(desk, report)


async def skipped(desk: Desk, case: Any, *levels: str) -> None:
    """Levels as the notifier keeps them when it finds nobody new there."""
    await desk.hotline.admin.pool.execute(
        "insert into notifier.empty_levels select escalation_id, level, $2 from notifier.escalations, "
        "unnest($3::text[]) level where subject_id = $1",
        case["case_id"],
        desk.hotline.clock.now(),
        list(levels),
    )


async def test_levels_that_were_skipped_are_told_and_alarm_while_people_are_called(desk: Desk, case: Any) -> None:
    await skipped(desk, case, "manager", "lead")

    english, chinese = await alarms(desk), await alarms(desk, "zh")
    levels = "third level (lead), fourth level (manager on call)"
    said = f"Case {case['alias']}: nobody new could be called at the {levels}. Find somebody (Responders)"
    assert f'<a href="/cases/{case["case_id"]}">{said}</a>' in english
    assert f"个案 {case['alias']}：第三层（值班长）、第四层（带班负责人）再无可呼叫的人" in chinese
    told = await timeline(desk, case)
    assert "Nobody new could be called at the third level (lead); it was skipped at once (Responders)" in told
    assert "第四层（带班负责人）再无可呼叫的人，已立即跳过" in await timeline(desk, case, "zh")

    await desk.hotline.admin.pool.execute(
        "update notifier.escalations set status = 'acknowledged', next_due_at = null, acknowledged_by = $2, "
        "acknowledged_at = $3, acknowledged_via = 'sms' where subject_id = $1",
        case["case_id"],
        desk.hotline.people["bj-li"],
        desk.hotline.clock.now(),
    )
    assert "nobody new could be called" not in await alarms(desk)
    assert "Nobody new could be called" in await timeline(desk, case), "what happened stays told"


async def test_a_level_that_alarms_already_alarms_once(desk: Desk, case: Any) -> None:
    await skipped(desk, case, "first")
    await desk.hotline.admin.pool.execute(
        "insert into triage.alarms (alarm_id, kind, subject_id, detail, raised_at) "
        "values ($1, 'nobody_on_call/first', $2, '{\"level\": \"first\"}', $3)",
        new_id(),
        case["case_id"],
        desk.hotline.clock.now(),
    )

    part = await alarms(desk)
    assert "can be called at the first level" in part
    assert "nobody new could be called" not in part
