"""No time, rule, event, meaning or press but the two that ask for it and grant it closes a case (design, rule 6)."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from infra.inbox import DeadLetter, Envelope
from infra.outbox import Trace
from schemas import events
from schemas.terms import Purpose, Role, Urgency
from tests.integration.triage.conftest import ASKED, BEATEN, NOWHERE, Hotline, Reports, Updates
from triage.__main__ import REACTIONS
from triage.domain.assessment import Meaning
from triage.handlers import on_dead_letter, presence, presses, rosters
from triage.handlers.meanings import on_meaning

TRIAGE = Path(__file__).parents[3] / "triage"
MILD = "想了解一下你们的服务，孩子六岁。"


@pytest.fixture
async def received(hotline: Hotline, report: Reports) -> list[events.ReportReceived]:
    """A case of every kind: immediate and called, routine and quiet, safe for a while, nowhere, a canary."""
    made = [
        await report(BEATEN, danger_now="yes", answers=ASKED),
        await report(MILD, danger_now="no", answers=ASKED),
        await report(MILD, child_safe_until=hotline.clock.now() + timedelta(hours=5)),
        await report(BEATEN, area=NOWHERE, danger_now="does_not_know"),
        await report(BEATEN, is_canary=True),
    ]
    for event in made:
        await hotline.receive(event)
    return made


async def closed(hotline: Hotline) -> int:
    count: int = await hotline.admin.pool.fetchval(
        "select count(*) from triage.cases where status = 'closed' or closed_by is not null"
    )
    return count


async def cases_of(hotline: Hotline) -> list[UUID]:
    return [row["case_id"] for row in await hotline.admin.pool.fetch("select case_id from triage.cases")]


async def test_two_months_of_every_timer_close_nothing(
    hotline: Hotline, received: list[events.ReportReceived]
) -> None:
    steps = [*[timedelta(minutes=1)] * 5, *[timedelta(hours=1)] * 12, *[timedelta(days=2)] * 30]
    missed = 0
    for step in steps:
        hotline.clock.advance(step)
        missed += await hotline.take_due()
        async with hotline.turn() as turn:
            await presence.look(turn)
            await rosters.extend(turn)

    assert missed > 50
    assert len(await cases_of(hotline)) == len(received)
    assert await closed(hotline) == 0


async def test_every_event_closes_nothing(
    hotline: Hotline, received: list[events.ReportReceived], report: Reports, update: Updates
) -> None:
    seen = {events.ReportReceived.type}
    now, by = hotline.clock.now(), hotline.people["bj-wang"]
    said: dict[type[events.EscalationState], dict[str, Any]] = {
        events.EscalationStarted: {},
        events.EscalationDeclined: {"declined_by": (by,)},
        events.EscalationExhausted: {"status": "exhausted", "exhausted_at": now},
        events.EscalationAcknowledged: {"acknowledged_by": by},
        events.FirstActionBegun: {"acknowledged_by": by, "begun_at": now},
        events.EscalationHandedBack: {"acknowledged_by": by, "handed_back_at": now, "handed_back_by": by},
        events.FactsRead: {"acknowledged_by": by, "facts_at": now},
        events.FactsClosed: {"acknowledged_by": by, "facts_closed_at": now, "facts_closed_for": by},
        events.ResponderArrived: {"acknowledged_by": by, "arrived_at": now, "checked_in_at": now},
        events.ResponderCheckedIn: {"acknowledged_by": by, "checked_in_at": now},
        events.ResponderNeedsHelp: {"acknowledged_by": by, "needs_help_at": now, "needs_help_by": by},
        events.ChildNotReached: {"acknowledged_by": by, "not_reached_at": now},
        events.ResponderLeft: {"acknowledged_by": by, "left_at": now},
        events.EscalationEnded: {"status": "ended"},
    }
    for each in received:
        case = await hotline.case_of(each.report_id)
        for purpose in set(Purpose) - {Purpose.PRESENCE, Purpose.ROSTER}:
            for kind, given in said.items():
                state = hotline.escalation(case, purpose, **given)
                await hotline.receive(kind(**state.model_dump()))
                seen.add(kind.type)
        await hotline.receive(await update(each, "谢谢，没事了，是开玩笑的。", danger_now="no"))
        seen.add(events.ReportUpdated.type)
        await hotline.receive(await report("是开玩笑的。", linked_to=each.report_id))

    assert seen == set(REACTIONS)
    assert await closed(hotline) == 0


async def test_no_meaning_and_no_broken_event_closes_anything(
    hotline: Hotline, received: list[events.ReportReceived]
) -> None:
    for each in received:
        meaning = Meaning(model="m", report_version=1, urgency=Urgency.ROUTINE)
        envelope = Envelope(each.report_id, each.type, each.key, each.model_dump(mode="json"), Trace.begin())
        async with hotline.turn() as turn:
            await on_meaning(turn, (each.report_id, 1), meaning)
            await on_dead_letter(DeadLetter(envelope, "broken", turn.now), turn)

    assert await closed(hotline) == 0


async def test_resting_reading_and_reassigning_close_nothing(
    hotline: Hotline, received: list[events.ReportReceived]
) -> None:
    team = await hotline.admin.pool.fetchval("select team_id from triage.teams where is_last_resort")
    for case_id in await cases_of(hotline):
        for press in (presses.mark_read, presses.take_at_desk, presses.record_first_action, presses.stand_down):
            async with hotline.turn() as turn:
                await press(turn, await hotline.press(case_id, "sup-lu", Role.SUPERVISOR))
        async with hotline.turn() as turn:
            await presses.reassign(turn, await hotline.press(case_id), team)

    assert await closed(hotline) == 0


def test_one_place_alone_writes_that_a_case_is_closed() -> None:
    writing = [
        path.relative_to(TRIAGE).as_posix()
        for path in sorted(TRIAGE.rglob("*.py"))
        if re.search(r"status=(Status\.CLOSED|\"closed\")", path.read_text("utf-8"))
    ]
    assert writing == ["handlers/closing.py"]
    statements = "\n".join(path.read_text("utf-8") for path in TRIAGE.rglob("*.sql"))
    assert not re.search(r"set[^;]*status = 'closed'", statements)
