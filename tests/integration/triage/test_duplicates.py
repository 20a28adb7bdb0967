"""A case closed as the duplicate of another, which lives, is no less urgent, and says what its reporter is told."""

import asyncio
from datetime import timedelta

import pytest

from schemas.events import ReportReceived
from tests.integration.triage.conftest import Hotline, Reports
from tests.integration.triage.test_closing import (
    MILD,
    SAFE,
    ask,
    case_id_of,
    decide,
    grave,
    quiet,
    read,
    state,
    status,
)  # fmt: skip
from triage.domain.case import Refusal
from triage.handlers import presses
from triage.handlers.closing import Wanted

__all__ = ["grave", "quiet"]


async def test_a_duplicate_says_to_its_reporter_what_the_other_case_says(
    hotline: Hotline, quiet: ReportReceived, grave: ReportReceived
) -> None:
    case_id, other = await case_id_of(hotline, quiet), await case_id_of(hotline, grave)
    alias, own = (await hotline.case_of_id(other))["alias"], (await hotline.case_of_id(case_id))["alias"]
    with pytest.raises(Refusal, match="refusal_duplicate_of"):
        await ask(hotline, case_id, Wanted("duplicate", "同一件事", other=own))
    with pytest.raises(Refusal, match="refusal_duplicate_lower"):
        await ask(hotline, other, Wanted("duplicate", "同一件事", other=own))

    await ask(hotline, case_id, Wanted("duplicate", "同一件事", other=alias.lower()))

    assert await status(hotline, case_id) == "closed"
    assert await state(hotline, quiet) == "taken"
    await ask(hotline, other)
    await decide(hotline, other)
    assert await state(hotline, quiet) == "outcome_available"


async def test_a_case_is_no_duplicate_of_one_that_was_closed_since(
    hotline: Hotline, quiet: ReportReceived, report: Reports
) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    case_id, other = await case_id_of(hotline, event), await case_id_of(hotline, quiet)
    await read(hotline, case_id)
    alias = (await hotline.case_of_id(other))["alias"]
    await ask(hotline, case_id, Wanted("duplicate", "同一件事", other=alias, is_disputed=True))
    await ask(hotline, other)

    with pytest.raises(Refusal, match="refusal_duplicate_of"):
        await decide(hotline, case_id)
    assert await status(hotline, case_id) == "open"


async def test_two_cases_never_become_each_others_duplicates(
    hotline: Hotline, quiet: ReportReceived, report: Reports
) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    one, other = await case_id_of(hotline, quiet), await case_id_of(hotline, event)
    await read(hotline, other)
    aliases = {each: (await hotline.case_of_id(each))["alias"] for each in (one, other)}

    ends = await asyncio.gather(
        ask(hotline, one, Wanted("duplicate", "同一件事", other=aliases[other])),
        ask(hotline, other, Wanted("duplicate", "同一件事", other=aliases[one])),
        return_exceptions=True,
    )

    assert [str(each) for each in ends if isinstance(each, Exception)] == ["refusal_duplicate_of"]
    assert sorted([await status(hotline, one), await status(hotline, other)]) == ["closed", "open"]


async def test_what_its_reporter_was_told_never_goes_back(hotline: Hotline, report: Reports) -> None:
    event, unread = await report(MILD, **SAFE), await report(MILD, **SAFE)
    for each in (event, unread):
        await hotline.receive(each)
    case_id = await case_id_of(hotline, event)
    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, await hotline.press(case_id))
    assert (await state(hotline, event), await state(hotline, unread)) == ("taken", "received")
    taken_at = (await hotline.case_of_id(case_id))["taken_at"]
    hotline.clock.advance(timedelta(minutes=5))

    other = (await hotline.case_of(unread.report_id))["alias"]
    await ask(hotline, case_id, Wanted("duplicate", "同一件事", other=other))

    assert await status(hotline, case_id) == "closed"
    assert await state(hotline, event) == "taken"
    changed_at = await hotline.admin.pool.fetchval(
        "select changed_at from triage.for_ingest_states where report_id = $1", event.report_id
    )
    assert changed_at == taken_at
    assert await state(hotline, unread) == "received"


async def test_of_a_duplicate_of_a_duplicate_the_furthest_is_told(hotline: Hotline, report: Reports) -> None:
    first, second, third = [await report(MILD, **SAFE) for _ in range(3)]
    for each in (first, second, third):
        await hotline.receive(each)
    one, two, last = [await hotline.case_of(each.report_id) for each in (first, second, third)]
    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, await hotline.press(two["case_id"]))
    await read(hotline, one["case_id"])
    await ask(hotline, one["case_id"], Wanted("duplicate", "同一件事", other=two["alias"]))
    await ask(hotline, two["case_id"], Wanted("duplicate", "同一件事", other=last["alias"]))

    assert [await state(hotline, each) for each in (first, second, third)] == ["taken", "taken", "received"]
