"""The watchdog is told that all is well only while everything holds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.watchdog import EXPECTED, Heartbeat, Vitals, broken_invariants, lost_instances
from tests.conftest import NOON

BEATS = tuple(Heartbeat(service, "1", NOON - timedelta(seconds=2), {}) for service in EXPECTED)
WELL = Vitals(BEATS, None)


def test_all_is_well() -> None:
    assert broken_invariants(WELL, NOON) == []
    assert broken_invariants(replace(WELL, oldest_unpublished=timedelta(seconds=30)), NOON) == []


@pytest.mark.parametrize("service", EXPECTED)
def test_each_service_must_be_present(service: str) -> None:
    without = tuple(beat for beat in BEATS if beat.service != service)
    assert broken_invariants(replace(WELL, heartbeats=without), NOON) == [f"{service} has never run"]


def test_a_heartbeat_of_ten_seconds_ago_is_no_longer_fresh() -> None:
    old = replace(BEATS[0], at=NOON - timedelta(seconds=10))
    broken = broken_invariants(replace(WELL, heartbeats=(old, *BEATS[1:])), NOON)
    assert broken == ["ingest has been silent for 10 s"]


def test_a_trouble_of_any_process_counts() -> None:
    troubled = replace(BEATS[3], troubles={"broker": "the broker does not take events"})
    broken = broken_invariants(replace(WELL, heartbeats=(*BEATS[:3], troubled)), NOON)
    assert broken == ["relay 1: broker: the broker does not take events"]


def test_an_event_that_waits_over_thirty_seconds_counts() -> None:
    broken = broken_invariants(replace(WELL, oldest_unpublished=timedelta(seconds=31)), NOON)
    assert broken == ["an event has not been published for 31 s"]


def test_an_instance_that_is_gone_is_told_while_another_goes_on_and_later_forgotten() -> None:
    gone = Heartbeat("ingest", "2", NOON - timedelta(minutes=5), {"old": "trouble"})
    assert broken_invariants(replace(WELL, heartbeats=(*BEATS, gone)), NOON) == []
    assert lost_instances((*BEATS, gone), NOON) == ["ingest 2 has been silent for 300 s; another one goes on"]
    assert lost_instances((*BEATS, replace(gone, at=NOON - timedelta(hours=2))), NOON) == []
