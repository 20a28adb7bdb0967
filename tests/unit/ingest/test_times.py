from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.times import meant, readings

NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)  # 14:00 in Beijing


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("4:30 am", (4, 30)),
        ("中午1点", (13, 0)),
        ("中午 11 点", (11, 0)),
        ("晚上12点", (0, 0)),
        ("晚上1点", (1, 0)),
        ("晚上8点", (20, 0)),
        ("凌晨3点", (3, 0)),
        ("12 pm", (12, 0)),
        ("0:15", (0, 15)),
        ("16:30", (16, 30)),
        ("4:30 pm", (16, 30)),
        ("4 p.m.", (16, 0)),
        ("12:05 am", (0, 5)),
        ("下午4点半", (16, 30)),
        ("下午 4 时 5 分", (16, 5)),
        ("１６：３０", (16, 30)),
    ],
)
def test_a_time_is_read_as_people_write_it(written: str, time: tuple[int, int]) -> None:
    assert readings(written) == (time,)


@pytest.mark.parametrize(("written", "hours"), [("4:30", (4, 16)), ("07:30", (7, 19)), ("12点半", (0, 12))])
def test_without_a_half_of_the_day_either_may_be_meant(written: str, hours: tuple[int, int]) -> None:
    assert readings(written) == tuple((hour, 30) for hour in hours)


@pytest.mark.parametrize("written", ["25:00", "12:60", "soon", "放学", "", "16:30:99", "-1"])
def test_what_is_no_time_is_none(written: str) -> None:
    assert readings(written) == ()


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("16:30", datetime(2026, 3, 4, 8, 30, tzinfo=UTC)),
        ("13:30", datetime(2026, 3, 4, 5, 30, tzinfo=UTC)),  # just passed: over, not tomorrow
        ("上午7点", datetime(2026, 3, 4, 23, 0, tzinfo=UTC)),  # tomorrow morning
        ("4:30", datetime(2026, 3, 4, 8, 30, tzinfo=UTC)),  # this afternoon, which comes before tomorrow morning
        ("4点半", datetime(2026, 3, 4, 8, 30, tzinfo=UTC)),
        ("晚上12点", datetime(2026, 3, 4, 16, 0, tzinfo=UTC)),  # the coming midnight
    ],
)
def test_the_next_such_time_is_meant_there(written: str, at: datetime) -> None:
    assert meant(written, NOW, ["Asia/Shanghai"]) == at


def test_where_no_place_is_known_the_earliest_wall_clock_counts() -> None:
    noon = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    assert meant("16:30", noon, ["Asia/Shanghai", "Europe/London"]) == datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
    assert meant("16:30", NOW, ["Asia/Shanghai", "Europe/London"]) == datetime(2026, 3, 4, 8, 30, tzinfo=UTC)


@given(st.integers(1, 12), st.integers(0, 59), st.integers(0, 48 * 60))
def test_it_is_never_later_than_either_half_of_the_day(hour: int, minute: int, after: int) -> None:
    now = NOW + timedelta(minutes=after)
    read = meant(f"{hour}:{minute:02}", now, ["Asia/Shanghai"])
    for half in ("am", "pm"):
        said = meant(f"{hour}:{minute:02} {half}", now, ["Asia/Shanghai"])
        assert read is not None
        assert said is not None
        assert read <= said


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_none(written: str) -> None:
    meant(written, NOW, ["Asia/Shanghai"])
