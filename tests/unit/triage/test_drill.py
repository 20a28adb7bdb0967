"""When a drill would wake people, how it stands, and what lateness is measured from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.ids import new_id
from schemas.ladder import Ladder
from triage.domain.drill import Outcome, ends_by, is_at_night, outcome_of, rungs_of

SHANGHAI = "Asia/Shanghai"
LADDER = Ladder.model_validate(
    {
        "rungs": [
            {"level": "first", "after": "PT0S", "channels": ["sms"]},
            {"level": "backup", "after": "PT2M", "channels": ["sms"]},
        ]
    }
)
BEGAN = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)


def wall(hour: int, minute: int, day: int = 26) -> datetime:
    """An instant by its hour in Shanghai, eight hours before UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("begin", "end", "is_night"),
    [
        (wall(12, 0), wall(12, 12), False),
        (wall(21, 40), wall(21, 59), False),
        (wall(21, 50), wall(22, 0), True),
        (wall(22, 0), wall(22, 12), True),
        (wall(6, 59), wall(7, 11), True),
        (wall(7, 0), wall(7, 12), False),
        (wall(8, 30), wall(8, 30, day=27), True),
    ],
)
def test_a_drill_is_at_night_when_any_of_it_is(begin: datetime, end: datetime, is_night: bool) -> None:
    assert is_at_night(begin, end, SHANGHAI) is is_night


def test_a_drill_ends_by_the_wait_after_its_last_rung() -> None:
    assert ends_by(LADDER, BEGAN) == BEGAN + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("calling", "after", "outcome"),
    [
        (None, 1, Outcome.WAITING),
        (None, 5, Outcome.NOT_BEGUN),
        ({"status": "calling"}, 1, Outcome.CALLING),
        ({"status": "acknowledged"}, 1, Outcome.TAKEN),
        ({"status": "ended", "exhausted_at": BEGAN}, 1, Outcome.NOBODY),
        ({"status": "ended", "exhausted_at": None}, 1, Outcome.GAVE_WAY),
        ({"status": "ended", "exhausted_at": None, "started_at": BEGAN + timedelta(minutes=5)}, 6, Outcome.NOT_BEGUN),
    ],
)
def test_how_a_drill_stands(calling: dict[str, Any] | None, after: int, outcome: Outcome) -> None:
    given = {"started_at": BEGAN, "exhausted_at": None} | calling if calling else None
    assert outcome_of(BEGAN, given, BEGAN + timedelta(minutes=after)) is outcome


def alert(level: str, planned: int, sent: int | None, attempt: int = 1) -> dict[str, Any]:
    def at(seconds: int | None) -> datetime | None:
        return None if seconds is None else BEGAN + timedelta(seconds=seconds)

    return {
        "level": level, "person_id": new_id(), "channel": "sms", "attempt": attempt, "state": "sent",
        "planned_at": at(planned), "sent_at": at(sent), "delivered_at": None, "answered_at": None, "answer": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "late"),
    [
        (alert("first", 0, 1), 1),
        (alert("backup", 123, 125), 5),
        (alert("backup", 30, 31), 1),
        (alert("backup", 200, 202, attempt=2), 2),
        (alert("first", 0, None), None),
    ],
    ids=["on time", "the timer was late", "hurried", "again", "never sent"],
)
def test_lateness_is_counted_from_the_turn_of_a_rung(told: dict[str, Any], late: int | None) -> None:
    lines = [line for rung in rungs_of(LADDER, BEGAN, [told], []) for line in rung.lines]
    assert [line.late for line in lines] == [None if late is None else timedelta(seconds=late)]


def test_a_level_without_anybody_new_says_so() -> None:
    assert [rung.is_empty for rung in rungs_of(LADDER, BEGAN, [], ["backup"])] == [False, True]
