"""Who is told that something became of their report, where, and when: each rule of contact safety."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from notifier.domain.notice import Notice, is_still_safe, notice
from schemas.report import SafeContact, WayBack
from schemas.terms import Answer

PHONE = "+8613800000000"


def wall(hour: int, minute: int = 0, day: int = 26) -> datetime:
    """An instant by its hour in Shanghai, eight hours before UTC."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)


NOW = wall(14)


def way(to: str | None = PHONE, zone: str | None = "Asia/Shanghai", **contact: Any) -> WayBack:
    given: dict[str, Any] = {
        "wants_news": Answer.YES,
        "is_safe_to_text": Answer.YES,
        "news_from": time(18),
        "news_until": time(22),
    } | contact
    return WayBack(news_to=to, time_zone=zone, contact=SafeContact(**given))


def test_who_asked_is_told_in_the_next_safe_window() -> None:
    assert notice(way(), (), NOW) == Notice(PHONE, wall(18), wall(22))


def test_within_the_window_it_goes_at_once() -> None:
    assert notice(way(), (), wall(19, 30)) == Notice(PHONE, wall(19, 30), wall(22))


def test_after_the_window_it_goes_tomorrow() -> None:
    assert notice(way(), (), wall(22)) == Notice(PHONE, wall(18, day=27), wall(22, day=27))


@pytest.mark.parametrize(("hour", "begins"), [(1, wall(1)), (12, wall(23)), (23, wall(23))])
def test_a_window_may_pass_midnight(hour: int, begins: datetime) -> None:
    found = notice(way(news_from=time(23), news_until=time(2)), (), wall(hour))
    assert isinstance(found, Notice)
    assert found.due_at == begins
    assert found.until == wall(2, day=26 if hour == 1 else 27)


@pytest.mark.parametrize("answer", [each for each in Answer if each is not Answer.YES])
def test_who_did_not_ask_is_told_nothing(answer: Answer) -> None:
    assert notice(way(wants_news=answer), (), NOW) == "not_asked"
    assert notice(None, (), NOW) == "not_asked"


@pytest.mark.parametrize("answer", [each for each in Answer if each is not Answer.YES])
def test_unknown_safety_is_unsafe(answer: Answer) -> None:
    assert notice(way(is_safe_to_text=answer), (), NOW) == "no_safe_channel"


def test_without_a_number_there_is_no_safe_channel() -> None:
    assert notice(way(to=None), (), NOW) == "no_safe_channel"


@pytest.mark.parametrize(
    "unsaid",
    [
        {"news_from": None},
        {"news_until": None},
        {"news_from": time(8), "news_until": time(8)},
        {"zone": None},
        {"zone": "Nowhere/Land"},
    ],
)
def test_without_a_safe_time_nothing_goes(unsaid: dict[str, Any]) -> None:
    assert notice(way(**unsaid), (), NOW) == "no_safe_time"


@pytest.mark.parametrize("state", ["planned", "queued", "sent", "undelivered", "failed", "expired"])
def test_a_silent_phone_is_never_tried_again(state: str) -> None:
    assert notice(way(), ["delivered", state], NOW) == "silent_phone"
    assert isinstance(notice(way(), ["delivered"], NOW), Notice)


def test_at_the_instant_of_sending_the_newest_word_holds() -> None:
    assert is_still_safe(way(), wall(19))
    assert is_still_safe(way(), wall(17, 59)) is None
    assert is_still_safe(way(wants_news=Answer.NO), wall(19)) is None
    assert is_still_safe(way(is_safe_to_text=Answer.NO), wall(19)) is None
