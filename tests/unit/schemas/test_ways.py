"""Quiet hours are on the wall of a person, over midnight and over daylight saving, and never too many."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from schemas.terms import AlertChannel, Urgency
from schemas.ways import Preferences, Quiet, channel_of, place_of

NIGHT = {"begins": "22:00", "ends": "07:00"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-04T13:59:59", None),
        ("2026-03-04T14:00:00", "2026-03-04T23:00:00"),
        ("2026-03-04T20:00:00", "2026-03-04T23:00:00"),
        ("2026-03-04T22:59:59", "2026-03-04T23:00:00"),
        ("2026-03-04T23:00:00", None),
    ],
)
def test_a_night_is_quiet_from_evening_to_morning_on_the_clock_of_its_person(now: str, until: str | None) -> None:
    wanted = Preferences.model_validate({"time_zone": "Asia/Shanghai", "quiet": NIGHT})
    assert wanted.quiet_until(at(now)) == (at(until) if until else None)


def test_a_nap_by_day_ends_on_the_same_day() -> None:
    wanted = Preferences.model_validate({"quiet": {"begins": "09:00", "ends": "16:30"}})
    assert wanted.quiet_until(at("2026-03-04T12:00:00")) == at("2026-03-04T16:30:00")
    assert wanted.quiet_until(at("2026-03-04T17:00:00")) is None


def test_the_morning_comes_by_the_wall_when_the_clocks_change() -> None:
    wanted = Preferences.model_validate({"time_zone": "Europe/London", "quiet": NIGHT})
    # The clocks spring forward in this night: seven in the morning is six in UTC.
    assert wanted.quiet_until(at("2026-03-28T23:30:00")) == at("2026-03-29T06:00:00")
    assert wanted.quiet_until(at("2026-03-29T06:30:00")) is None


@pytest.mark.parametrize(("begins", "ends"), [("22:00", "22:00"), ("20:00", "07:01"), ("00:00", "23:59")])
def test_quiet_hours_without_a_length_or_with_too_many_hours_are_refused(begins: str, ends: str) -> None:
    with pytest.raises(ValidationError, match="quiet hours last"):
        Quiet.model_validate({"begins": begins, "ends": ends})


def test_a_way_is_a_channel_and_a_place() -> None:
    wanted = Preferences.model_validate({"orders": {"priority": ["email", "sms:2"]}})
    assert [(channel_of(way), place_of(way)) for way in wanted.order(Urgency.PRIORITY)] == [
        (AlertChannel.EMAIL, 0),
        (AlertChannel.SMS, 2),
    ]
    assert wanted.order(Urgency.IMMEDIATE) == ()


@pytest.mark.parametrize("way", ["voice", "voice:0", "email:1", "fax:1", "sms:1 "])
def test_what_is_no_way_is_refused(way: str) -> None:
    with pytest.raises(ValidationError):
        Preferences.model_validate({"orders": {"urgent": [way]}})
