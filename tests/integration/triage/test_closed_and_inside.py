"""Where closing meets cases inside others: what lives on is heard, read by a person, and never less urgent."""

from datetime import timedelta
from uuid import UUID

import pytest

from infra.ids import new_id
from infra.inbox import DeadLetter, Envelope
from infra.outbox import Trace
from schemas.events import ReportReceived
from schemas.terms import AcknowledgedVia, Role, Urgency
from tests.integration.triage.conftest import Hotline, Reports, Updates
from tests.integration.triage.test_closing import MILD, SAFE, ask, read
from tests.integration.triage.test_same_child import WORSE, opened, say, sheet_of, undo, urgency
from triage.domain.case import Refusal
from triage.handlers import closing, on_dead_letter, presses, second_person


async def reopen(hotline: Hotline, case_id: UUID) -> None:
    async with hotline.turn() as turn:
        await closing.reopen(turn, await hotline.press(case_id), "邻居又来电话")


async def lower(hotline: Hotline, case_id: UUID, to: Urgency) -> None:
    async with hotline.turn() as turn:
        await second_person.ask_lower_urgency(turn, await hotline.press(case_id), to, "孩子已在外婆家")
    async with hotline.turn() as turn:
        press = await hotline.press(case_id, "sup-lu", Role.SUPERVISOR)
        await second_person.decide_lower_urgency(turn, press, is_granted=True)


async def test_words_inside_that_no_handler_can_take_are_not_read_from_an_older_page(
    hotline: Hotline, report: Reports
) -> None:
    living, _ = await opened(hotline, report)
    other, event = await opened(hotline, report)
    await say(hotline, living, other)
    await read(hotline, living)
    old = await hotline.press(living)
    hotline.clock.advance(timedelta(minutes=1))

    body = event.model_dump(mode="json") | {"version": 2}
    letter = DeadLetter(
        Envelope(new_id(), "report.updated.v1", event.key, body, Trace.begin()), "ValueError", hotline.clock.now()
    )
    async with hotline.turn() as turn:
        await on_dead_letter(letter, turn)

    with pytest.raises(Refusal, match="refusal_changed"):
        async with hotline.turn() as turn:
            await presses.mark_read(turn, old)
    for case_id in (living, other):
        assert (await hotline.case_of_id(case_id))["unread_since"] is not None


async def test_a_living_case_is_not_lowered_below_one_inside_it(hotline: Hotline, report: Reports) -> None:
    living, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report, **WORSE)
    await say(hotline, living, other)
    await read(hotline, living)

    with pytest.raises(Refusal, match="refusal_lower_than_inside"):
        await lower(hotline, living, Urgency.ROUTINE)
    assert await urgency(hotline, living) == "immediate"

    await undo(hotline, living, other)
    await lower(hotline, living, Urgency.ROUTINE)
    assert await urgency(hotline, living) == "routine"


async def test_a_case_that_lives_again_is_no_less_urgent_than_what_is_inside_it(
    hotline: Hotline, report: Reports
) -> None:
    living, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report)
    await say(hotline, living, other)
    await hotline.had_closed(living)
    async with hotline.turn() as turn:
        await presses.raise_urgency(turn, await hotline.press(other), Urgency.IMMEDIATE)

    await reopen(hotline, living)

    assert await urgency(hotline, living) == "immediate"


async def test_words_inside_void_a_request_to_close_the_living_case(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    living, _ = await opened(hotline, report, MILD, **SAFE)
    other, event = await opened(hotline, report, MILD, **SAFE)
    await say(hotline, living, other)
    await read(hotline, living)
    await ask(hotline, living, closing.Wanted("served_safe", "社工见到孩子", is_disputed=True))

    await hotline.receive(await update(event, "再补充一句。"))

    assert "closing_voided" in await hotline.kinds(living)


async def test_anybody_takes_a_case_that_lives_again_and_waits_for_its_hour(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    case_id, event = await opened(hotline, report, MILD, **SAFE)
    await read(hotline, case_id)
    async with hotline.turn() as turn:
        await presses.raise_urgency(turn, await hotline.press(case_id), Urgency.PRIORITY)
    begins = await hotline.clock_of(case_id, "begin_calling")
    if begins is not None:
        hotline.clock.advance(begins["due_at"] - hotline.clock.now() + timedelta(seconds=1))
        await hotline.take_due()
    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, await hotline.press(case_id))
    case, by = await hotline.case_of_id(case_id), hotline.people["duty-zhou"]
    await hotline.receive(hotline.escalation(case, acknowledged_by=by, acknowledged_via=AcknowledgedVia.DESK))
    await read(hotline, case_id)
    await ask(hotline, case_id)
    assert (await hotline.case_of_id(case_id))["status"] == "closed"
    hotline.clock.advance(timedelta(hours=12))
    await hotline.receive(await update(event, "再补充一句。"))
    assert len(await hotline.assignments(case_id)) == 1, "its calling waits"

    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, await hotline.press(case_id, "duty-carter"))

    assert (await hotline.case_of_id(case_id))["taken_by"] == hotline.people["duty-carter"]


async def have_broken(hotline: Hotline, *events: ReportReceived) -> None:
    """Have reports whose seal is broken."""
    await hotline.admin.pool.execute("alter table ingest.reports disable trigger user")
    await hotline.admin.pool.execute(
        "update ingest.reports set facts = $1 where report_id = any ($2)",
        b"broken beyond opening, but long enough for a sealed value",
        [each.report_id for each in events],
    )


@pytest.mark.parametrize("at", [0, 1])
async def test_words_reach_the_sheet_of_the_living_case_though_another_report_does_not_open(
    hotline: Hotline, report: Reports, update: Updates, at: int
) -> None:
    living, event = await opened(hotline, report, "楼上孩子在哭。", **WORSE)
    other, inner = await opened(hotline, report, "窗户被砸了。", **WORSE)
    third, later = await opened(hotline, report, "有人敲门。")
    await say(hotline, living, other)
    await say(hotline, living, third)
    before = await sheet_of(hotline, living)
    assert not before.is_partial
    await have_broken(hotline, (event, inner)[at])

    await hotline.receive(await update(later, "他又拿着刀回来了。"))

    sheet = await sheet_of(hotline, living)
    assert sheet.is_partial
    assert sheet.narrative == f"{before.narrative}\n\n他又拿着刀回来了。"
    assert (sheet.place, sheet.children) == (before.place, before.children)
    assert set(sheet.dangers) >= set(before.dangers)


async def test_new_words_of_a_case_are_heard_though_another_report_of_it_does_not_open(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    case_id, event = await opened(hotline, report, "楼上孩子在哭。")
    linked = await report("窗户被砸了。", linked_to=event.report_id)
    await hotline.receive(linked)
    await have_broken(hotline, event)

    await hotline.receive(await update(linked, "他又拿着刀回来了。"))

    assert await urgency(hotline, case_id) == "immediate"
    sheet = await sheet_of(hotline, case_id)
    assert sheet.is_partial
    assert sheet.narrative == "楼上孩子在哭。\n\n窗户被砸了。\n\n他又拿着刀回来了。"
