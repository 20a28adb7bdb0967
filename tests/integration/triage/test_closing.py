"""Closing a case: by named people alone, with a second one where it matters, and open again with the next word."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from asyncpg import CheckViolationError

from schemas.events import ReportReceived
from schemas.terms import AcknowledgedVia, Purpose, Role, Urgency
from tests.integration.triage.conftest import ASKED, Hotline, Reports, Updates
from triage.domain.case import Case, Refusal
from triage.handlers import closing, presses, second_person
from triage.handlers.closing import Wanted

MILD = "想了解一下你们的服务，孩子六岁。"
SAFE = {"danger_now": "no", "answers": ASKED}
SERVED = Wanted("served_safe", "社工今天下午见到孩子，外婆照看")

Make = Callable[..., Awaitable[Any]]


@pytest.fixture
async def quiet(hotline: Hotline, report: Reports) -> ReportReceived:
    """A routine report that answers every danger question, read: nobody is called for it."""
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    await read(hotline, await case_id_of(hotline, event))
    return event


@pytest.fixture
async def grave(hotline: Hotline, report: Reports) -> ReportReceived:
    """An immediate report, read and taken, whose emergency question is answered."""
    event = await report(danger_now="yes", answers=ASKED)
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    await read(hotline, case["case_id"])
    by = hotline.people["bj-wang"]
    await hotline.receive(hotline.escalation(case))
    await hotline.receive(hotline.escalation(case, acknowledged_by=by, acknowledged_via=AcknowledgedVia.SMS))
    async with hotline.turn() as turn:
        press = await hotline.press(case["case_id"])
        await presses.record_emergency_service(turn, press, {"not_needed": "警察已在现场"})
    return event


async def case_id_of(hotline: Hotline, event: ReportReceived) -> UUID:
    found: UUID = (await hotline.case_of(event.report_id))["case_id"]
    return found


async def read(hotline: Hotline, case_id: UUID) -> None:
    async with hotline.turn() as turn:
        await presses.mark_read(turn, await hotline.press(case_id))


async def ask(hotline: Hotline, case_id: UUID, wanted: Wanted = SERVED) -> Case:
    async with hotline.turn() as turn:
        return await closing.ask_close(turn, await hotline.press(case_id), wanted)


async def decide(hotline: Hotline, case_id: UUID, is_granted: bool = True) -> Case:
    async with hotline.turn() as turn:
        press = await hotline.press(case_id, "sup-lu", Role.SUPERVISOR)
        return await closing.decide_close(turn, press, is_granted)


async def status(hotline: Hotline, case_id: UUID) -> str:
    return str((await hotline.case_of_id(case_id))["status"])


async def entry(hotline: Hotline, case_id: UUID, kind: str) -> Any:
    return await hotline.admin.pool.fetchrow(
        "select * from triage.timeline where subject_id = $1 and kind = $2 order by entry_id desc limit 1",
        case_id,
        kind,
    )


async def state(hotline: Hotline, event: ReportReceived) -> str:
    return str(
        await hotline.admin.pool.fetchval(
            "select state from triage.for_ingest_states where report_id = $1", event.report_id
        )
    )


async def test_a_routine_case_is_closed_by_one_named_person_with_a_reason_and_words(
    hotline: Hotline, quiet: ReportReceived
) -> None:
    case_id = await case_id_of(hotline, quiet)
    seen = (await hotline.case_of_id(case_id))["version"]

    await ask(hotline, case_id)

    case = await hotline.case_of_id(case_id)
    assert (case["status"], case["closed_by"]) == ("closed", hotline.people["duty-zhou"])
    assert await hotline.admin.pool.fetchval("select count(*) from triage.clocks where ended_at is null") == 0
    told = await entry(hotline, case_id, "closed")
    assert told["detail"] == {
        "code": "served_safe", "grounds": [], "urgency": "routine", "pack": told["detail"]["pack"], "seen": seen,
        "before": "open", "after": "closed",
    }  # fmt: skip
    assert told["detail"]["pack"].startswith("CN ")
    asked = await entry(hotline, case_id, "closing_asked")
    assert "外婆".encode() not in asked["note"]
    assert await state(hotline, quiet) == "outcome_available"


async def test_a_grave_case_needs_a_second_person_of_the_right_post(hotline: Hotline, grave: ReportReceived) -> None:
    case_id = await case_id_of(hotline, grave)
    await ask(hotline, case_id)
    assert await status(hotline, case_id) == "open"

    for handle, role, why in (
        ("duty-zhou", Role.SUPERVISOR, "refusal_second_person"),
        ("duty-carter", Role.DUTY_OFFICER, "refusal_role"),
    ):
        with pytest.raises(Refusal, match=why):
            async with hotline.turn() as turn:
                await closing.decide_close(turn, await hotline.press(case_id, handle, role), True)
    with pytest.raises(Refusal, match="refusal_closing_asked"):
        await ask(hotline, case_id)
    await decide(hotline, case_id)

    case = await hotline.case_of_id(case_id)
    assert (case["status"], case["closed_by"]) == ("closed", hotline.people["duty-zhou"])
    detail = (await entry(hotline, case_id, "closed"))["detail"]
    assert detail["granted_by"] == str(hotline.people["sup-lu"])
    assert "ever_urgent" in detail["grounds"]
    assert await hotline.assignments(case_id, Purpose.RESPOND)


async def test_a_case_that_was_lowered_still_counts_as_what_it_was(hotline: Hotline, grave: ReportReceived) -> None:
    case_id = await case_id_of(hotline, grave)
    async with hotline.turn() as turn:
        press = await hotline.press(case_id)
        await second_person.ask_lower_urgency(turn, press, Urgency.ROUTINE, "孩子已由外婆接走")
    with pytest.raises(Refusal, match="desk_hindrance_lower_asked"):
        await ask(hotline, case_id)
    async with hotline.turn() as turn:
        press = await hotline.press(case_id, "sup-lu", Role.SUPERVISOR)
        await second_person.decide_lower_urgency(turn, press, True)
    lowered = await entry(hotline, case_id, "lowered")
    assert (lowered["detail"]["from"], lowered["detail"]["to"]) == ("immediate", "routine")
    assert lowered["detail"]["seen"] == press.version

    await ask(hotline, case_id)

    assert await status(hotline, case_id) == "open"
    assert "ever_urgent" in (await entry(hotline, case_id, "closing_asked"))["detail"]["grounds"]


async def test_a_second_person_may_refuse_and_it_can_be_asked_again(hotline: Hotline, grave: ReportReceived) -> None:
    case_id = await case_id_of(hotline, grave)
    await ask(hotline, case_id)
    await decide(hotline, case_id, is_granted=False)
    assert await status(hotline, case_id) == "open"
    with pytest.raises(Refusal, match="refusal_closing_not_asked"):
        await decide(hotline, case_id)

    await ask(hotline, case_id)

    assert "closing_refused" in await hotline.kinds(case_id)


async def test_nothing_unread_or_unasked_is_closed(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    with pytest.raises(Refusal, match="desk_hindrance_unread"):
        await ask(hotline, case_id)
    await read(hotline, case_id)
    with pytest.raises(Refusal, match="desk_hindrance_question_open"):
        await ask(hotline, case_id)


async def test_nothing_is_closed_while_people_are_called_and_nobody_has_it(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes", answers=ASKED)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    with pytest.raises(Refusal, match="desk_hindrance_calling"):
        await ask(hotline, case_id)
    async with hotline.turn() as turn:
        await presses.stand_down(turn, await hotline.press(case_id))
    with pytest.raises(Refusal, match="desk_hindrance_not_taken"):
        await ask(hotline, case_id)
    async with hotline.turn() as turn:
        await presses.take_at_desk(turn, await hotline.press(case_id))
    with pytest.raises(Refusal, match="desk_hindrance_emergency"):
        await ask(hotline, case_id)


async def test_nothing_is_closed_while_a_legal_deadline_runs(hotline: Hotline, grave: ReportReceived) -> None:
    case_id = await case_id_of(hotline, grave)
    await ask(hotline, case_id)
    await hotline.admin.pool.execute(
        "update triage.clocks set is_legal = true where case_id = $1 and name = 'police_delivery'", case_id
    )
    with pytest.raises(Refusal, match="desk_hindrance_legal_clock"):
        await decide(hotline, case_id)
    assert await status(hotline, case_id) == "open"


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted("no_capacity", "没有人手"), "refusal_closing_reason"),
        (Wanted("served_safe", "  "), "refusal_empty"),
        (Wanted("not_located", "找不到", steps=("visited", "called_back", "by_magic")), "refusal_closing_steps"),
        (Wanted("duplicate", "同一件事", other="ZZZZZ"), "refusal_duplicate_of"),
    ],
)
async def test_a_reason_that_says_too_little_is_refused(
    hotline: Hotline, quiet: ReportReceived, wanted: Wanted, why: str
) -> None:
    case_id = await case_id_of(hotline, quiet)
    with pytest.raises(Refusal, match=why):
        await ask(hotline, case_id, wanted)
    assert await status(hotline, case_id) == "open"


async def test_a_child_who_was_not_found_takes_steps_and_two_people(hotline: Hotline, quiet: ReportReceived) -> None:
    case_id = await case_id_of(hotline, quiet)
    steps = ("visited", "called_back", "asked_school")
    await ask(hotline, case_id, Wanted("not_located", "三次上门无人", steps=steps))
    assert await status(hotline, case_id) == "open"
    await decide(hotline, case_id)

    assert await status(hotline, case_id) == "closed"
    assert await state(hotline, quiet) == "closed"


async def test_a_reporter_who_disagrees_calls_for_a_second_person(hotline: Hotline, quiet: ReportReceived) -> None:
    case_id = await case_id_of(hotline, quiet)
    await ask(hotline, case_id, Wanted("served_safe", "已见到孩子", is_disputed=True))
    assert await status(hotline, case_id) == "open"
    assert (await entry(hotline, case_id, "closing_asked"))["detail"]["grounds"] == ["disputed"]


async def test_new_words_open_a_closed_case_at_once_and_it_calls_as_they_are_judged(
    hotline: Hotline, quiet: ReportReceived, update: Updates
) -> None:
    case_id = await case_id_of(hotline, quiet)
    await ask(hotline, case_id)
    assert not await hotline.assignments(case_id)
    hotline.clock.advance(timedelta(minutes=1))

    await hotline.receive(await update(quiet, "他拿着刀，孩子现在有危险。", danger_now="yes"))

    case = await hotline.case_of_id(case_id)
    assert (case["status"], case["urgency"], case["closed_by"]) == ("open", "immediate", None)
    assert case["unread_since"] is not None
    (made,) = await hotline.assignments(case_id)
    assert (made["status"], made["because"]) == ("calling", "raised")
    for name in ("read", "response", "emergency_service"):
        assert (await hotline.clock_of(case_id, name))["ended_at"] is None
    assert "reopened_by_words" in await hotline.kinds(case_id)
    assert await state(hotline, quiet) == "passed_on"


async def test_new_words_of_the_same_urgency_call_again_too_and_the_next_closing_takes_two(
    hotline: Hotline, grave: ReportReceived, update: Updates
) -> None:
    case_id = await case_id_of(hotline, grave)
    await ask(hotline, case_id)
    await decide(hotline, case_id)
    hotline.clock.advance(timedelta(hours=1))

    await hotline.receive(await update(grave, "又听见孩子哭。"))

    made = (await hotline.assignments(case_id))[-1]
    assert (made["status"], made["because"]) == ("calling", "reopened")
    case = await hotline.case_of_id(case_id)
    assert (case["status"], case["taken_by"], case["first_action_at"]) == ("open", None, None)
    told = (await hotline.told("case.changed.v1"))[-1]["body"]["assignments"]
    assert [each["status"] for each in told if each["number"] == made["number"]] == ["calling"]


async def test_words_after_a_closing_are_a_disagreement_at_the_next(
    hotline: Hotline, quiet: ReportReceived, update: Updates
) -> None:
    case_id = await case_id_of(hotline, quiet)
    await ask(hotline, case_id)
    hotline.clock.advance(timedelta(hours=1))
    await hotline.receive(await update(quiet, "谢谢，我还是担心。"))
    await read(hotline, case_id)

    await ask(hotline, case_id)

    assert await status(hotline, case_id) == "open"
    assert (await entry(hotline, case_id, "closing_asked"))["detail"]["grounds"] == ["disputed"]


async def test_new_words_and_a_raise_void_a_request(hotline: Hotline, grave: ReportReceived, update: Updates) -> None:
    case_id = await case_id_of(hotline, grave)
    await ask(hotline, case_id)
    await hotline.receive(await update(grave, "又听见孩子哭。"))

    with pytest.raises(Refusal, match="refusal_closing_not_asked"):
        await decide(hotline, case_id)
    assert "closing_voided" in await hotline.kinds(case_id)


async def test_a_person_opens_a_closed_case_again_and_people_are_called(
    hotline: Hotline, grave: ReportReceived
) -> None:
    case_id = await case_id_of(hotline, grave)
    with pytest.raises(Refusal, match="refusal_not_closed"):
        async with hotline.turn() as turn:
            await closing.reopen(turn, await hotline.press(case_id), "弄错了")
    await ask(hotline, case_id)
    await decide(hotline, case_id)
    with pytest.raises(Refusal, match="refusal_closed"):
        await read(hotline, case_id)
    hotline.clock.advance(timedelta(minutes=1))

    async with hotline.turn() as turn:
        await closing.reopen(turn, await hotline.press(case_id), "孩子又回到家里")

    assert await status(hotline, case_id) == "open"
    assert (await hotline.assignments(case_id))[-1]["because"] == "reopened"
    assert (await hotline.clock_of(case_id, "review"))["ended_at"] is None


async def test_a_responder_who_hands_a_closed_case_back_alarms_the_desk(
    hotline: Hotline, grave: ReportReceived
) -> None:
    case_id = await case_id_of(hotline, grave)
    case = await hotline.case_of_id(case_id)
    await ask(hotline, case_id)
    await decide(hotline, case_id)
    by = hotline.people["bj-wang"]

    await hotline.receive(
        hotline.escalation(case, acknowledged_by=by, handed_back_at=hotline.clock.now(), handed_back_by=by)
    )

    assert await status(hotline, case_id) == "closed"
    assert len(await hotline.assignments(case_id)) == 1
    kinds = [row["kind"] for row in await hotline.admin.pool.fetch("select kind from triage.alarms")]
    assert "closed_handed_back" in kinds


async def test_the_database_closes_nothing_that_nobody_asked_for(hotline: Hotline, quiet: ReportReceived) -> None:
    case_id = await case_id_of(hotline, quiet)
    pool = hotline.db.pool
    with pytest.raises(CheckViolationError):
        await pool.execute("update triage.cases set status = 'closed' where case_id = $1", case_id)
    with pytest.raises(CheckViolationError):
        await pool.execute(
            "update triage.cases set status = 'closed', closed_by = read_by, closed_at = read_at where case_id = $1",
            case_id,
        )
    assert await status(hotline, case_id) == "open"
