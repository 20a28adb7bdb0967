"""Notices to the bodies whose systems filed reports: that there is an update, to who filed it, and nothing else."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from infra.ids import new_id
from infra.inbox import Delivery
from infra.outbox import Trace
from infra.vault import Subject
from infra.webhook import SIGNATURE, TIMESTAMP, is_signed
from notifier.__main__ import PARTNER_BUCKET
from notifier.channels import partner_channel
from notifier.handlers.notices import NoticeHandlers
from schemas.notices import ReportStateChanged
from schemas.report import SafeContact, WayBack
from schemas.terms import AlertChannel, Answer
from tests.integration.notifier.conftest import Night
from tests.integration.notifier.systems import Behaviour, System, system

PARTNER = AlertChannel.PARTNER
REPORT = (
    "insert into ingest.reports (report_id, kind, channel, jurisdiction, area_system, area_edition, area_code, "
    "language, reporter_role, answers, facts, time_zone, began_at, received_at, code, code_token, reference_token, "
    "is_canary, correlation_id, area_place, way_back, partner_token) values "
    "($1, 'report', 'api', 'CN', 'CN-XZQH', '2024', '110101000000', 'en', 'health', '{}', '', 'UTC', $2, $2, '', "
    "$3, $3, false, $1, 'now', $4, $5)"
)
SILENT_FOR = timedelta(seconds=0.3)


@dataclass
class Filed:
    """Two bodies with systems, what they filed, and what becomes of it."""

    night: Night
    clinic: System
    school: System

    async def report(self, by: str | None = "clinic", **contact: Any) -> UUID:
        """A report that a system filed."""
        report_id, now, vault = new_id(), self.night.clock.now(), self.night.vault
        token, sealed = vault.token("partner", by) if by else None, None
        async with self.night.db.transaction() as tx:
            if contact:
                way = WayBack(contact=SafeContact(**contact)).model_dump_json()
                sealed = await vault.seal(tx, Subject("report", report_id), "way_back", way)
            await tx.execute(REPORT, report_id, now, report_id.bytes, sealed, token)
        return report_id

    async def comes_to(self, report_id: UUID, state: Any = "taken", may_conflict: bool | None = False) -> str | None:
        """Something becomes of a report; what was decided about who filed it."""
        night = self.night
        event = ReportStateChanged(
            version=1,
            report_id=report_id,
            case_id=new_id(),
            state=state,
            changed_at=night.clock.now(),
            may_conflict=may_conflict,
        )
        handlers = NoticeHandlers(night.clock, night.wake, night.vault, night.counter.letters.known)
        async with night.own.transaction() as tx:
            await handlers.on_state(Delivery(new_id(), event.type, event, Trace.begin()), tx)
        because: str | None = await night.one(
            "select because from notifier.partner_notices where report_id = $1 and state = $2", report_id, state
        )
        return because

    async def state(self, wanted: str) -> None:
        await self.night.until("select true from notifier.alerts where channel = 'partner' and state = $1", wanted)

    async def asked(self, times: int) -> None:
        """Until the clinic's system was asked so often; the clock runs on meanwhile."""
        for _ in range(200):
            if self.clinic.asked >= times:
                return
            await self.night.after(seconds=1)
            await self.night.one("select pg_sleep(0.03)")
        raise AssertionError(f"it was asked {self.clinic.asked} times")


@pytest_asyncio.fixture
async def filed(night: Night) -> AsyncIterator[Filed]:
    async with AsyncExitStack() as stack:
        clinic, school = [await stack.enter_async_context(system(name)) for name in ("clinic", "school")]
        known = (clinic.partner, school.partner)
        channel = partner_channel(known, night.clock, SILENT_FOR)
        stack.push_async_callback(channel.close)
        await night.stop_workers()
        night.counter = replace(
            night.counter,
            letters=replace(night.counter.letters, known=known),
            channels={**night.counter.channels, PARTNER: channel},
            buckets={**night.counter.buckets, PARTNER: PARTNER_BUCKET},
        )
        night.start()
        yield Filed(night, clinic, school)
        await night.stop_workers()


async def test_who_filed_it_is_told_once_that_there_is_an_update_signed_and_nothing_else(filed: Filed) -> None:
    report = await filed.report()
    assert await filed.comes_to(report) == "told"
    assert await filed.comes_to(report) == "told"
    await filed.state("delivered")
    [(headers, body)] = filed.clinic.told
    assert json.loads(body) == {"type": "report.updated", "report_id": str(report)}
    secret = filed.clinic.partner.notices_secret
    assert secret
    now = filed.night.clock.now()
    assert is_signed([secret.get_secret_value()], headers[TIMESTAMP.lower()], body, headers[SIGNATURE.lower()], now)
    assert filed.school.asked == 0
    assert await filed.comes_to(report, "closed") == "told"
    await filed.night.until("select count(*) = 2 from notifier.alerts where state = 'delivered'")
    assert [body for _, body in filed.clinic.told] == [body, body], "both states sound the same"


async def test_of_what_nobodys_system_filed_no_system_is_told(filed: Filed) -> None:
    assert await filed.comes_to(await filed.report(by=None)) is None
    assert await filed.comes_to(await filed.report(by="unknown")) == "no_address"
    assert not await filed.night.one("select count(*) from notifier.alerts")


async def test_a_body_that_named_no_address_is_told_nothing(filed: Filed) -> None:
    letters = filed.night.counter.letters
    silent = filed.clinic.partner.model_copy(update={"notices_url": None, "notices_secret": None})
    filed.night.counter = replace(filed.night.counter, letters=replace(letters, known=(silent,)))
    assert await filed.comes_to(await filed.report()) == "no_address"


@pytest.mark.parametrize(("may_conflict", "because"), [(True, "may_conflict"), (None, "not_looked_at")])
async def test_a_body_whose_own_people_it_may_be_about_is_told_nothing(
    filed: Filed, may_conflict: bool | None, because: str
) -> None:
    assert await filed.comes_to(await filed.report(), may_conflict=may_conflict) == because
    assert not await filed.night.one("select count(*) from notifier.alerts")


async def test_a_reporter_who_wants_no_news_is_not_told_of_through_a_system(filed: Filed) -> None:
    assert await filed.comes_to(await filed.report(wants_news=Answer.NO)) == "not_wanted"
    assert await filed.comes_to(await filed.report(is_safe_to_text=Answer.NO)) == "told"


async def test_what_is_found_later_stops_what_is_planned(filed: Filed) -> None:
    await filed.night.stop_workers()
    report = await filed.report()
    assert await filed.comes_to(report) == "told"
    assert await filed.comes_to(report, "closed", may_conflict=True) == "may_conflict"
    filed.night.start()
    await filed.state("failed")
    assert filed.clinic.asked == 0


@pytest.mark.parametrize("behaviour", [500, 302, 404, 403, 429, "silent", "closed"])
async def test_a_system_that_does_not_take_it_is_told_again_until_it_does(filed: Filed, behaviour: Behaviour) -> None:
    filed.clinic.answers = behaviour
    await filed.comes_to(await filed.report())
    await filed.asked(3)
    assert filed.clinic.told == []
    filed.clinic.answers = 204
    await filed.asked(filed.clinic.asked + 1)
    await filed.state("delivered")
    assert len(filed.clinic.told) == 1


async def test_it_is_tried_for_a_day_more_and_more_seldom_and_never_again(filed: Filed) -> None:
    filed.clinic.answers = 500
    await filed.comes_to(await filed.report())
    await filed.asked(2)
    for _ in range(5):
        await filed.night.after(hours=4)
        await filed.night.one("select pg_sleep(0.1)")
    assert filed.clinic.asked < 15
    await filed.night.after(hours=5)
    await filed.state("expired")
    filed.clinic.answers = 204
    await filed.night.after(hours=1)
    await filed.night.one("select pg_sleep(0.1)")
    assert filed.clinic.told == []


async def test_an_address_that_is_gone_is_not_tried_again(filed: Filed) -> None:
    filed.clinic.answers = 410
    await filed.comes_to(await filed.report())
    await filed.state("failed")
    assert filed.clinic.asked == 1


async def test_one_system_that_is_away_holds_up_no_other_and_is_no_trouble_of_the_calling(filed: Filed) -> None:
    await filed.night.stop_workers()
    worker = filed.night.start()
    filed.clinic.answers = "closed"
    for _ in range(4):
        await filed.comes_to(await filed.report())
    await filed.asked(3)
    at = await filed.report(by="school")
    await filed.comes_to(at)
    await filed.state("delivered")
    assert len(filed.school.told) == 1
    assert await worker.provider_trouble() is None


async def test_after_a_crash_it_is_told_again_and_marked(filed: Filed) -> None:
    night = filed.night
    await night.stop_workers()
    await filed.comes_to(await filed.report())
    await night.db.pool.execute(
        "update notifier.alerts set state = 'sending', fence = 1, sending_at = $1, due_at = $1", night.clock.now()
    )
    night.start()
    await night.after(seconds=11)
    await filed.state("delivered")
    assert len(filed.clinic.told) == 1
    assert await night.one("select is_repeat from notifier.alerts")


async def test_the_database_and_the_log_hold_neither_secret_nor_address_nor_name(
    filed: Filed, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    filed.clinic.answers = 500
    await filed.comes_to(await filed.report())
    await filed.asked(4)
    tables = ("notifier.alerts", "notifier.partner_notices", "notifier.subjects", "infra.send_buckets")
    rows = [await filed.night.db.pool.fetch(f"select * from {table}") for table in tables]  # noqa: S608
    assert all(rows)
    said = "".join([*map(str, rows), caplog.text, *capsys.readouterr()])
    for hidden in ("the key of", "the secret of", "/hotline", "clinic"):
        assert hidden not in said
