"""ISO weeks on the desk's wall clock, and months of whole weeks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from triage.domain.weeks import Week, offered, period, week_of


def test_a_week_is_that_of_the_wall_clock_of_the_zone() -> None:
    sunday_in_london = datetime(2026, 3, 8, 20, tzinfo=UTC)

    assert week_of(sunday_in_london, "Europe/London").name == "2026-W10"
    assert week_of(sunday_in_london, "Asia/Shanghai").name == "2026-W11"


def test_a_week_is_as_long_as_its_clock_goes() -> None:
    week = Week(date(2026, 3, 23), "Europe/London")

    assert week.begins_at == datetime(2026, 3, 23, tzinfo=UTC)
    assert week.ends_at - week.begins_at == timedelta(days=7, hours=-1)


def test_the_first_week_of_a_year_may_begin_in_the_one_before() -> None:
    week = week_of(datetime(2025, 12, 30, 12, tzinfo=UTC), "UTC")

    assert week.name == "2026-W01"
    assert week.month == "2026-01"
    assert period("2026-W01", "UTC").weeks == (week,)


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_every_week_counts_to_one_month(year: int) -> None:
    months = [period(f"{year}-{month:02}", "UTC").weeks for month in range(1, 13)]
    weeks = [each for month in months for each in month]

    assert {len(month) for month in months} == {4, 5}
    assert [later.monday - week.monday for week, later in pairwise(weeks)] == [timedelta(weeks=1)] * (len(weeks) - 1)
    assert weeks[0].name == f"{year}-W01"


@pytest.mark.parametrize(
    "name", ["", "2026", "2026-W54", "2026-13", "2026-3", "last week", "9999-12", "9999-W52", "0001-01"]
)
def test_what_is_neither_week_nor_month_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        period(name, "Asia/Shanghai")


def test_the_newest_can_be_chosen_first() -> None:
    weeks, months = offered(datetime(2026, 3, 4, 4, tzinfo=UTC), "Asia/Shanghai", 5)

    assert weeks == ["2026-W10", "2026-W09", "2026-W08", "2026-W07", "2026-W06"]
    assert months == ["2026-03", "2026-02"]
