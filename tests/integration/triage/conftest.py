"""A hotline with the demonstration's teams and people, and reports as ingest would publish them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from infra.clock import Clock
from infra.ids import new_id
from infra.inbox import Envelope, Subscriber
from infra.outbox import Trace
from infra.postgres import Database, Transaction
from infra.service import Service
from infra.vault import Subject, Vault
from schemas import events
from schemas.area import Area
from schemas.report import Answers, Facts, Person, Places
from schemas.terms import Purpose, Role
from tests.conftest import DatabaseAs, SettableClock
from tests.staffed import QUICK, Staffed, packs
from triage.__main__ import REACTIONS, reacting
from triage.domain.case import Actor, Press
from triage.handlers import Means, Turn, missed, on_dead_letter
from triage.store import clocks
from triage.timer import Timer

DONGCHENG = Area(system="CN-XZQH", edition="2024", code="110101001000")
CAMDEN = Area(system="GB-GSS", edition="2024", code="E09000007")
NOWHERE = Area(system="CN-XZQH", edition="2024", code="999999000000")
BEATEN = "隔壁有人正在打孩子，孩子一直在哭着喊救命，手里还拿着刀。"


@dataclass
class Hotline:
    """Triage on a real database, with what a test needs to stand in for ingest, notifier and the desk."""

    db: Database
    admin: Database
    clock: SettableClock
    vault: Vault
    means: Means
    people: dict[str, UUID]
    subscriber: Subscriber
    versions: dict[UUID, int] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """One transaction of triage at the clock's instant."""
        async with self.db.transaction() as tx:
            yield Turn(tx, self.means, self.clock.now())

    async def take_due(self) -> int:
        """Let every due clock take effect; returns how many cases had one."""
        taken = 0
        while True:
            async with self.turn() as turn:
                case_id = await clocks.due_case(turn.tx, turn.now)
            if case_id is None:
                return taken
            async with self.turn() as turn:
                await missed.miss_due(turn, case_id)
                taken += 1

    async def receive(self, event: events.Event, event_id: UUID | None = None) -> UUID:
        """Deliver an event as Kafka or catch-up would."""
        event_id = event_id or new_id()
        body = event.model_dump(mode="json")
        await self.subscriber.receive(Envelope(event_id, event.type, event.key, body, Trace.begin()))
        return event_id

    async def case_of(self, report_id: UUID) -> Any:
        """The case of a report as its row stands."""
        return await self.admin.pool.fetchrow(
            "select c.* from triage.cases c join triage.case_reports r using (case_id) where r.report_id = $1",
            report_id,
        )

    async def case_of_id(self, case_id: UUID) -> Any:
        """A case as its row stands."""
        return await self.admin.pool.fetchrow("select * from triage.cases where case_id = $1", case_id)

    async def clock_of(self, case_id: UUID, name: str) -> Any:
        """The newest clock of a name."""
        return await self.admin.pool.fetchrow(
            "select * from triage.clocks where case_id = $1 and name = $2 order by started_at desc limit 1",
            case_id,
            name,
        )

    async def assignments(self, case_id: UUID, purpose: Purpose = Purpose.RESPOND) -> list[Any]:
        """Every assignment of a purpose, in order."""
        return list(
            await self.admin.pool.fetch(
                "select * from triage.assignments where subject_id = $1 and purpose = $2 order by number",
                case_id,
                purpose,
            )
        )

    async def told(self, type_: str | None = None) -> list[Any]:
        """Events triage wrote, in order."""
        rows = await self.admin.pool.fetch("select type, version, body from infra.outbox order by seq")
        return [row for row in rows if type_ is None or row["type"] == type_]

    async def kinds(self, subject_id: UUID) -> list[str]:
        """The kinds of the entries of a timeline, in order."""
        rows = await self.admin.pool.fetch(
            "select kind from triage.timeline where subject_id = $1 order by at, entry_id", subject_id
        )
        return [row["kind"] for row in rows]

    async def press(self, case_id: UUID, handle: str = "duty-zhou", role: Role = Role.DUTY_OFFICER) -> Press:
        """A press of somebody at the desk who sees the case as it is."""
        version = await self.admin.pool.fetchval("select version from triage.cases where case_id = $1", case_id)
        return Press(Actor(self.people[handle], role), case_id, version, self.clock.now())

    async def had_closed(self, case_id: UUID, handle: str = "duty-zhou", first_action_at: Any = None) -> None:
        """What is stored of a case that somebody closed, whatever would have stood in the way."""
        by, now = self.people[handle], self.clock.now()
        await self.admin.pool.execute(
            "insert into triage.closings (closing_id, case_id, code, has_outcome, is_disputed, grounds, words, "
            "seen_version, asked_by, asked_at, decided_at, is_granted) "
            "values (gen_random_uuid(), $1, 'no_child_at_risk', true, false, '{}', '', 1, $2, $3, $3, true)",
            case_id,
            by,
            now,
        )
        await self.admin.pool.execute(
            "update triage.cases set status = 'closed', closed_by = $2, closed_at = $3, first_action_at = $4 "
            "where case_id = $1",
            case_id,
            by,
            now,
            first_action_at,
        )

    def escalation(self, case: Any, purpose: Purpose = Purpose.RESPOND, number: int = 1, **said: Any) -> Any:
        """What the notifier says of the calling for an assignment."""
        now = self.clock.now()
        escalation_id = UUID(int=case["case_id"].int ^ (number << 8) ^ list(Purpose).index(purpose))
        self.versions[escalation_id] = said.pop("version", self.versions.get(escalation_id, 0) + 1)
        given = {"status": "calling", "started_at": now} | said
        if given.get("acknowledged_by"):
            given = {"acknowledged_at": now, "acknowledged_via": "key"} | given | {"status": "acknowledged"}
        return events.EscalationAcknowledged(
            version=self.versions[escalation_id],
            escalation_id=escalation_id,
            subject_id=case["case_id"],
            subject_kind="case",
            purpose=purpose,
            number=number,
            **given,
        )


async def desk_says(hotline: Hotline, purpose: Purpose, by: str, *, hands_back: bool = False) -> None:
    """Somebody answers a calling for the desk, and perhaps hands it back."""
    desk = {"case_id": await hotline.admin.pool.fetchval("select desk_id from triage.desks")}
    person, now = hotline.people[by], hotline.clock.now()
    said: dict[str, Any] = {"acknowledged_by": person, "acknowledged_at": now}
    if hands_back:
        said |= {"handed_back_by": person, "handed_back_at": now}
    of_case = hotline.escalation(desk, purpose, **said)
    await hotline.receive(of_case.model_copy(update={"subject_kind": "desk"}))


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that open nothing need not be hard to guess."""
    monkeypatch.setattr("triage.handlers.setup.HASHER", QUICK)


@pytest.fixture
def vault(staffed: Staffed) -> Vault:
    """The vault that sealed the people of the template."""
    return staffed.vault


@pytest.fixture
def template(staffed: Staffed) -> str:
    """A test's database begins with the demonstration's people and rosters."""
    return staffed.template


@pytest_asyncio.fixture
async def hotline(db: Database, db_as: DatabaseAs, clock: SettableClock, vault: Vault) -> Hotline:
    """A hotline with its people and rosters, whose desk nobody has confirmed yet."""
    own = await db_as("triage")
    means = Means(packs(), vault, "CN")
    people = {row["handle"]: row["person_id"] for row in await db.pool.fetch("select * from triage.people")}
    return Hotline(own, db, clock, vault, means, people, subscriber(own, clock, means))


def subscriber(db: Database, clock: Clock, means: Means) -> Subscriber:
    """Triage's subscriber, wired as the service wires it."""

    async def dead_letter(letter: Any, tx: Transaction) -> None:
        await on_dead_letter(letter, Turn(tx, means, letter.at, letter.envelope.event_id))

    return Subscriber(
        db, clock, {kind: reacting(each, means, clock) for kind, each in REACTIONS.items()}, dead_letter
    )


@pytest.fixture
def timer(hotline: Hotline) -> Timer:
    """The timer of a service on this hotline; it is not run, only asked."""
    service: Any = Service("triage", None, hotline.db, hotline.clock, hotline.vault, None)  # type: ignore[arg-type]
    return Timer(service, hotline.means)


ASKED = {"child_safe_now": "yes", "person_of_concern_has_access": "no", "child_alone": "no", "injury": "none"}
"""Answers that leave no danger question open, beside *danger now*."""

Reports = Callable[..., Awaitable[events.ReportReceived]]


@pytest_asyncio.fixture
async def report(hotline: Hotline, db_as: DatabaseAs) -> Reports:
    """Commits a report as ingest does and returns its event: `await report("words", area=…, danger_now=…)`."""
    ingest = await db_as("ingest")

    async def commit(words: str = BEATEN, area: Area = DONGCHENG, **given: Any) -> events.ReportReceived:
        report_id = new_id()
        now: datetime = hotline.clock.now()
        event = events.ReportReceived(
            version=1,
            report_id=report_id,
            kind="report",
            channel="web",
            jurisdiction=given.get("jurisdiction", "CN"),
            area=area,
            language=given.get("language", "zh"),
            reporter_role="neighbour",
            danger_now=given.get("danger_now", "not_asked"),
            received_at=now,
            is_canary=given.get("is_canary", False),
        )
        answers = Answers(
            danger_now=event.danger_now, child_safe_until=given.get("child_safe_until"), **given.get("answers", {})
        )
        async with ingest.transaction() as tx:
            child = Person(roles=("child_of_concern",), name="小雨", age=given.get("age", "六岁"))
            facts = Facts(
                narrative=words,
                places=Places(now="三号楼二层"),
                people=(child,),
                came_from=given.get("came_from"),
                keys=given.get("keys", ()),
                moments=given.get("moments", ()),
            )
            subject = Subject("report", report_id)
            sealed = await hotline.vault.seal(tx, subject, "facts", facts.model_dump_json())
            await _insert(tx, event, (answers, sealed), given)
        return event

    return commit


async def _insert(
    tx: Transaction, event: events.ReportReceived, said: tuple[Answers, bytes], given: dict[str, Any]
) -> None:
    await tx.execute(
        "insert into ingest.reports (report_id, kind, channel, jurisdiction, area_system, area_edition, area_code, "
        "language, reporter_role, answers, facts, time_zone, began_at, received_at, linked_report_id, code, "
        "code_token, reference_token, is_canary, correlation_id, area_place) values "
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'Asia/Shanghai', $12, $12, $13, '', $14, $15, $16, $17, $18)",
        event.report_id,
        event.kind,
        event.channel,
        event.jurisdiction,
        event.area.system,
        event.area.edition,
        event.area.code,
        event.language,
        event.reporter_role,
        said[0].model_dump(mode="json"),
        said[1],
        event.received_at,
        given.get("linked_to"),
        event.report_id.bytes,
        event.report_id.bytes,
        event.is_canary,
        new_id(),
        given.get("area_place", "now"),
    )
    await tx.execute(
        "insert into ingest.report_states (report_id, kind, danger_now) values ($1, $2, $3)",
        event.report_id,
        event.kind,
        event.danger_now,
    )


Updates = Callable[..., Awaitable[events.ReportUpdated]]


@pytest_asyncio.fixture
async def update(hotline: Hotline, db_as: DatabaseAs) -> Updates:
    """Adds words to a report as ingest does and returns its event."""
    ingest = await db_as("ingest")

    async def commit(received: events.ReportReceived, words: str, **answers: Any) -> events.ReportUpdated:
        now = hotline.clock.now()
        async with ingest.transaction() as tx:
            version = await tx.fetchval(
                "update ingest.report_states set version = version + 1 where report_id = $1 returning version",
                received.report_id,
            )
            subject = Subject("report", received.report_id)
            facts = Facts(narrative=words).model_dump_json()
            await tx.execute(
                "insert into ingest.updates (update_id, report_id, version, kind, channel, answers, facts, began_at, "
                "received_at) values ($1, $2, $3, 'update', 'web', $4, $5, $6, $6)",
                new_id(),
                received.report_id,
                version,
                Answers(**answers).model_dump(mode="json"),
                await hotline.vault.seal(tx, subject, "facts", facts),
                now,
            )
        return events.ReportUpdated(**received.model_dump() | {"version": version})

    return commit
