"""Everything is killed once while two hundred contacts arrive on all channels; nothing is lost, nothing twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from infra.clock import stopwatch
from infra.deploy.kafka.kafka import KafkaNode
from infra.emulators.demo.records import NothingFound, until
from infra.up.parts import answers_ready
from tests.acceptance.crowd import Crowd, Takers
from tests.acceptance.world import World, world
from tests.conftest import OUTSIDE

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONTACTS = 200
EVERY_SECONDS = 0.27
HANDLED_WITHIN = 3.0
STILL_BEGINS_WITHIN = timedelta(seconds=1)
MARKED_WITHIN = timedelta(seconds=0.1)
"""By then what the broker took before it died has been marked as published."""
SWEEP_AFTER = timedelta(seconds=45)
"""Brings the next sweep about, and keeps every report younger than the two minutes after which the desk is called."""
SETTLES_WITHIN = 60.0
VICTIMS = ("ingest", "relay", "triage", "notifier", "broker", "postgres")


@dataclass
class Stage:
    """The hotline and its broker, which is its own embedded one or an Apache Kafka of this test."""

    world: World
    kafka: KafkaNode | None
    handled: dict[str, float] = field(default_factory=dict)
    killed_at: datetime | None = None
    """When the broker was dead."""

    async def kill(self, name: str) -> None:
        """SIGKILL a part and return when it is ready again, and so is everything that stands on it."""
        if name == "broker" and self.kafka is not None:
            await asyncio.to_thread(self.kafka.kill)
            self.killed_at = await self.world.one("select clock_timestamp()")
            await asyncio.to_thread(self.kafka.start)
            return
        await self.world.hotline.kill(name)
        if name == "broker":
            self.killed_at = await self.world.one("select clock_timestamp()")
        await self.world.hotline.ready(name)
        settings = self.world.settings
        for port in (settings.ingest_port, settings.console_port, settings.notifier_port, settings.relay_port):
            while not await answers_ready(port):
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("kill")
    kafka = KafkaNode(folder / "kafka") if OUTSIDE else None
    servers = await asyncio.to_thread(kafka.start) if kafka else None
    try:
        async with world(folder / "state", servers) as made:
            yield Stage(made, kafka)
    finally:
        if kafka is not None:
            await asyncio.to_thread(kafka.stop)


async def test_nothing_is_lost_whatever_dies(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    hotline = stage.world
    takers = Takers(hotline, [hotline.responder(each.name) for each in hotline.crew.responders])
    working = asyncio.create_task(takers.work())
    began = stopwatch()
    try:
        async with ClientSession() as session:
            crowd = Crowd(hotline, session)
            probes = await kill_one_after_the_other(stage, crowd)
        moved_at: datetime = await hotline.one("select clock_timestamp()")
        await hotline.passes(seconds=SWEEP_AFTER.total_seconds())
        reports = await every_contact_is_in_one_report(hotline, crowd, probes)
        await every_report_is_in_one_case(hotline)
        immediate = await every_immediate_one_is_acknowledged(hotline)
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    late = await alerts_begun_after_the_acknowledgement(hotline, moved_at)
    counted = {
        "contacts": crowd.counts,
        "probes": len(probes),
        "reports": reports,
        "immediate, all taken": immediate,
        "webhooks nobody took": await failed_webhooks(hotline),
        "retries of web and API": crowd.retries,
        "calls cut off": crowd.dropped,
        "taken": dict(takers.taken),
        "handled after the kill, s": {name: round(seconds, 2) for name, seconds in stage.handled.items()},
        "latest alert after its acknowledgement, s": round(max(late, default=0.0), 3),
        "seconds": round(stopwatch() - began),
    }
    with capsys.disabled():
        print("\nkill test:", *(f"  {name}: {value}" for name, value in counted.items()), sep="\n")  # noqa: T201
    assert sum(crowd.counts.values()) == CONTACTS
    assert [seconds for seconds in late if seconds > STILL_BEGINS_WITHIN.total_seconds()] == []
    assert {name: s for name, s in stage.handled.items() if s > HANDLED_WITHIN} == {}


async def kill_one_after_the_other(stage: Stage, crowd: Crowd) -> list[UUID]:
    """Kill every part while the contacts arrive; after each, a report of its own measures the way back."""
    arriving = asyncio.create_task(crowd.arrives(CONTACTS, EVERY_SECONDS))
    probes = []
    try:
        await asyncio.sleep(2)
        for name in VICTIMS:
            await stage.kill(name)
            since = stopwatch()
            probe = await crowd.probe(name)
            await is_called_for(stage.world, probe)
            stage.handled[name] = stopwatch() - since
            probes.append(probe)
            if name == "broker":
                first = await first_produce(stage.world, stage.killed_at)
                # The crowd may have gone home by now: what is handled next is another report of ours.
                probes.append(await crowd.probe("after the broker"))
                stage.handled[name] = await until_handled_again(stage.world, first)
        await arriving
    finally:
        arriving.cancel()
        await asyncio.gather(arriving, return_exceptions=True)
    return probes


async def is_called_for(hotline: World, report_id: UUID) -> None:
    """A report was handled by triage (it has a case) and its case by the notifier (it has an escalation)."""
    called = """select true from triage.case_reports r join notifier.escalations e on e.subject_id = r.case_id
                 where r.report_id = $1"""
    await until(lambda: hotline.one(called, report_id), "a calling for the probe", 30)


async def first_produce(hotline: World, killed_at: datetime | None) -> datetime:
    """When a broker first accepted a produce after its death."""
    # The relay notes it on a clock that tests move; everything else here is on the database's own.
    accepted = """with published as (
                      select published_at - coalesce((select max(offset_by) from infra.clock), interval '0') as at
                        from infra.outbox)
                  select min(at) from published where at > $1::timestamptz + $2::interval"""
    first: datetime = await until(
        lambda: hotline.one(accepted, killed_at, MARKED_WITHIN), "a produce after the kill", 20
    )
    return first


async def until_handled_again(hotline: World, first: datetime) -> float:
    """Seconds from an instant until an event that was written later was handled."""
    handled = """select extract(epoch from min(i.handled_at) - $1::timestamptz) from infra.outbox o
                  join infra.inbox i on i.event_id = o.id where o.written_at >= $1"""
    return float(await until(lambda: hotline.one(handled, first), "an event handled again", 20))


async def failed_webhooks(hotline: World) -> int:
    """How many of the provider's requests found nobody."""
    return sum(1 for webhook in await hotline.phones.webhooks() if webhook["error"])


async def every_contact_is_in_one_report(hotline: World, crowd: Crowd, probes: list[UUID]) -> int:
    """Each contact has exactly one report; no report belongs to nobody."""
    found: set[UUID] = {*crowd.reports, *probes}
    for code in crowd.codes:
        found.add(await until(_report_of_code(hotline, code), "the report of a form", 5))
    for sid in [*crowd.texts, *crowd.calls]:
        found.add(await until(_report_of_sid(hotline, sid), f"the report of {sid}", SETTLES_WITHIN))
    assert len(found) == CONTACTS + len(probes)
    reports: int = await hotline.one("select count(*) from ingest.reports")
    assert reports == len(found)
    return reports


def _report_of_code(hotline: World, code: str) -> Callable[[], Awaitable[UUID | None]]:
    return lambda: hotline.records.report_of_code(code)


def _report_of_sid(hotline: World, sid: str) -> Callable[[], Awaitable[UUID | None]]:
    return lambda: hotline.records.report_of_sid(sid)


async def every_report_is_in_one_case(hotline: World) -> None:
    without = """select count(*) from ingest.reports r
                  where (select count(*) from triage.case_reports c where c.report_id = r.report_id) <> 1"""

    async def all_in() -> bool:
        return bool(await hotline.one(without) == 0)

    await until(all_in, "every report in exactly one case", SETTLES_WITHIN)
    assert await hotline.one("select count(*) from infra.dead_letters") == 0


async def every_immediate_one_is_acknowledged(hotline: World) -> int:
    waiting = "select count(*) from triage.cases where urgency = 'immediate' and taken_by is null"

    async def all_taken() -> bool:
        return bool(await hotline.one(waiting) == 0)

    try:
        await until(all_taken, "every immediate case taken", SETTLES_WITHIN)
    except NothingFound as error:
        raise AssertionError(await untaken(hotline)) from error
    immediate: int = await hotline.one("select count(*) from triage.cases where urgency = 'immediate'")
    return immediate


async def untaken(hotline: World) -> str:
    """The immediate cases nobody has taken, with what became of their alerts."""
    rows = await hotline.fetch(
        """select c.alias, e.number, e.status, e.started_at,
                  array_agg(concat_ws(' ', a.level, a.channel, a.attempt, a.state, a.sent_at::time(0), a.error_code)
                            order by a.planned_at) as alerts
             from triage.cases c
             left join notifier.escalations e on e.subject_id = c.case_id and e.purpose = 'respond'
             left join notifier.alerts a using (escalation_id)
            where c.urgency = 'immediate' and c.taken_by is null group by 1, 2, 3, 4 order by 4"""
    )
    return "\n".join([f"{len(rows)} immediate cases were not taken:", *map(str, rows)])


async def alerts_begun_after_the_acknowledgement(hotline: World, moved_at: datetime) -> list[float]:
    """Seconds by which requests to the provider came after the acknowledgement of their escalation."""
    acknowledged = {
        row["alert_id"]: _on_the_wall(row["acknowledged_at"], moved_at)
        for row in await hotline.fetch(
            """select a.alert_id, e.acknowledged_at from notifier.alerts a join notifier.escalations e
                using (escalation_id) where a.kind <> 'taken' and e.acknowledged_at is not null"""
        )
    }
    now: datetime = await hotline.one("select clock_timestamp()")
    began = now - timedelta(seconds=stopwatch())
    late = []
    for request in await hotline.phones.requests(method="POST"):
        at = began + timedelta(microseconds=request["received_ns"] / 1000)
        end = acknowledged.get(_alert_of(request))
        if end is not None and at > end:
            late.append((at - end).total_seconds())
    return late


def _on_the_wall(instant: datetime, moved_at: datetime) -> datetime:
    """An instant of the moved clock as an instant of the machine's."""
    return instant - SWEEP_AFTER if instant > moved_at + SWEEP_AFTER else instant


def _alert_of(request: dict[str, Any]) -> UUID | None:
    callback = request["params"].get("StatusCallback", "")
    return UUID(callback.rpartition("/")[2]) if "/twilio/status/" in callback else None
