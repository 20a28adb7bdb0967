"""A desk with a week of cases behind it, and the readers of its sample."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from schemas.terms import Role, Urgency
from tests.integration.console.conftest import desk
from tests.integration.triage.conftest import Hotline, Reports, hotline, quick_hashes, report, template, update, vault
from triage.domain.case import Actor
from triage.domain.second_reading import Certainty, Reading
from triage.handlers import sampling
from triage.handlers.second_readings import give_reading

__all__ = ["desk", "hotline", "quick_hashes", "report", "template", "update", "vault"]

MONDAY = datetime(2026, 3, 8, 16, tzinfo=UTC)
"""When the week of the tests ends in Beijing: the midnight before Monday, 9 March 2026."""
DUE = MONDAY + timedelta(hours=6)

Cases = Callable[..., Awaitable[list[Any]]]


@pytest.fixture
def cases(hotline: Hotline, report: Reports) -> Cases:
    """Opens cases: `await cases("routine", 3, closed=1)`; each is set to that urgency as it was opened."""

    async def make(urgency: str, count: int = 1, **given: Any) -> list[Any]:
        found = []
        closed, words = given.pop("closed", 0), given.pop("words", "想问一下，学校门口晚上有没有人值守。")
        for number in range(count):
            event = await report(words, **given)
            await hotline.receive(event)
            case = await hotline.case_of(event.report_id)
            await hotline.admin.pool.execute(
                "update triage.cases set urgency = $2 where case_id = $1", case["case_id"], urgency
            )
            if number < closed:
                await hotline.had_closed(case["case_id"], "sup-lu")
            found.append(await hotline.case_of(event.report_id))
        return found

    return make


async def draw(hotline: Hotline) -> bool:
    """Plan and draw as the loop does."""
    async with hotline.turn() as turn:
        await sampling.plan(turn)
        return await sampling.draw_due(turn)


async def plan(hotline: Hotline) -> None:
    """Plan the sample of the present week."""
    async with hotline.turn() as turn:
        await sampling.plan(turn)


def move_to(hotline: Hotline, at: datetime) -> None:
    """Let time pass until an instant."""
    hotline.clock.advance(at - hotline.clock.now())


async def entries(hotline: Hotline) -> list[Any]:
    """What was drawn, in its order."""
    return list(await hotline.admin.pool.fetch("select * from triage.sample_entries order by week, place"))


async def entry_of(hotline: Hotline, case: Any) -> UUID:
    """The drawn entry of a case."""
    found = await hotline.admin.pool.fetchval(
        "select entry_id from triage.sample_entries where case_id = $1", case["case_id"]
    )
    assert isinstance(found, UUID)
    return found


async def read(hotline: Hotline, entry_id: UUID, who: str, urgency: str) -> None:
    """Let somebody give their reading."""
    actor = Actor(hotline.people[who], Role.DUTY_OFFICER)
    async with hotline.turn() as turn:
        await give_reading(turn, actor, entry_id, Reading(Urgency(urgency), Certainty.SURE))


async def alarm_kinds(hotline: Hotline) -> list[str]:
    """The kinds of open alarms."""
    rows = await hotline.admin.pool.fetch("select kind from triage.alarms where settled_at is null order by kind")
    return [row["kind"] for row in rows]
