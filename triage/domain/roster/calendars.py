"""Public holidays and working days, from the library `holidays`; a code is that of a country, or `GB-ENG`.

In China a weekend day may be worked to make up for a holiday. The State Council names these days each November for
the year to come: until the library knows them, such a day counts as the weekend it is.
"""

from datetime import date
from functools import cache

import holidays

SATURDAY = 5


def is_known(code: str) -> bool:
    """Whether there is a calendar of this code."""
    try:
        _calendar(code)
    except (NotImplementedError, AttributeError):
        return False
    return True


def is_holiday(code: str, day: date) -> bool:
    """Whether a day is a public holiday. A weekend day within a longer holiday need not be one."""
    return day in _calendar(code)


def is_working(code: str | None, day: date) -> bool:
    """Whether a day is worked: no weekend and no holiday, or a weekend that makes up for one.

    Without a calendar Monday to Friday are worked.
    """
    return day.weekday() < SATURDAY if code is None else bool(_calendar(code).is_working_day(day))


@cache
def _calendar(code: str) -> holidays.HolidayBase:
    country, _, subdivision = code.partition("-")
    return holidays.country_holidays(country, subdiv=subdivision or None)
