"""The doctor looks at real parts, finds what is wrong with each, and changes nothing."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from pydantic import SecretStr

from infra.clock import move
from infra.doctor import addresses, configuration, database, events, provider, roster, sealing
from infra.doctor.examination import examine, looked
from infra.doctor.finding import Finding, Level
from infra.doctor.visit import Check, Visit
from infra.emulators.twilio.exchange import Exchange, Pace, Setup
from infra.emulators.twilio.records import Account, Hook
from infra.emulators.twilio.server import listen, running
from infra.kafka import ensure_topics
from infra.outbox import Trace, append
from infra.postgres import Database
from infra.settings import Env, Settings, SettingsError
from infra.up.hotline import RUNNING_FILE, told
from infra.up.keys import write
from infra.vault import Vault
from tests.conftest import DatabaseAs, SettableClock
from tests.integration.infra.test_events import received
from tests.integration.ops.conftest import Beat, Roster

NOWHERE = SecretStr("postgresql://nobody@127.0.0.1:9/nothing?sslmode=disable")
ROOT = Path(__file__).parents[3]
# The official library signs in with a class that aiohttp is about to retire.
LIBRARY_WARNS = pytest.mark.filterwarnings("ignore:.*encode_basic_auth.*:DeprecationWarning")


async def found(check: Check, visit: Visit) -> list[Finding]:
    return await looked("check", check, visit)


def wrong(findings: list[Finding]) -> list[str]:
    return [each.says for each in findings if each.level is Level.FAIL]


async def test_a_database_as_migrate_leaves_it_is_well(visit: Visit) -> None:
    for check in (database.look_at_database, database.look_at_migrations, database.look_at_roles):
        assert wrong(await found(check, visit)) == []


async def test_a_database_that_does_not_answer_fails_every_look_into_it_at_once(config: Settings) -> None:
    away = config.model_copy(update={"database_url": None, "database_direct_url": NOWHERE})
    findings = await asyncio.wait_for(examine(away, SettableClock()), 30)
    for check in ("database", "migrations", "roles", "clock", "outbox", "events", "processes", "vault", "roster"):
        assert any(each.check == check and each.level is Level.FAIL for each in findings), check
    assert any("could not be looked at" in each.says for each in findings)


async def test_a_migration_that_waits_fails(visit: Visit, db: Database) -> None:
    await db.pool.execute("delete from public.schema_migrations where version = '20261123000001'")
    (says,) = wrong(await found(database.look_at_migrations, visit))
    assert says == "1 migration(s) wait (20261123000001): run `hotline migrate`"


async def test_a_grant_to_another_service_fails(visit: Visit, db: Database) -> None:
    await db.pool.execute("grant insert on triage.cases to hotline_ingest")
    await db.pool.execute("revoke select on ingest.for_triage_reports from hotline_triage")
    await db.pool.execute("revoke insert on infra.outbox from hotline_notifier")
    says = wrong(await found(database.look_at_roles, visit))
    assert "hotline_ingest can write triage.cases, which is triage's: revoke it" in says
    assert "hotline_triage cannot read ingest.for_triage_reports: run `hotline migrate`" in says
    assert "hotline_notifier cannot write infra.outbox: run `hotline migrate`" in says


async def test_a_clock_that_drifts_fails(visit: Visit) -> None:
    (says,) = wrong(await found(database.look_at_clock, visit))
    assert "synchronise both hosts" in says


async def test_a_broker_that_does_not_answer_fails(visit: Visit) -> None:
    (says,) = wrong(await found(events.look_at_broker, visit))
    assert says.startswith("could not be looked at: BrokerUnavailable")


async def test_topics_are_looked_at_on_a_real_broker(broker: Settings, clock: SettableClock) -> None:
    assert "run `hotline migrate`" in wrong(await found(events.look_at_broker, Visit(broker, clock)))[0]
    await ensure_topics(broker)
    assert wrong(await found(events.look_at_broker, Visit(broker, clock))) == []
    more = broker.model_copy(update={"kafka_replicas": 3})
    assert "has 1 copies instead of 3" in wrong(await found(events.look_at_broker, Visit(more, clock)))[0]


async def test_an_event_that_does_not_leave_fails(visit: Visit, db: Database, db_as: DatabaseAs) -> None:
    async with (await db_as("ingest")).transaction() as tx:
        await append(tx, received(), Trace.begin(), visit.now)
    assert wrong(await found(events.look_at_outbox, visit)) == []
    await db.pool.execute("update infra.outbox set written_at = written_at - interval '40 seconds'")
    (says,) = wrong(await found(events.look_at_outbox, visit))
    assert says == "an event has not been published for 40 s: see relay and broker"


async def test_a_silent_service_and_a_trouble_fail(visit: Visit, beat: Beat) -> None:
    for service in ("ingest", "triage", "relay"):
        await beat(service)
    await beat("relay", "the broker does not take events")
    await beat("notifier", at=visit.now - timedelta(minutes=2))
    assert wrong(await found(events.look_at_heartbeats, visit)) == [
        "notifier has been silent for 120 s: start it, or see its log",
        "relay 1: check: the broker does not take events",
    ]


async def test_a_ring_that_does_not_open_what_is_sealed_fails(visit: Visit, config: Settings, db: Database) -> None:
    assert [each.level for each in await found(sealing.look_at_vault, visit)] == [Level.WARNING]
    async with db.transaction() as tx:
        await Vault.from_settings(config).check(tx, visit.now)
    assert wrong(await found(sealing.look_at_vault, visit)) == []
    assert await db.pool.fetchval("select count(*) from infra.vault_state") == 1
    await db.pool.execute("update infra.vault_keys set master_key_id = 'k0'")
    (says,) = wrong(await found(sealing.look_at_vault, visit))
    assert "HOTLINE_VAULT_KEYS lacks k0" in says


async def test_a_roster_that_reaches_everybody_is_well(visit: Visit, roster: Roster) -> None:
    await roster.complete()
    for check in (look_at_roster, look_at_phones):
        assert {each.level for each in await found(check, visit)} == {Level.OK}


async def test_a_night_without_anybody_and_a_person_without_a_phone_fail(visit: Visit, roster: Roster) -> None:
    await roster.complete()
    team, mute = await roster.team("camden"), await roster.person("mute", has_phone=False)
    await roster.shift(team, mute, days=(0, 20))
    await roster.shift(team, await roster.person("late"), "backup", days=(21, 40))
    (says,) = wrong(await found(look_at_roster, visit))
    assert says == f"nobody of team {team} is on call from 2026-03-24 04:00 to 2026-03-25 04:00 UTC: mend its roster"
    assert wrong(await found(look_at_phones, visit)) == [f"person {mute} is on call and has no phone: add one"]
    await roster.db.pool.execute("update triage.people set is_active = false where handle = 'last'")
    assert any(
        "nobody of the last-resort team is on call NOW" in each for each in wrong(await found(look_at_roster, visit))
    )


async def test_a_loopback_covers_the_canarys_team_and_no_other(visit: Visit, roster: Roster) -> None:
    teams = await roster.complete()
    team = await roster.team("camden")
    await roster.shift(team, await roster.person("echo", has_phone=False, is_loopback=True))
    assert [each.split(" is on call")[0] for each in wrong(await found(look_at_roster, visit))] == [
        f"nobody of team {team}"
    ]

    await roster.db.pool.execute("delete from triage.team_areas where team_id = $1", teams["canary"])
    says = wrong(await found(look_at_roster, visit))
    assert any(f"nobody of team {teams['canary']} is on call NOW" in each for each in says)
    assert any("nobody is on call by loopback" in each for each in says)


look_at_roster, look_at_phones = roster.look_at_roster, roster.look_at_phones


@pytest_asyncio.fixture
async def exchange(config: Settings) -> AsyncIterator[Exchange]:
    bound = listen("127.0.0.1", 0)
    account = Account(str(config.twilio_account_sid), config.auth_tokens[0])
    setup = Setup(account, f"http://127.0.0.1:{bound.getsockname()[1]}", pace=Pace(0.01))
    async with running(Exchange(setup), bound) as opened:
        yield opened


@LIBRARY_WARNS
async def test_the_provider_is_signed_in_to_and_our_numbers_lead_to_us(
    config: Settings, exchange: Exchange, clock: SettableClock
) -> None:
    visit = Visit(config.model_copy(update={"twilio_api_url": exchange.setup.base_url}), clock)
    assert wrong(await found(provider.look_at_account, visit)) == []
    (says,) = wrong(await found(provider.look_at_intake_number, visit))
    assert says.startswith("HOTLINE_INTAKE_NUMBER is not a number of this account")
    number = exchange.own(str(config.intake_number))
    number.sms = Hook(f"{config.ingest_url}/twilio/sms")
    (says,) = wrong(await found(provider.look_at_intake_number, visit))
    assert "calls lead to nobody" in says
    number.voice = Hook(f"{config.ingest_url}/twilio/voice")
    levels = [each.level for each in await found(provider.look_at_intake_number, visit)]
    assert levels == [Level.OK, Level.WARNING, Level.WARNING]
    exchange.own(str(config.alert_number)).sms = Hook("http://elsewhere.test/")
    assert "texts lead to http://elsewhere.test/" in wrong(await found(provider.look_at_alert_number, visit))[0]
    assert await found(provider.look_at_pool, visit) == []
    pooled = Visit(visit.settings.model_copy(update={"pool_numbers": "+861000000003"}), clock)
    (says,) = wrong(await found(provider.look_at_pool, pooled))
    assert says.startswith("HOTLINE_POOL_NUMBERS is not a number of this account")


@LIBRARY_WARNS
async def test_a_token_that_is_refused_fails(config: Settings, exchange: Exchange, clock: SettableClock) -> None:
    changed = {"twilio_api_url": exchange.setup.base_url, "twilio_auth_token": NOWHERE}
    (says,) = wrong(await found(provider.look_at_account, Visit(config.model_copy(update=changed), clock)))
    assert says.startswith("could not be looked at: AccountRefused: refused with code 20003")


async def test_an_origin_that_is_not_ready_or_not_there_fails(config: Settings, clock: SettableClock) -> None:
    async def unready(_request: web.Request) -> web.Response:
        return web.json_response({"refusals": {"database": "ConnectionRefusedError"}}, status=503)

    app = web.Application()
    app.router.add_get("/readyz", unready)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    visit = Visit(config.model_copy(update={"ingest_url": f"http://{host}:{port}"}), clock)
    assert "ConnectionRefusedError" in wrong(await found(addresses.look_at_ingest, visit))[0]
    assert "does not answer" in wrong(await found(addresses.look_at_notifier, visit))[0]
    assert "is also an origin of the public" in wrong(await found(addresses.look_at_console, visit))[1]
    await runner.cleanup()


async def test_settings_and_files_are_looked_at(config: Settings, clock: SettableClock) -> None:
    (config.state_dir / "secrets.env").touch(mode=0o644)
    (config.state_dir / "vault-recovery.key").touch(mode=0o600)
    broken = config.model_copy(update={"session_secret": None, "env": Env.PRODUCTION})
    assert wrong(await found(configuration.look_at_settings, Visit(broken, clock))) == [
        "HOTLINE_SESSION_SECRET is not set"
    ]
    says = wrong(await found(configuration.look_at_files, Visit(broken, clock)))
    assert "chmod 600 it" in says[0]
    assert "move it to two safe places" in says[1]


async def test_a_moved_clock_of_a_test_is_the_doctors_too(config: Settings, db: Database, beat: Beat) -> None:
    clock = SettableClock()
    await move(db.pool, timedelta(hours=2))
    await examine(config.model_copy(update={"env": Env.TEST}), clock)
    assert clock.offset == timedelta(hours=2)


def test_what_runs_here_is_looked_at_while_no_real_part_is_set(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(config.state_dir))
    with pytest.raises(SettingsError, match="nothing runs here: start it with `make run`"):
        configuration.here()
    write(config.state_dir / RUNNING_FILE, told(config))
    assert configuration.here().database_url == config.database_url
    write(config.state_dir / RUNNING_FILE, {**told(config), "HOTLINE_INGEST_PORT": "none"})
    with pytest.raises(SettingsError, match=r"do not fit together \(HOTLINE_INGEST_PORT\)"):
        configuration.here()


async def test_the_command_says_it_in_lines_and_exits_one(config: Settings) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.doctor",
        "--json",
        env={"PATH": os.defpath, **told(config)},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await child.communicate()
    assert child.returncode == 1
    answer = json.loads(said)
    assert answer["ok"] is False
    assert {"check": "migrations", "level": "ok", "says": "the schema is up to date"} in answer["findings"]
