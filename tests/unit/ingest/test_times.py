from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.times import meant, time_of_day

NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)  # 14:00 in Beijing


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("16:30", (16, 30)),
        ("4:30 pm", (16, 30)),
        ("4 p.m.", (16, 0)),
        ("12:05 am", (0, 5)),
        ("下午4点半", (16, 30)),
        ("下午 4 时 5 分", (16, 5)),
        ("１６：３０", (16, 30)),
        ("12点", (12, 0)),
    ],
)
def test_a_time_is_read_as_people_write_it(written: str, time: tuple[int, int]) -> None:
    assert time_of_day(written) == time


@pytest.mark.parametrize("written", ["25:00", "12:60", "soon", "放学", "", "16:30:99", "-1"])
def test_what_is_no_time_is_none(written: str) -> None:
    assert time_of_day(written) is None


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("16:30", datetime(2026, 3, 4, 8, 30, tzinfo=UTC)),
        ("13:30", datetime(2026, 3, 4, 5, 30, tzinfo=UTC)),  # just passed: over, not tomorrow
        ("07:00", datetime(2026, 3, 4, 23, 0, tzinfo=UTC)),  # tomorrow morning
    ],
)
def test_the_next_such_time_is_meant_there(written: str, at: datetime) -> None:
    assert meant(written, NOW, "Asia/Shanghai") == at


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_none(written: str) -> None:
    meant(written, NOW, "Asia/Shanghai")
