"""The whole hotline as a test sees it: people, phones, the desk, a clock that moves, and what the database holds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from infra import clock
from infra.embedded.ports import free_ports
from infra.emulators.demo.records import Records, until
from infra.emulators.demo.reporters import Browser
from infra.emulators.demo.responders import Crew, Responder, read_responders
from infra.emulators.twilio.phones import Phone, Phones
from infra.ids import new_token
from infra.postgres import Pool, create_pool
from infra.settings import Env, Settings, required
from infra.up.hotline import PHONES_FILE, Hotline
from tests.acceptance.desk import Desk
from tests.conftest import OUTSIDE, forget_everything

CAMDEN, DONGCHENG = "Camden", "Dongcheng"
WAIT = 20.0
"""Seconds for what needs no clock to move; the machine may be busy."""
RUNS = "select true from triage.clocks where case_id = $1 and name = $2 and ended_at is null"
_numbers = count(100)


@dataclass
class World:
    """One running hotline."""

    hotline: Hotline
    phones: Phones
    browser: Browser
    pool: Pool
    records: Records
    crew: Crew
    lines: list[str]
    desks: dict[str, Desk] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return self.hotline.settings

    @property
    def ingest_url(self) -> str:
        return required(self.settings.ingest_url, "ingest_url")

    @property
    def intake_number(self) -> str:
        return required(self.settings.intake_number, "intake_number")

    @property
    def alert_number(self) -> str:
        return required(self.settings.alert_number, "alert_number")

    async def passes(self, **time: float) -> None:
        """Let time pass for every process at once."""
        await clock.move(self.pool, timedelta(**time))

    def stranger(self, region: str = "CN") -> Phone:
        """The phone of somebody who never wrote or rang before."""
        stem = {"CN": "+8610000001", "GB": "+447700901"}[region]
        return self.phones.phone(f"{stem}{next(_numbers)}")

    def responder(self, name: str) -> Responder:
        """A responder by name, with a phone that has taken note of nothing yet."""
        known = next(each for each in self.crew.responders if each.name == name)
        return Responder(
            known.name, known.number, known.language, known.pin, known.alert_number, self.phones.phone(known.number)
        )

    async def first_called(self, alias: str, within: float = WAIT) -> tuple[Responder, str]:
        """Whoever is texted first for a case, and the text."""
        return (await self.called(alias, 1, within))[0]

    async def called(self, alias: str, many: int, within: float = WAIT) -> list[tuple[Responder, str]]:
        """So many of those who are texted to take a case, with their texts. Two who were texted before it is asked
        come in any order: whoever follows somebody is asked for by `called_besides`."""
        return await self._texted_of([each.name for each in self.crew.responders], alias, many, within)

    async def called_besides(self, alias: str, who: Responder) -> tuple[Responder, str]:
        """Somebody else who is texted to take a case, and the text."""
        others = [each.name for each in self.crew.responders if each.name != who.name]
        return (await self._texted_of(others, alias, 1, WAIT))[0]

    async def _texted_of(self, names: list[str], alias: str, many: int, within: float) -> list[tuple[Responder, str]]:
        watching = {asyncio.create_task(_texted(self.responder(name), alias, within)) for name in names}
        found: list[tuple[Responder, str]] = []
        try:
            for ended in asyncio.as_completed(watching):
                found.append(await ended)
                if len(found) == many:
                    return found
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
        raise AssertionError(f"only {len(found)} were called for {alias}")

    async def reports_on_the_form(self, area: str = CAMDEN, **fields: str) -> UUID:
        """A report with danger now on the web form, in English; its id."""
        form_id = await self.browser.form("en")
        told = {"danger_now": "yes", "what": "He is hitting her now.", "area": await self.browser.area(area)}
        sent = await self.browser.send("en", form_id, {**told, **fields})
        assert sent.code is not None, sent.status
        code = sent.code
        return await until(lambda: self.records.report_of_code(code), "the report")

    async def desk(self, username: str = "zhou") -> Desk:
        """The desk, signed in as one of its people."""
        if username not in self.desks:
            self.desks[username] = await Desk.open(self.settings, username)
        return self.desks[username]

    async def case_of_a_new_report(self, **fields: str) -> Any:
        """An immediate case from the web form; whoever is called is being called."""
        return await self.records.opened(await self.reports_on_the_form(**fields), WAIT)

    async def report_of(self, case: Any) -> UUID:
        """The first report of a case."""
        found: UUID = await self.one(
            "select report_id from triage.case_reports where case_id = $1 order by joined_at limit 1", case["case_id"]
        )
        return found

    async def newest(self, case_id: UUID, purpose: str = "respond") -> Any:
        """The newest calling of a case for a purpose, None before the first."""
        rows = await self.records.calling(case_id, purpose)
        return rows[-1] if rows else None

    async def becomes(self, case_id: UUID, status: str, purpose: str = "respond", number: int = 1) -> Any:
        """The calling of a number, once it has a status."""

        async def look() -> Any:
            row = next((r for r in await self.records.calling(case_id, purpose) if r["number"] == number), None)
            return row if row is not None and row["status"] == status else None

        return await until(look, f"{purpose} {number} {status}", WAIT)

    async def rest(self, case: Any) -> None:
        """Let everything about a case rest, so that no later test hears of it: a person read it and stood it down."""
        desk = await self.desk()
        await desk.presses(case["case_id"], "read")
        if await self.one(RUNS, case["case_id"], "emergency_service"):
            await desk.presses(case["case_id"], "emergency", called="not_needed", not_needed="a test")
        if not await self.one("select stood_down_at from triage.cases where case_id = $1", case["case_id"]):
            await desk.presses(case["case_id"], "stand-down", reason="a test")

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        """Rows, as the database's owner."""
        return list(await self.pool.fetch(sql, *values))

    async def one(self, sql: str, *values: Any) -> Any:
        """One value, as the database's owner."""
        return await self.pool.fetchval(sql, *values)


async def _texted(who: Responder, alias: str, within: float) -> tuple[Responder, str]:
    return who, await who.is_texted(alias, within)


@asynccontextmanager
async def world(state_dir: Path, servers: str | None = None, **told: Any) -> AsyncIterator[World]:
    """Start a hotline of its own on free ports, with an empty database, and stop it at the end."""
    lines: list[str] = []
    async with AsyncExitStack() as stack:
        given = await _settings(state_dir, servers, told)
        hotline = await stack.enter_async_context(Hotline(given, lines.append))
        settings = hotline.settings
        phones = await stack.enter_async_context(Phones(required(settings.twilio_api_url, "twilio_api_url")))
        browser = await stack.enter_async_context(Browser(required(settings.ingest_url, "ingest_url")))
        pool = await create_pool(required(settings.database_url, "database_url"), None)
        stack.callback(pool.terminate)
        number = required(settings.alert_number, "alert_number")
        crew = Crew(read_responders(settings.state_dir / PHONES_FILE, phones, number))
        made = World(hotline, phones, browser, pool, Records(pool, settings), crew, lines)
        stack.push_async_callback(_sign_out, made.desks)
        yield made


async def _sign_out(desks: dict[str, Desk]) -> None:
    for desk in desks.values():
        await desk.close()


async def _settings(state_dir: Path, servers: str | None, told: dict[str, Any]) -> Settings:
    names = ("ingest_port", "console_port", "notifier_port", "relay_port", "emulator_port")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    outside = servers or OUTSIDE
    broker: dict[str, Any] = {}
    if outside:
        if servers is None:
            await forget_everything(outside)
        broker = {"kafka_servers": outside, "kafka_idempotence": True, "instance": new_token(6)}
    return Settings(env=Env.TEST, state_dir=state_dir, log_level="INFO", **{**ports, **broker, **told})
