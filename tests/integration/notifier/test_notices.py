"""Notices to reporters through the queue of alerts: without content, once, in the safe hours."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio

from infra.emulators.twilio.phones import Phone
from infra.ids import new_id
from infra.inbox import Delivery
from infra.outbox import Trace
from infra.postgres import Transaction
from infra.vault import Subject
from notifier.channels import SmsChannel
from notifier.handlers.notices import NoticeHandlers
from schemas.notices import ReportStateChanged
from schemas.report import SafeContact, WayBack
from schemas.terms import Answer, Level
from tests.integration.notifier.conftest import SMS, Night, ladder

INTAKE, REPORTER = "+861000000001", "+447700900777"
TEXT = "There is an update for you."
REPORT = (
    "insert into ingest.reports (report_id, kind, channel, jurisdiction, area_system, area_edition, area_code, "
    "language, reporter_role, answers, facts, time_zone, began_at, received_at, code, code_token, reference_token, "
    "is_canary, correlation_id, area_place, way_back) values "
    "($1, 'report', 'web', 'CN', 'CN-XZQH', '2024', '110101000000', 'en', 'neighbour', '{}', '', 'UTC', $2, $2, '', "
    "$3, $3, false, $1, 'now', $4)"
)
UPDATE = (
    "insert into ingest.updates (update_id, report_id, version, kind, channel, answers, facts, began_at, "
    "received_at, way_back) values ($1, $2, 2, 'update', 'web', '{}', '', $3, $3, $4)"
)


@dataclass
class Reporters:
    """Reporters who said how they may be reached, and what becomes of their reports."""

    night: Night
    phone: Phone
    number: str = REPORTER

    async def report(self, **contact: Any) -> UUID:
        """A report whose reporter wants to be told, now."""
        report_id = new_id()
        async with self.night.db.transaction() as tx:
            sealed = await self.sealed(tx, report_id, self.number, **contact)
            await tx.execute(REPORT, report_id, self.night.clock.now(), report_id.bytes, sealed)
        return report_id

    async def update(self, report_id: UUID, number: str, **contact: Any) -> None:
        """A newer word of the reporter."""
        async with self.night.db.transaction() as tx:
            sealed = await self.sealed(tx, report_id, number, **contact)
            await tx.execute(UPDATE, new_id(), report_id, self.night.clock.now(), sealed)

    async def sealed(self, tx: Transaction, report_id: UUID, number: str, **contact: Any) -> bytes:
        now = self.night.clock.now()
        given = {
            "wants_news": Answer.YES,
            "is_safe_to_text": Answer.YES,
            "news_from": (now - timedelta(hours=1)).time(),
            "news_until": (now + timedelta(hours=2)).time(),
        } | contact
        way = WayBack(news_to=number, language="en", time_zone="UTC", contact=SafeContact(**given))
        return await self.night.vault.seal(tx, Subject("report", report_id), "way_back", way.model_dump_json())

    async def comes_to(self, report_id: UUID, state: Any = "taken") -> str:
        """Something becomes of a report; what was decided."""
        now = self.night.clock.now()
        event = ReportStateChanged(version=1, report_id=report_id, case_id=new_id(), state=state, changed_at=now)
        handlers = NoticeHandlers(self.night.clock, self.night.wake, self.night.vault)
        async with self.night.own.transaction() as tx:
            await handlers.on_state(Delivery(new_id(), event.type, event, Trace.begin()), tx)
        because: str = await self.night.one(
            "select because from notifier.notices where report_id = $1 and state = $2", report_id, state
        )
        return because

    async def state(self, wanted: str) -> None:
        await self.night.until("select true from notifier.alerts where kind = 'notice' and state = $1", wanted)

    async def sent(self) -> int:
        requests = await self.night.phones.requests("Messages", "POST")
        return sum(one["params"].get("To") == REPORTER for one in requests)


@pytest_asyncio.fixture
async def reporters(night: Night) -> AsyncIterator[Reporters]:
    night.exchange.own(INTAKE)
    sms = night.counter.channels[SMS]
    assert isinstance(sms, SmsChannel)
    sms._addresses = replace(sms._addresses, intake=INTAKE)
    yield Reporters(night, night.phones.phone(REPORTER))


async def test_a_reporter_who_asked_is_told_once_and_nothing_of_what_it_is_about(reporters: Reporters) -> None:
    report = await reporters.report()
    assert await reporters.comes_to(report) == "asked"
    assert await reporters.comes_to(report) == "asked"
    text = await reporters.phone.receives(TEXT)
    assert text.removeprefix("DEMONSTRATION: no one is called. In danger ring 110 / 999. ") == (
        "There is an update for you. When it is safe, use your digits or ring us."
    )
    await reporters.state("delivered")
    assert await reporters.sent() == 1
    froms = {one["params"]["From"] for one in await reporters.night.phones.requests("Messages", "POST")}
    assert froms == {INTAKE}


async def test_after_one_that_arrived_the_next_state_is_told_too(reporters: Reporters) -> None:
    report = await reporters.report()
    await reporters.comes_to(report)
    await reporters.phone.receives(TEXT)
    await reporters.state("delivered")
    assert await reporters.comes_to(report, "closed") == "asked"
    await reporters.phone.receives(TEXT)
    await reporters.night.until("select count(*) = 2 from notifier.alerts where state = 'delivered'")
    assert await reporters.sent() == 2


async def test_who_did_not_ask_or_said_nothing_is_told_nothing(reporters: Reporters) -> None:
    assert await reporters.comes_to(new_id()) == "not_asked"
    assert await reporters.comes_to(await reporters.report(wants_news=Answer.NO)) == "not_asked"
    assert await reporters.comes_to(await reporters.report(is_safe_to_text=Answer.DOES_NOT_KNOW)) == "no_safe_channel"
    assert await reporters.comes_to(await reporters.report(news_from=None)) == "no_safe_time"
    assert not await reporters.night.one("select count(*) from notifier.alerts")


async def test_it_waits_for_the_safe_window(reporters: Reporters) -> None:
    night = reporters.night
    begins = night.clock.now() + timedelta(hours=1)
    report = await reporters.report(news_from=begins.time(), news_until=(begins + timedelta(hours=1)).time())
    assert await reporters.comes_to(report) == "asked"
    due = await night.one("select due_at from notifier.alerts where kind = 'notice'")
    assert abs(due - begins) < timedelta(seconds=1)
    assert await reporters.sent() == 0
    await night.after(hours=1, seconds=1)
    await reporters.phone.receives(TEXT)


async def test_a_window_that_passes_while_nothing_can_be_sent_ends_it(reporters: Reporters) -> None:
    night = reporters.night
    await night.stop_workers()
    await reporters.comes_to(await reporters.report())
    await night.after(hours=3)
    night.start()
    await night.until("select true from notifier.alerts where kind = 'notice' and state in ('failed', 'expired')")
    assert await reporters.sent() == 0


async def test_a_newer_word_stops_what_is_planned(reporters: Reporters) -> None:
    night = reporters.night
    await night.stop_workers()
    report = await reporters.report()
    await reporters.comes_to(report)
    await reporters.update(report, REPORTER, is_safe_to_text=Answer.NO)
    night.start()
    await reporters.state("failed")
    assert await reporters.sent() == 0


async def test_a_phone_that_was_silent_is_not_tried_again(reporters: Reporters) -> None:
    report = await reporters.report()
    await reporters.night.phones.fault("undelivered", REPORTER, channel="sms", code=30003)
    await reporters.comes_to(report)
    await reporters.state("undelivered")
    await reporters.night.after(minutes=5)
    assert await reporters.comes_to(report, "closed") == "silent_phone"
    assert await reporters.sent() == 1


async def test_an_uncertain_notice_is_not_sent_again(reporters: Reporters) -> None:
    night = reporters.night
    await night.stop_workers()
    await reporters.comes_to(await reporters.report())
    await night.db.pool.execute(
        "update notifier.alerts set state = 'sending', fence = 1, sending_at = $1, due_at = $1", night.clock.now()
    )
    night.start()
    await night.after(seconds=11)
    await reporters.state("failed")
    assert await reporters.sent() == 0


async def test_a_way_back_that_does_not_open_is_none(reporters: Reporters) -> None:
    night, report = reporters.night, new_id()
    async with night.db.transaction() as tx:
        await tx.execute(REPORT, report, night.clock.now(), report.bytes, b"broken")
    assert await reporters.comes_to(report) == "not_asked"


async def test_it_is_no_case_that_anybody_is_called_for(reporters: Reporters) -> None:
    night = reporters.night
    li = await night.person("Li", Level.FIRST, language="en")
    await reporters.comes_to(await reporters.report(news_from=time(0), news_until=time(23, 59)))
    await reporters.phone.receives(TEXT)
    await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    assert "KD472" in await night.phone(li).receives("NOW")
    assert await night.one("select count(*) from notifier.escalations where next_due_at is not null") == 1
