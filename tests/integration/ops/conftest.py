"""A configuration to look at, and a roster in which everybody is reached, written as triage would."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import SecretStr

from infra.doctor.visit import Visit
from infra.ids import new_id
from infra.postgres import Database
from infra.settings import Env, Settings
from infra.vault import MasterKey
from infra.vault.recovery import public_text
from tests.conftest import NOON, SettableClock

Beat = Callable[..., Awaitable[None]]


def settings_for(database_url: str, state_dir: Path, **others: object) -> Settings:
    """Settings of a demonstration that lacks nothing."""
    given: dict[str, object] = {
        "env": Env.DEMO,
        "state_dir": state_dir,
        "database_url": SecretStr(database_url),
        "kafka_servers": "127.0.0.1:9",
        "kafka_idempotence": False,
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": SecretStr("a token that opens nothing"),
        "twilio_api_url": "http://127.0.0.1:9",
        "intake_number": "+861000000001",
        "alert_number": "+861000000002",
        "ingest_url": "http://127.0.0.1:9",
        "notifier_url": "http://127.0.0.1:9",
        "console_url": "http://127.0.0.1:9",
        "vault_keys": SecretStr(MasterKey.new("k1").entry()),
        "vault_recovery_key": public_text(X25519PrivateKey.generate().public_key()),
        "session_secret": SecretStr("s" * 40),
        "contacts_secret": SecretStr("c" * 40),
    }
    return Settings.model_validate(given | others)


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Settings:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    return settings_for(database_url, state)


@pytest.fixture
def visit(config: Settings, clock: SettableClock) -> Visit:
    return Visit(config, clock)


@pytest.fixture
def beat(db: Database, clock: SettableClock) -> Beat:
    """Writes a heartbeat of a service."""

    async def write(
        service: str, trouble: str | None = None, at: datetime | None = None, instance: str = "1"
    ) -> None:
        await db.pool.execute(
            "insert into infra.heartbeats (service, instance, at, troubles) values ($1, $2, $3, $4)"
            " on conflict (service, instance) do update set at = excluded.at, troubles = excluded.troubles",
            service,
            instance,
            at or clock.now(),
            {"check": trouble} if trouble else {},
        )

    return write


class Roster:
    """Teams, people and shifts, written straight to triage's tables."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def team(self, slug: str, is_desk: bool = False, is_last_resort: bool = False) -> UUID:
        team_id = new_id()
        await self.db.pool.execute(
            "insert into triage.teams (team_id, slug, name_zh, name_en, jurisdiction, time_zone, is_desk,"
            " is_last_resort, ladder) values ($1, $2, '组', 'Team', 'CN', 'Asia/Shanghai', $3, $4, '{}')",
            team_id,
            slug,
            is_desk,
            is_last_resort,
        )
        return team_id

    async def person(self, handle: str, has_phone: bool = True, is_loopback: bool = False) -> UUID:
        person_id = new_id()
        await self.db.pool.execute(
            "insert into triage.people (person_id, handle, name, language, is_loopback)"
            " values ($1, $2, 'sealed', 'zh', $3)",
            person_id,
            handle,
            is_loopback,
        )
        if has_phone:
            await self.db.pool.execute(
                "insert into triage.phones (person_id, position, number, number_token)"
                " values ($1, 1, 'sealed', 'token')",
                person_id,
            )
        return person_id

    async def shift(
        self, team_id: UUID, person_id: UUID, level: str = "first", days: tuple[int, int] = (-1, 40)
    ) -> None:
        await self.db.pool.execute(
            "insert into triage.shifts (shift_id, team_id, person_id, level, position, during, because)"
            " values ($1, $2, $3, $4, 1, tstzrange($5, $6), 'rotation')",
            new_id(),
            team_id,
            person_id,
            level,
            NOON + timedelta(days=days[0]),
            NOON + timedelta(days=days[1]),
        )

    async def complete(self) -> dict[str, UUID]:
        """A last-resort team, a desk and the canary's team, each with somebody at every hour."""
        teams = {
            "last": await self.team("last", is_last_resort=True),
            "desk": await self.team("desk", is_desk=True),
            "canary": await self.team("canary"),
        }
        for name, team_id in teams.items():
            is_loopback = name == "canary"
            await self.shift(team_id, await self.person(name, not is_loopback, is_loopback))
        await self.reserve(teams["canary"])
        return teams

    async def reserve(self, team_id: UUID) -> None:
        """Let a team cover what is reserved for the canary."""
        await self.db.pool.execute(
            "insert into triage.areas (system, edition, code, name_zh, name_en, jurisdiction, time_zone, is_reserved)"
            " values ('CANARY', '1', '000000', '自检', 'Canary', 'CN', 'Asia/Shanghai', true)"
        )
        await self.db.pool.execute(
            "insert into triage.team_areas (team_id, system, edition, prefix) values ($1, 'CANARY', '1', '000000')",
            team_id,
        )


@pytest.fixture
def roster(db: Database) -> Roster:
    return Roster(db)
