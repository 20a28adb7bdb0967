"""A case lives again, and one of low urgency is looked at again: nothing rests for good."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from infra.inbox import DeadLetter, Envelope
from infra.outbox import Trace
from tests.integration.triage.conftest import ASKED, NOWHERE, Hotline, Reports, Updates
from tests.integration.triage.test_closing import MILD, SAFE, SERVED, ask, case_id_of, read, status
from triage.domain.case import Refusal
from triage.handlers import Turn, closing, on_dead_letter, presses
from triage.packs import Packs

CN = Path("triage/packs/cn.yaml")
CLOCK = """  - name: home_visit
    start_event: case_opened
    length: PT4H
    kind: internal
    owner: responder
    on_breach: alarm_desk
    source: "invented"
    checked_on: 2026-11-23
    confidence: internal
"""


@pytest.fixture
def visited(tmp_path: Path) -> Packs:
    """The packs in force, with one more clock that starts when a case is opened."""
    pack = tmp_path / "cn.yaml"
    pack.write_text(CN.read_text("utf-8").replace("\nclocks:\n", f"\nclocks:\n{CLOCK}"), "utf-8")
    return Packs.tried(pack)


async def reopen(hotline: Hotline, case_id: UUID, packs: Packs | None = None) -> None:
    async with hotline.turn() as turn:
        means = replace(turn.means, packs=packs or turn.means.packs)
        await closing.reopen(Turn(turn.tx, means, turn.now), await hotline.press(case_id), "邻居又来电话")


async def running(hotline: Hotline, case_id: UUID) -> Sequence[str]:
    rows = await hotline.admin.pool.fetch(
        "select name from triage.clocks where case_id = $1 and ended_at is null order by name", case_id
    )
    return [row["name"] for row in rows]


async def test_words_that_nobody_can_process_open_a_closed_case_and_are_read_in_two_minutes(
    hotline: Hotline, report: Reports, update: Updates
) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    await ask(hotline, case_id)
    hotline.clock.advance(timedelta(hours=1))
    told = await update(event, "又听见孩子哭。")
    envelope = Envelope(event.report_id, told.type, told.key, told.model_dump(mode="json"), Trace.begin())

    async with hotline.turn() as turn:
        await on_dead_letter(DeadLetter(envelope, "broken", turn.now), turn)

    assert await status(hotline, case_id) == "open"
    clock = await hotline.clock_of(case_id, "read")
    assert clock["due_at"] == hotline.clock.now() + timedelta(minutes=2)


async def test_a_new_report_linked_to_a_closed_case_is_a_case_of_its_own(hotline: Hotline, report: Reports) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    await ask(hotline, case_id)

    later = await report(MILD, **SAFE, linked_to=event.report_id)
    await hotline.receive(later)

    assert await case_id_of(hotline, later) != case_id
    assert await status(hotline, case_id) == "closed"


@pytest.mark.parametrize(
    ("words", "urgency", "days"),
    [(MILD, "routine", 7), ("孩子已经好几个星期没来上学了，六岁。", "priority", 3)],
)
async def test_a_case_of_low_urgency_has_a_review_that_alarms_and_calls_nobody(
    hotline: Hotline, report: Reports, words: str, urgency: str, days: int
) -> None:
    event = await report(words, **SAFE)
    await hotline.receive(event)
    case = await hotline.case_of(event.report_id)
    case_id = case["case_id"]
    assert case["urgency"] == urgency
    await read(hotline, case_id)
    review = await hotline.clock_of(case_id, "review")
    assert review["due_at"] - review["started_at"] == timedelta(days=days)
    await hotline.admin.pool.execute(
        "update triage.clocks set ended_at = started_at where case_id = $1 and name <> 'review'", case_id
    )

    hotline.clock.advance(timedelta(days=days, minutes=1))
    before = await hotline.admin.pool.fetchval("select count(*) from triage.assignments")
    await hotline.take_due()

    assert await hotline.admin.pool.fetchval("select count(*) from triage.assignments") == before
    kinds = [row["kind"] for row in await hotline.admin.pool.fetch("select kind from triage.alarms")]
    assert "clock_missed/review" in kinds
    again = await hotline.clock_of(case_id, "review")
    assert again["due_at"] == hotline.clock.now() + timedelta(days=days)
    assert await status(hotline, case_id) == "open"


async def test_a_report_that_cannot_be_opened_calls_for_a_second_person(hotline: Hotline, report: Reports) -> None:
    event = await report(MILD, danger_now="no", answers=ASKED)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    await hotline.admin.pool.execute("alter table ingest.reports disable trigger user")
    await hotline.admin.pool.execute(
        "update ingest.reports set facts = $1", b"broken beyond opening, but long enough"
    )

    await ask(hotline, case_id)

    assert await status(hotline, case_id) == "open"
    grounds = await hotline.admin.pool.fetchval("select grounds from triage.closings")
    assert grounds == ["age_unknown"]


async def test_a_press_from_an_older_page_closes_nothing(hotline: Hotline, report: Reports) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    old = await hotline.press(case_id)
    await read(hotline, case_id)
    with pytest.raises(Refusal, match="refusal_changed"):
        async with hotline.turn() as turn:
            await closing.ask_close(turn, old, SERVED)


@pytest.mark.parametrize("is_found", [False, True])
async def test_the_place_is_to_be_found_again_unless_it_was_found_before_the_case_was_closed(
    hotline: Hotline, report: Reports, is_found: bool
) -> None:
    event = await report(MILD, NOWHERE, **SAFE)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    if is_found:
        async with hotline.turn() as turn:
            await presses.answer_clock(turn, await hotline.press(case_id), "find_place")
    await ask(hotline, case_id)
    assert (await status(hotline, case_id), await running(hotline, case_id)) == ("closed", [])
    hotline.clock.advance(timedelta(hours=1))

    await reopen(hotline, case_id)

    assert ("find_place" in await running(hotline, case_id)) is not is_found
    if not is_found:
        due = (await hotline.clock_of(case_id, "find_place"))["due_at"]
        assert due == hotline.clock.now() + timedelta(minutes=15)


async def test_what_the_pack_counts_from_the_opening_is_counted_from_the_reopening(
    hotline: Hotline, report: Reports, visited: Packs
) -> None:
    event = await report(MILD, **SAFE)
    await hotline.receive(event)
    case_id = await case_id_of(hotline, event)
    await read(hotline, case_id)
    await ask(hotline, case_id)
    hotline.clock.advance(timedelta(hours=1))

    await reopen(hotline, case_id, visited)

    assert await running(hotline, case_id) == ["home_visit", "response", "review"]
    assert (await hotline.clock_of(case_id, "home_visit"))["due_at"] == hotline.clock.now() + timedelta(hours=4)
