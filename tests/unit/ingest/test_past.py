from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.past import past

NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)  # 14:00 in Beijing
HERE = ("Asia/Shanghai",)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("今天 10:30", datetime(2026, 3, 4, 2, 30, tzinfo=UTC)),
        ("today 4:30", datetime(2026, 3, 3, 20, 30, tzinfo=UTC)),  # this afternoon is to come
        ("昨天下午4点半", datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),
        ("3月2日 16:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("2026-03-02T16:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("4:30", datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),  # yesterday afternoon, before this morning
    ],
)
def test_a_time_in_the_past_is_read_early(written: str, at: datetime) -> None:
    found = past(written, NOW, HERE)
    assert found is not None
    assert (found.at, found.is_day) == (at, False)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("yesterday", datetime(2026, 3, 2, 16, 0, tzinfo=UTC)),
        ("２０２６年３月２日", datetime(2026, 3, 1, 16, 0, tzinfo=UTC)),
        ("12月2日", datetime(2025, 12, 1, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_day_alone_is_read_as_its_beginning(written: str, at: datetime) -> None:
    found = past(written, NOW, HERE)
    assert found is not None
    assert (found.at, found.is_day) == (at, True)


@pytest.mark.parametrize("written", ["last week", "2月30日", "2027-01-01", "today soon", "3/4", "0001-01-01", ""])
def test_what_names_no_instant_in_the_past_is_not_read(written: str) -> None:
    assert past(written, NOW, HERE) is None


@given(st.text(max_size=20))
def test_any_words_are_read_as_past_or_not_at_all(written: str) -> None:
    found = past(written, NOW, (*HERE, "Europe/London"))
    assert found is None or found.at <= NOW
