"""A night on real parts: PostgreSQL, the notifier's app and worker, and the provider's emulator with its phones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest_asyncio
import uvicorn
from argon2 import PasswordHasher
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.buckets import Bucket
from infra.clock import Clock
from infra.emulators.twilio.exchange import Exchange, Pace, Setup
from infra.emulators.twilio.phones import Phone, Phones
from infra.emulators.twilio.records import Account, Hook
from infra.emulators.twilio.server import Server, listen, running
from infra.ids import new_id
from infra.inbox import Delivery
from infra.locales import Locales
from infra.outbox import Trace
from infra.postgres import Database
from infra.settings import Env, Settings
from infra.twilio.client import TwilioClient
from infra.vault import Subject, Vault
from notifier.channels import Addresses, SmsChannel, channels
from notifier.handlers.cases import CaseHandlers
from notifier.handlers.letters import Letters
from notifier.handlers.statuses import Statuses
from notifier.handlers.waking import Wake
from notifier.handlers.wording import Phrases
from notifier.timer.counter import Counter
from notifier.timer.worker import Worker
from notifier.web import app
from notifier.web.front import Front
from schemas.area import UNKNOWN
from schemas.events import AssignmentState, CallingState, CaseChanged, CaseOpened, ReportReceived
from schemas.ladder import Ladder, Rung
from schemas.report import FactSheet, Person
from schemas.terms import (
    AlertChannel,
    Answer,
    AssignmentStatus,
    Channel,
    ContactKind,
    Level,
    Purpose,
    ReporterRole,
    Urgency,
)
from tests.conftest import DatabaseAs

ACCOUNT = Account("AC" + "0" * 32, "a token that opens nothing")
ALERT_NUMBER, POOL_NUMBER, DESK_NUMBER = "+861000000002", "+861000000003", "+861000000004"
NEIGHBOUR = "+447700900999"
PIN = "2468"
VOICE, SMS, LOOPBACK = AlertChannel.VOICE, AlertChannel.SMS, AlertChannel.LOOPBACK


class MovableClock(Clock):
    """The real time, moved as far as a test moves it."""

    def advance(self, by: timedelta) -> None:
        self._move(self.offset + by)


def ladder(*channels: AlertChannel, links: bool = False) -> Ladder:
    waits = zip(Level, (0, 2, 5, 8), strict=True)
    return Ladder(
        rungs=tuple(
            Rung(level=level, after=timedelta(minutes=wait), channels=channels or (VOICE, SMS))
            for level, wait in waits
        ),
        links=links,
    )


@dataclass
class Told:
    """What reached the intake."""

    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        async with request.form() as form:
            self.requests.append((request.url.path, {key: str(value) for key, value in form.items()}))
        return Response("<Response/>", media_type="application/xml")

    async def first(self) -> tuple[str, dict[str, str]]:
        """The first request, once it is there: it is passed on after the commit."""
        async with asyncio.timeout(5):
            while not self.requests:
                await asyncio.sleep(0.01)
        return self.requests[0]


@dataclass
class Night:
    """People on call, their phones, and cases to call them for."""

    db: Database  # as its superuser
    own: Database  # as the notifier
    vault: Vault
    clock: MovableClock
    phones: Phones
    exchange: Exchange
    settings: Settings
    intake: Told
    cases: CaseHandlers
    counter: Counter
    wake: Wake
    team: UUID = field(default_factory=new_id)
    numbers: dict[UUID, str] = field(default_factory=dict)
    versions: dict[UUID, int] = field(default_factory=dict)
    workers: list[asyncio.Task[None]] = field(default_factory=list)

    @cached_property
    def statuses(self) -> Statuses:
        """Where statuses of the provider are kept."""
        return Statuses(self.own.pool, self.clock)

    def phone(self, person_id: UUID) -> Phone:
        return self.phones.phone(self.numbers[person_id])

    async def person(self, name: str, level: Level | None = None, language: str = "zh", **kind: Any) -> UUID:
        """Somebody with a phone, on call for the team at a level."""
        person_id = new_id()
        subject = Subject("person", person_id)
        self.numbers[person_id] = kind.get("number", f"+4477009001{len(self.numbers):02d}")
        number = self.numbers[person_id]
        async with self.db.transaction() as tx:
            await tx.execute(
                "insert into triage.people (person_id, handle, name, language, pin_hash, is_loopback) "
                "values ($1, $2, $3, $4, $5, $6)",
                person_id,
                f"p{len(self.numbers)}",
                await self.vault.seal(tx, subject, "name", name),
                language,
                PasswordHasher(time_cost=1, memory_cost=64).hash(PIN),
                kind.get("is_loopback", False),
            )
            await tx.execute(
                "insert into triage.phones (person_id, position, number, number_token, can_sms, can_voice) "
                "values ($1, 1, $2, $3, $4, $5)",
                person_id,
                await self.vault.seal(tx, subject, "phone", number),
                self.vault.token("phone", number),
                kind.get("can_sms", True),
                kind.get("can_voice", True),
            )
        if level is not None:
            await self.on_call(person_id, level, kind.get("team"))
        return person_id

    async def on_call(self, person_id: UUID, level: Level, team: UUID | None = None) -> None:
        await self.db.pool.execute(
            "insert into triage.shifts (shift_id, team_id, person_id, level, position, during, because) values "
            "($1, $2, $3, $4, 1, '[2026-01-01, 2036-01-01)', 'rotation')",
            new_id(),
            team or self.team,
            person_id,
            level.value,
        )

    async def make_team(self, team_id: UUID, is_desk: bool = False) -> None:
        await self.db.pool.execute(
            "insert into triage.teams (team_id, slug, name_zh, name_en, jurisdiction, time_zone, is_desk, ladder) "
            "values ($1, $2, '组', 'team', 'CN', 'Asia/Shanghai', $3, '{}')",
            team_id,
            f"t-{team_id.hex}",
            is_desk,
        )

    def assignment(self, number: int = 1, **changes: Any) -> AssignmentState:
        now = self.clock.now()
        return AssignmentState(
            **{
                "purpose": Purpose.RESPOND,
                "number": number,
                "status": AssignmentStatus.CALLING,
                "made_at": now,
                "deadline_at": now + timedelta(minutes=10),
                "urgency": Urgency.IMMEDIATE,
                "team_id": self.team,
                "first_responder_id": None,
                "ladder": ladder(),
            }
            | changes
        )

    def case(self, *assignments: AssignmentState, case_id: UUID | None = None, **changes: Any) -> CaseChanged:
        case_id = case_id or new_id()
        self.versions[case_id] = self.versions.get(case_id, 0) + 1
        values: dict[str, Any] = {
            "version": self.versions[case_id],
            "subject_id": case_id,
            "alias": "KD472",
            "jurisdiction": "CN",
            "area": UNKNOWN,
            "assignments": assignments,
            "urgency": Urgency.IMMEDIATE,
            "opened_at": self.clock.now(),
            "report_ids": (new_id(),),
        }
        kind = CaseOpened if self.versions[case_id] == 1 else CaseChanged
        return kind(**values | changes)  # type: ignore[return-value]

    async def hears(self, state: CallingState) -> UUID:
        """The notifier takes what triage tells of a case; its id."""
        async with self.own.transaction() as tx:
            await self.cases.on_calling(Delivery(new_id(), state.type, state, Trace.begin()), tx)
        return state.subject_id

    async def hears_report(self, danger_now: Answer, **changes: Any) -> ReportReceived:
        report = ReportReceived(
            **{
                "version": 1,
                "report_id": new_id(),
                "kind": ContactKind.REPORT,
                "channel": Channel.WEB,
                "jurisdiction": "CN",
                "area": UNKNOWN,
                "language": "zh",
                "reporter_role": ReporterRole.NEIGHBOUR,
                "danger_now": danger_now,
                "received_at": self.clock.now(),
            }
            | changes
        )
        async with self.own.transaction() as tx:
            await self.cases.on_report(Delivery(new_id(), report.type, report, Trace.begin()), tx)
        return report

    async def seal_facts(self, case_id: UUID, **given: Any) -> None:
        sheet = FactSheet(
            place="Maple Street 7, third floor",
            children=(Person(roles=("child_of_concern",), name="Xiaoming", age="6"),),
            dangers=("a dog in the yard",),
            narrative="crying every night",
            **given,
        )
        async with self.db.transaction() as tx:
            await tx.execute("alter table triage.sheets drop constraint sheets_case_id_fkey")
            await tx.execute(
                "insert into triage.sheets (case_id, sheet, sealed_at) values ($1, $2, $3)",
                case_id,
                await self.vault.seal(tx, Subject("case", case_id), "sheet", sheet.model_dump_json()),
                self.clock.now(),
            )

    def start(self, **changes: Any) -> Worker:
        """A worker, as one more process would have."""
        worker = Worker(self.counter, self.cases, self.wake, changes.get("instance", f"w{len(self.workers)}"))
        self.workers.append(asyncio.create_task(worker.run()))
        return worker

    async def stop_workers(self) -> None:
        workers, self.workers[:] = list(self.workers), []
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def after(self, **by: float) -> None:
        """Let the clock run on."""
        self.clock.advance(timedelta(**by))

    async def one(self, sql: str, *values: Any) -> Any:
        return await self.db.pool.fetchval(sql, *values)

    async def until(self, sql: str, *values: Any, within: float = 5.0) -> Any:
        """The value of a query once it is neither null nor false."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while loop.time() < end:
            if found := await self.one(sql, *values):
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"it never became true: {sql}")

    async def status(self, case_id: UUID, wanted: str) -> None:
        await self.until(
            "select true from notifier.escalations where subject_id = $1 and status = $2", case_id, wanted
        )

    async def events(self, case_id: UUID) -> list[str]:
        rows = await self.db.pool.fetch("select type, version from infra.outbox where key = $1 order by seq", case_id)
        versions = [row["version"] for row in rows]
        assert versions == list(range(1, len(rows) + 1))
        return [row["type"].removesuffix(".v1") for row in rows]

    async def sends(self, to: UUID, what: str) -> int:
        """How many messages or calls the provider was asked for to a person."""
        requests = await self.phones.requests(what, "POST")
        return sum(one["params"].get("To") == self.numbers[to] for one in requests)

    async def keys(self, person_id: UUID) -> str:
        """The keys drawn for a person's newest call."""
        keys: str = await self.one(
            "select keys from notifier.alerts where person_id = $1 and channel = 'voice' "
            "order by planned_at desc limit 1",
            person_id,
        )
        return keys


@asynccontextmanager
async def serving(application: Starlette, bound: Any) -> AsyncIterator[None]:
    server = Server(uvicorn.Config(application, log_level="warning", access_log=False, ws="none", lifespan="off"))
    task = asyncio.ensure_future(server.serve([bound]))
    yield
    server.should_exit = server.force_exit = True
    await task


@pytest_asyncio.fixture
async def night(db: Database, db_as: DatabaseAs, vault: Vault) -> AsyncIterator[Night]:
    """The whole notifier, its worker running."""
    async with AsyncExitStack() as stack:
        ours, theirs, provider = (listen("127.0.0.1", 0) for _ in range(3))
        notifier_url, ingest_url, api_url = (
            f"http://127.0.0.1:{bound.getsockname()[1]}" for bound in (ours, theirs, provider)
        )
        settings = Settings(
            env=Env.TEST,
            twilio_account_sid=ACCOUNT.sid,
            twilio_auth_token=SecretStr(ACCOUNT.auth_token),
            twilio_api_url=api_url,
            alert_number=ALERT_NUMBER,
            desk_number=DESK_NUMBER,
            notifier_url=notifier_url,
            ingest_url=ingest_url,
        )
        exchange = Exchange(Setup(ACCOUNT, api_url, pace=Pace(0.005, silence=0.01, webhook_timeout=5)))
        await stack.enter_async_context(running(exchange, provider))
        number = exchange.own(ALERT_NUMBER)
        number.sms, number.voice = Hook(f"{notifier_url}/twilio/sms"), Hook(f"{notifier_url}/twilio/voice")
        phones = await stack.enter_async_context(Phones(api_url))
        intake = Told()
        stack_intake = Starlette(routes=[Route("/{path:path}", intake.take, methods=["POST"])])
        await stack.enter_async_context(serving(stack_intake, theirs))

        own, clock, wake = await db_as("notifier"), MovableClock(), Wake()
        phrases = Phrases(settings, Locales.load(Path("notifier/locales")), vault)
        twilio = TwilioClient(settings, timeout=timedelta(seconds=0.5))
        stack.push_async_callback(twilio.close)
        counter = Counter(
            db=own,
            clock=clock,
            letters=Letters(phrases, notifier_url),
            channels=channels(twilio, Addresses(ALERT_NUMBER, notifier_url)),
            buckets={channel: Bucket(f"test:{channel}", 200, 400, 200) for channel in (SMS, VOICE)},
            wake=wake,
        )
        cases = CaseHandlers(clock, wake)
        front = Front(settings, own, clock, phrases, wake)
        await stack.enter_async_context(serving(app(front), ours))
        made = Night(db, own, vault, clock, phones, exchange, settings, intake, cases, counter, wake)
        await made.make_team(made.team)
        stack.push_async_callback(made.stop_workers)
        made.start()
        yield made


@pytest_asyncio.fixture
async def pooled(night: Night) -> Night:
    """The same with a further number of ours, for what the first cannot send."""
    await night.stop_workers()
    night.exchange.own(POOL_NUMBER)
    sms = night.counter.channels[SMS]
    assert isinstance(sms, SmsChannel)
    sms._addresses = replace(sms._addresses, pool=(POOL_NUMBER,))
    night.start()
    return night
