"""When phones are tested, on which channel, and when one counts as dead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.terms import AlertChannel
from schemas.ways import Preferences
from triage.domain.trials import TESTED_EVERY, PhoneTests, Tried, is_by_day

SMS, VOICE = AlertChannel.SMS, AlertChannel.VOICE
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
PHONE = PhoneTests(NOW - timedelta(days=400), (SMS, VOICE))


def tried(channel: AlertChannel, state: str | None, days_ago: float, code: str | None = None) -> Tried:
    return Tried(channel, NOW - timedelta(days=days_ago), state, code)


def with_tests(*tests: Tried) -> PhoneTests:
    return replace(PHONE, tests=tests)


def test_a_phone_is_first_tested_a_month_after_it_was_proven() -> None:
    assert PhoneTests(NOW - TESTED_EVERY, (SMS, VOICE)).due(NOW) is SMS
    assert PhoneTests(NOW - TESTED_EVERY + timedelta(seconds=1), (SMS, VOICE)).due(NOW) is None


@pytest.mark.parametrize(
    ("tests", "channel"),
    [
        ((tried(SMS, "delivered", 29),), None),
        ((tried(SMS, "delivered", 30),), VOICE),
        ((tried(VOICE, "unanswered", 30), tried(SMS, "delivered", 60)), SMS),
        ((tried(SMS, "undelivered", 0.9),), None),
        ((tried(SMS, "undelivered", 1),), SMS),
        ((tried(SMS, "failed", 1), tried(SMS, "undelivered", 2)), None),
        ((tried(SMS, "failed", 30), tried(SMS, "undelivered", 31)), SMS),
        ((tried(SMS, "sent", 2),), None),
        ((tried(SMS, None, 2),), None),
        ((tried(SMS, "failed", 2, "30007"),), None),
    ],
)
def test_channels_take_turns_and_a_failed_one_is_tried_again_the_next_day(
    tests: tuple[Tried, ...], channel: AlertChannel | None
) -> None:
    assert with_tests(*tests).due(NOW) is channel


def test_a_channel_that_is_no_more_gives_way_to_the_other() -> None:
    assert replace(with_tests(tried(SMS, "failed", 1)), channels=(VOICE,)).due(NOW) is VOICE
    assert replace(PHONE, channels=()).due(NOW) is None


@pytest.mark.parametrize(
    ("states", "is_failing"),
    [
        ([], False),
        (["failed"], False),
        (["failed", "undelivered"], True),
        (["failed", "delivered", "undelivered"], False),
        (["sent", "failed", "undelivered"], True),
        (["unanswered", "failed", "failed"], False),
    ],
)
def test_two_failed_tests_in_a_row_say_that_a_phone_is_dead(states: list[str], is_failing: bool) -> None:
    tests = [tried(SMS, state, days) for days, state in enumerate(states)]
    assert with_tests(*tests).is_failing is is_failing


@pytest.mark.parametrize("code", ["30001", "30002", "30007", "no_channel", "unwritable"])
def test_what_fails_for_a_reason_of_ours_says_nothing_of_a_phone(code: str) -> None:
    assert not with_tests(tried(SMS, "failed", 0, code), tried(SMS, "failed", 1, code)).is_failing


@pytest.mark.parametrize(
    ("now", "is_day"),
    [
        ("2026-03-04T00:00+00:00", True),  # Wednesday, 08:00 in Shanghai
        ("2026-03-03T23:59+00:00", False),
        ("2026-03-04T11:59+00:00", True),
        ("2026-03-04T12:00+00:00", False),
        ("2026-03-06T16:30+00:00", False),  # Saturday
        ("2026-03-04T06:00+00:00", False),  # 14:00, quiet
    ],
)
def test_a_phone_is_tested_by_day_on_weekdays_outside_quiet_hours(now: str, is_day: bool) -> None:
    wanted = Preferences.model_validate({"time_zone": "Asia/Shanghai", "quiet": {"begins": "13:00", "ends": "15:00"}})
    assert is_by_day(wanted, datetime.fromisoformat(now)) is is_day


@pytest.mark.parametrize("begins", range(24))
def test_the_longest_quiet_hours_leave_some_of_every_weekday(begins: int) -> None:
    quiet = {"begins": f"{begins:02}:00", "ends": f"{(begins + 11) % 24:02}:00"}
    wanted = Preferences.model_validate({"quiet": quiet})
    assert any(is_by_day(wanted, NOW.replace(hour=hour)) for hour in range(24))
