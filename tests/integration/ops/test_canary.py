"""The canary goes in by the signed door and comes out taken, or says where it was lost."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio
from aiohttp import web

from infra import canary
from infra.canary import RECEIVED, STEPS, TAKEN, Canary, CanaryLost, Step, fly
from infra.ids import new_alias, new_id
from infra.postgres import Database
from infra.settings import Settings
from infra.webhook import sign
from tests.integration.ops.conftest import Roster

EVENT = """
insert into infra.outbox
    (id, producer, topic, type, key, version, body, correlation_id, causation_id, traceparent, occurred_at)
values ($1, 'test', 'hotline.reports', $2, $3, 1, '{}', $4, $4,
    '00-' || repeat('a', 32) || '-' || repeat('b', 16) || '-01', clock_timestamp())
"""
CASE = """
insert into triage.cases (case_id, alias, urgency, team_id, jurisdiction, area_system, area_edition, time_zone,
    language, opened_at, changed_at, taken_by, taken_at, taken_via, is_canary, correlation_id, traceparent)
values ($1, $2, 'immediate', $3, 'CN', 'CANARY', '1', 'Asia/Shanghai',
    'en', now(), now(), $4, now(), 'loopback', true, $1, '')
"""


class Door:
    """Stands where the services stand: what it is told to make of a contact is found in the database."""

    def __init__(self, secret: str, roster: Roster) -> None:
        self._secret, self._roster, self._db = secret, roster, roster.db
        self.url = ""
        self.events = [RECEIVED, *STEPS]
        self.is_taken = True

    async def take(self, request: web.Request) -> web.Response:
        body, at = await request.read(), request.headers["Hotline-Timestamp"]
        if sign(self._secret, at, body) != request.headers["Hotline-Signature"]:
            return web.Response(status=403)
        report_id, correlation_id = new_id(), new_id()
        for kind in self.events:
            await self._db.pool.execute(EVENT, new_id(), kind, report_id, correlation_id)
        if self.is_taken:
            await self._take(report_id)
        return web.json_response({"report_id": str(report_id)}, status=201)

    async def _take(self, report_id: UUID) -> None:
        team, person = await self._roster.team("canary"), await self._roster.person("loopback", is_loopback=True)
        case_id = new_id()
        await self._db.pool.execute(CASE, case_id, new_alias(), team, person)
        await self._db.pool.execute(
            "insert into triage.case_reports (report_id, case_id, report_version, joined_at)"
            " values ($1, $2, 1, now())",
            report_id,
            case_id,
        )


@pytest_asyncio.fixture
async def door(config: Settings, roster: Roster) -> AsyncIterator[Door]:
    assert config.contacts_secret is not None
    kept, app = Door(config.contacts_secret.get_secret_value(), roster), web.Application()
    app.router.add_post("/v1/contacts", kept.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield kept
    await runner.cleanup()


@pytest.fixture
def reached(config: Settings, door: Door, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(canary, "WITHIN_SECONDS", 0.5)
    return config.model_copy(update={"ingest_url": door.url})


async def test_it_tells_each_step_once_on_its_way_to_being_taken(reached: Settings) -> None:
    steps: list[Step] = []
    await fly(reached, steps.append)
    assert [step.says for step in steps] == ["ingest has committed it", *STEPS.values(), TAKEN]
    assert all(step.milliseconds >= 0 for step in steps)


async def test_it_says_where_it_was_lost_and_is_a_trouble_until_it_comes_through(
    reached: Settings, door: Door
) -> None:
    door.is_taken, door.events = False, [RECEIVED, "case.opened.v1"]
    hourly = Canary(reached, lambda: True)
    assert await hourly.trouble() is None
    await hourly.fly()
    assert str(await hourly.trouble()).endswith("it was still not so that calling began (notifier)")
    door.is_taken, door.events = True, [RECEIVED, *STEPS]
    await hourly.fly()
    assert await hourly.trouble() is None


async def test_a_report_that_never_reads_taken_is_lost(reached: Settings, door: Door) -> None:
    door.is_taken = False
    with pytest.raises(CanaryLost, match="the case reads taken"):
        await fly(reached, lambda _step: None)


async def test_an_ingest_that_refuses_or_is_not_there_loses_it(
    reached: Settings, config: Settings, db: Database
) -> None:
    other = reached.model_copy(update={"contacts_secret": config.session_secret})
    with pytest.raises(CanaryLost, match="HTTP 403"):
        await fly(other, lambda _step: None)
    with pytest.raises(CanaryLost, match="ingest did not answer"):
        await fly(config, lambda _step: None)
