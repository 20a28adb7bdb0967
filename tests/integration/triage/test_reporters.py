"""What is told when something became of a report: it was taken, by whatever way, or is no longer followed."""

from typing import Any

import pytest

from schemas.events import ReportReceived
from schemas.terms import AcknowledgedVia
from tests.integration.triage.conftest import Hotline, Reports
from tests.integration.triage.test_closing import MILD, SAFE, SERVED, ask, case_id_of, quiet
from tests.integration.triage.test_dead_letters import break_words, fail
from triage.handlers import presses
from triage.handlers.closing import Wanted

__all__ = ["quiet"]


async def told(hotline: Hotline) -> list[tuple[str, str]]:
    rows = await hotline.told("report.state_changed.v1")
    return [(row["body"]["report_id"], row["body"]["state"]) for row in rows]


async def test_taken_by_a_responder_it_is_told_once(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    assert await told(hotline) == []
    taken = hotline.escalation(case, acknowledged_by=hotline.people["bj-wang"], acknowledged_via=AcknowledgedVia.SMS)
    await hotline.receive(taken)
    await hotline.receive(taken)
    assert await told(hotline) == [(str(event.report_id), "taken")]


async def test_taken_at_the_desk_it_is_told(hotline: Hotline, quiet: ReportReceived) -> None:
    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, await hotline.press(await case_id_of(hotline, quiet)))
    assert await told(hotline) == [(str(quiet.report_id), "taken")]


async def test_closed_it_is_told(hotline: Hotline, quiet: ReportReceived) -> None:
    await ask(hotline, await case_id_of(hotline, quiet), SERVED)
    assert await told(hotline) == [(str(quiet.report_id), "closed")]


async def test_of_a_duplicate_nothing_is_told_until_something_becomes_of_the_case_that_goes_on(
    hotline: Hotline, quiet: ReportReceived, report: Reports
) -> None:
    other = await report(MILD, **SAFE)
    await hotline.receive(other)
    goes_on = await hotline.case_of(other.report_id)
    await ask(hotline, await case_id_of(hotline, quiet), Wanted("duplicate", "同一件事", other=goes_on["alias"]))
    assert (await hotline.case_of(quiet.report_id))["status"] == "closed"
    assert await told(hotline) == []


async def test_of_a_canary_nothing_is_told(hotline: Hotline, report: Any) -> None:
    event = await report(danger_now="yes", is_canary=True)
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    await hotline.receive(hotline.escalation(case, acknowledged_by=hotline.people["bj-wang"]))
    assert await told(hotline) == []


async def may_conflict(hotline: Hotline, event: ReportReceived) -> Any:
    """What is told, when a case is taken, of who filed its reports."""
    case = await hotline.case_of(event.report_id)
    await hotline.receive(hotline.escalation(case, acknowledged_by=hotline.people["bj-wang"]))
    [row] = await hotline.told("report.state_changed.v1")
    return row["body"]["may_conflict"]


@pytest.mark.parametrize(("words", "is_told"), [("体育老师打了孩子", True), ("爸爸打了孩子", False)])
async def test_it_is_told_whether_it_may_be_about_staff(
    hotline: Hotline, report: Reports, words: str, is_told: bool
) -> None:
    event = await report(words, danger_now="yes")
    await hotline.receive(event)
    assert await may_conflict(hotline, event) is is_told


async def test_of_a_report_that_no_machine_could_read_nobody_knows_it(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await break_words(hotline)
    await fail(hotline, event)
    assert await may_conflict(hotline, event) is None
