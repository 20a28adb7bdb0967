"""Each check of `hotline doctor` fails for its own reason, and says what to do."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from infra.doctor import addresses, configuration, database, events, provider, roster, sealing
from infra.doctor.__main__ import written
from infra.doctor.finding import Finding, Level, fail, ok, warning
from infra.kafka.described import TopicState
from infra.kafka.topics import PARTITIONS, TOPICS
from infra.settings import Env
from infra.twilio.account import AccountState, OwnNumber
from tests.conftest import NOON
from tests.integration.ops.conftest import settings_for

DAY = timedelta(days=1)
URL = "postgresql://127.0.0.1:9/hotline"
ORIGIN = "https://hotline.example.org"
NUMBER = OwnNumber(
    "+861000000001", f"{ORIGIN}/twilio/sms", f"{ORIGIN}/twilio/voice", "https://x.test/", "https://x.test/"
)
SAFE: Mapping[str, Any] = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "names_standbys": False,
    "sees_standbys": True,
    "standbys": 0,
    "archives": False,
    "last_archived_time": None,
    "last_failed_time": None,
}
TOPIC = TopicState(TOPICS[0], PARTITIONS, 3, 0, 2)


def levels(findings: list[Finding]) -> list[Level]:
    return [each.level for each in findings]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"session_secret": None}, "HOTLINE_SESSION_SECRET is not set"),
        ({"contacts_secret": SecretStr("change-me")}, "HOTLINE_CONTACTS_SECRET still holds change-me"),
    ],
)
def test_a_wrong_setting_is_named(changed: dict[str, Any], said: str) -> None:
    right = settings_for(URL, Path())
    assert configuration.wrong_settings(right) == []
    wrong = configuration.wrong_settings(right.model_copy(update=changed))
    assert len(wrong) == 1
    assert said in wrong[0]


def test_what_may_not_be_meant_is_told() -> None:
    real = settings_for(
        URL, Path(), env=Env.PRODUCTION, session_secret=SecretStr("short"), alert_number="+861000000001"
    )
    told = " ".join(configuration.doubtful_settings(real, is_production=True))
    for word in ("SESSION_SECRET is shorter", "the same number", "WATCHDOG_URL", "TWILIO_API_URL"):
        assert word in told
    assert "NO ONE IS CALLED" in configuration.doubtful_settings(settings_for(URL, Path()), is_production=False)[0]


def test_a_secret_that_others_can_read_is_told(tmp_path: Path) -> None:
    secret = tmp_path / "secrets.env"
    secret.touch(mode=0o600)
    assert configuration.open_files([secret, tmp_path / "absent"]) == []
    secret.chmod(0o644)
    assert configuration.open_files([secret]) == [f"{secret} is open to others of this machine: chmod 600 it"]


def test_an_old_database_fails() -> None:
    assert database.version(160_004).level is Level.OK
    assert database.version(150_009).level is Level.FAIL


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_database_that_acknowledges_before_the_disk_has_it_fails(name: str) -> None:
    assert levels(database.survives_crash(SAFE)) == [Level.OK]
    (found,) = database.survives_crash({**SAFE, name: "off"})
    assert found.level is Level.FAIL
    assert f"{name} is off" in found.says


@pytest.mark.parametrize(
    ("row", "level", "said"),
    [
        ({}, Level.WARNING, "everything since the last backup"),
        ({"archives": True, "last_archived_time": NOON}, Level.OK, "after the last archived WAL"),
        ({"archives": True}, Level.FAIL, "archiving WAL fails"),
        (
            {"archives": True, "last_archived_time": NOON, "last_failed_time": NOON + DAY},
            Level.FAIL,
            "archive_command",
        ),
        ({"names_standbys": True, "standbys": 1}, Level.OK, "a lost host loses nothing"),
        ({"names_standbys": True}, Level.FAIL, "no synchronous standby is connected"),
        ({"names_standbys": True, "standbys": 1, "synchronous_commit": "local"}, Level.FAIL, "is local"),
        ({"names_standbys": True, "sees_standbys": False}, Level.WARNING, "pg_monitor"),
    ],
)
def test_the_doctor_says_which_promise_holds(row: dict[str, Any], level: Level, said: str) -> None:
    found = database.survives_loss({**SAFE, **row})
    assert found.level is level
    assert said in found.says


def test_a_role_that_is_missing_or_not_ours_fails() -> None:
    there = {"name": "hotline_ingest", "is_there": True, "is_ours": True}
    assert database.missing_roles([there]) == []
    assert "may not act as" in database.missing_roles([{**there, "is_ours": False}])[0]
    assert "is missing" in database.missing_roles([{**there, "is_there": False, "is_ours": False}])[0]


def test_a_grant_too_few_and_a_grant_too_many_fail() -> None:
    own = {
        "owner": "triage",
        "name": "cases",
        "is_view": False,
        "role": "hotline_triage",
        "reads": True,
        "writes": True,
    }
    other = {**own, "role": "hotline_ingest", "writes": False, "reads": False}
    view = {**other, "is_view": True, "name": "for_ingest_states"}
    assert database.wrong_grants([own, other, {**view, "reads": True}]) == []
    assert "can write triage.cases" in database.wrong_grants([{**other, "writes": True}])[0]
    assert "cannot read triage.for_ingest_states" in database.wrong_grants([view])[0]


def test_a_drifting_clock_is_told_and_then_fails() -> None:
    drifts = [timedelta(), timedelta(seconds=0.3), timedelta(seconds=-3)]
    assert [database.drift(each).level for each in drifts] == [Level.OK, Level.WARNING, Level.FAIL]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"partitions": 4}, "has 4 partitions instead of 12"),
        ({"replicas": 1}, "has 1 copies instead of 3"),
        ({"behind": 2}, "2 partitions lack"),
        ({"min_isr": 1}, "min.insync.replicas 1"),
    ],
)
def test_a_topic_that_is_not_as_it_should_be_fails(changed: dict[str, Any], said: str) -> None:
    all_topics = [replace(TOPIC, name=name) for name in TOPICS]
    assert events.wrong_topics(all_topics, 3) == []
    (wrong,) = events.wrong_topics([replace(TOPIC, **changed), *all_topics[1:]], 3)
    assert said in wrong


def test_a_missing_topic_fails() -> None:
    assert "missing: run `hotline migrate`" in events.wrong_topics([], 1)[0]


def test_an_account_that_cannot_call_fails() -> None:
    assert provider.account_state(AccountState("active", "Full"), is_production=True).level is Level.OK
    assert provider.account_state(AccountState("suspended", "Full"), is_production=False).level is Level.FAIL
    assert provider.account_state(AccountState("active", "Trial"), is_production=True).level is Level.FAIL


def test_a_number_that_leads_elsewhere_fails() -> None:
    assert provider.wrong_addresses(NUMBER, ORIGIN) == []
    wrong = provider.wrong_addresses(replace(NUMBER, sms_url="", voice_url="https://old.test/"), ORIGIN)
    assert wrong[0].startswith("texts lead to nobody")
    assert wrong[1].startswith("calls lead to https://old.test/")


def test_a_fallback_address_stands_outside_our_hosts() -> None:
    assert provider.wrong_fallbacks(NUMBER, ORIGIN) == []
    missing = replace(NUMBER, sms_fallback_url="", voice_fallback_url=f"{ORIGIN}/sorry")
    assert len(provider.wrong_fallbacks(missing, ORIGIN)) == 2


def test_an_origin_says_whether_it_is_ready() -> None:
    assert addresses.readiness("X", ORIGIN, 200, "").level is Level.OK
    assert "database" in addresses.readiness("X", ORIGIN, 503, '{"refusals": {"database": "x"}}').says
    assert addresses.readiness("X", ORIGIN, 404, "").level is Level.FAIL


def test_a_public_desk_and_words_in_the_clear_fail() -> None:
    desk = "https://desk.example.org"
    assert levels(addresses.public_console(desk, ["10.0.0.3", "::1"], [ORIGIN])) == [Level.OK]
    assert levels(addresses.public_console(desk, ["8.8.8.8"], [ORIGIN])) == [Level.FAIL]
    assert levels(addresses.public_console(ORIGIN, ["10.0.0.3"], [ORIGIN])) == [Level.FAIL]
    assert levels(addresses.unencrypted("ingest_url", "http://hotline.example.org", True)) == [Level.FAIL]
    assert addresses.unencrypted("ingest_url", "http://hotline.example.org", False) == []


def test_recovery_is_proven_within_ninety_days() -> None:
    assert sealing.recovery(NOON - 89 * DAY, NOON, True).level is Level.OK
    assert sealing.recovery(NOON - 91 * DAY, NOON, True).level is Level.FAIL
    assert sealing.recovery(None, NOON, True).level is Level.FAIL
    assert sealing.recovery(None, NOON, False).level is Level.WARNING


def span(begins: int, ends: int) -> tuple[datetime, datetime]:
    return NOON + begins * DAY, NOON + ends * DAY


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], [(0, 30)]),
        ([(-1, 40)], []),
        ([(10, 30), (0, 10)], []),
        ([(0, 20), (5, 10), (21, 30)], [(20, 21)]),
        ([(2, 29)], [(0, 2), (29, 30)]),
        ([(31, 40)], [(0, 30)]),
    ],
)
def test_gaps_are_what_no_shift_covers(spans: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    found = roster.gaps([span(*each) for each in spans], span(0, 30))
    assert found == [span(*each) for each in expected]


def test_a_team_without_anybody_fails_and_an_empty_level_is_told() -> None:
    team = roster.Team(UUID(int=1), False, True, {"first": [span(0, 30)], "backup": [span(0, 9), span(10, 30)]})
    (told,) = roster.uncovered(team, span(0, 30))
    assert told.level is Level.WARNING
    assert "the last-resort team has nobody at level backup from 2026-03-13 04:00" in told.says
    (failed,) = roster.uncovered(replace(team, levels={"first": [span(1, 30)]}), span(0, 30))
    assert failed.level is Level.FAIL
    assert "NOW" in failed.says


def test_a_hotline_without_last_resort_desk_or_canary_fails() -> None:
    assert len(roster.wrong_teams([])) == 3


def test_the_result_is_written_for_people_and_for_programs() -> None:
    found = [ok("a", "fine"), warning("b", "hm"), fail("c", "mend it")]
    assert written(found, as_json=False).splitlines()[-1] == "1 ok, 1 warning, 1 FAIL"
    assert '"ok": false' in written(found, as_json=True)
