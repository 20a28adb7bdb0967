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
from triage.handlers import closing, on_dead_letter, presses, same_child, second_person
from triage.store import pairings
from triage.store.pairings import Says


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


async def closed_and_tied(hotline: Hotline, report: Reports, says: Says) -> tuple[UUID, UUID]:
    one, _ = await opened(hotline, report)
    other, _ = await opened(hotline, report)
    await say(hotline, one, other, says)
    for case_id in (one, other):
        await hotline.had_closed(case_id)
    return one, other


async def left_of(hotline: Hotline, case_id: UUID) -> tuple[object, ...]:
    """What must not change where a tie of a closed case is undone."""
    case, pool = await hotline.case_of_id(case_id), hotline.admin.pool
    clocks = await pool.fetch("select * from triage.clocks where case_id = $1 order by clock_id", case_id)
    judged = await pool.fetch("select * from triage.assessments where case_id = $1 order by assessment_id", case_id)
    kept = ("status", "urgency", "closed_by", "closed_at", "team_id", "unread_since", "taken_by")
    return [case[name] for name in kept], clocks, judged, await hotline.assignments(case_id)


@pytest.mark.parametrize("says", list(Says))
@pytest.mark.parametrize("from_the_other", [False, True])
async def test_what_ties_two_closed_cases_is_undone_by_a_named_person_and_wakes_neither(
    hotline: Hotline, report: Reports, says: Says, from_the_other: bool
) -> None:
    one, other = await closed_and_tied(hotline, report, says)
    before = [await left_of(hotline, each) for each in (one, other)]
    here, there = (other, one) if from_the_other else (one, other)

    await undo(hotline, here, there)

    assert [await left_of(hotline, each) for each in (one, other)] == before
    row = await hotline.admin.pool.fetchrow("select undone_by, undone_at from triage.pairings")
    assert dict(row or {}) == {"undone_by": hotline.people["duty-zhou"], "undone_at": hotline.clock.now()}
    for case_id in (one, other):
        assert any(kind.startswith(f"undid_{says}") for kind in await hotline.kinds(case_id))
        looks = await hotline.admin.pool.fetch("select action from infra.audit where case_id = $1", case_id)
        assert "undo_pairing" in {look["action"] for look in looks}
    async with hotline.turn() as turn:
        assert await pairings.standing(turn.tx, one) == []


async def test_a_tie_is_undone_from_the_page_of_the_closed_one_and_the_open_one_is_judged_again(
    hotline: Hotline, report: Reports
) -> None:
    earlier, _ = await opened(hotline, report)
    later, _ = await opened(hotline, report)
    await say(hotline, later, earlier, Says.SAME_CHILD)
    await hotline.had_closed(earlier)

    await undo(hotline, earlier, later)

    assert (await hotline.case_of_id(earlier))["status"] == "closed"
    rules = await hotline.admin.pool.fetchval(
        "select reasons from triage.assessments where case_id = $1 order by assessed_at desc, assessment_id desc "
        "limit 1",
        later,
    )
    assert "earlier-reports" not in {each["rule"] for each in rules}, "history that is none no longer counts"
    assert await urgency(hotline, later) == "priority", "and what has risen stays until two people lower it"


async def test_of_two_who_undo_the_same_tie_the_second_is_told_that_nothing_stands(
    hotline: Hotline, report: Reports
) -> None:
    one, other = await closed_and_tied(hotline, report, Says.SAME_MATTER)
    old = await hotline.press(one)
    await undo(hotline, one, other)

    for press, why in ((old, "refusal_changed"), (await hotline.press(one), "refusal_not_paired")):
        with pytest.raises(Refusal, match=why):
            async with hotline.turn() as turn:
                await same_child.undo(turn, press, other)


async def test_nothing_new_is_said_from_the_page_of_a_closed_case(hotline: Hotline, report: Reports) -> None:
    one, other = await closed_and_tied(hotline, report, Says.NOT_SAME)
    await undo(hotline, one, other)

    for says in Says:
        with pytest.raises(Refusal, match="refusal_closed"):
            await say(hotline, one, other, says)
