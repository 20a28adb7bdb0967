"""When a child was born, as far as an age or a date tells: a window of years, or the day."""

import re
from datetime import date

CHILDHOOD_YEARS = 19
_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {_NAMES[at : at + 3]: at // 4 + 1 for at in range(0, len(_NAMES), 4)}
_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[ ,]+([a-z]{3})[a-z]*[ ,]+((?:19|20)\d\d)(?!\d)")
_MONTH_FIRST = re.compile(r"\b([a-z]{3})[a-z]* (\d{1,2})(?:st|nd|rd|th)?[ ,]+((?:19|20)\d\d)(?!\d)")
_CUE = re.compile(r"出生|生于|生日|\bborn\b|\bbirth|\bdob\b", re.IGNORECASE)
_IDENTITY = re.compile(r"(?<!\d)\d{6}((?:19|20)\d{2})(\d{2})(\d{2})\d{3}[\dXx](?![\dXx])")
CUE_REACH = 16
"""Characters between *born* and the date of it."""


def years_of(months: int, on: date) -> tuple[int, ...]:
    """The years in which a child of so many completed months on a day can have been born, a year of age told."""
    return tuple(sorted({_before(on, months + 12).year, _before(on, months).year}))


def dates_in(text: str, on: date) -> tuple[date, ...]:
    """The dates in a text that can be the birthday of somebody who is a child on a day."""
    lowered = text.lower()
    found = [(year, month, day) for year, month, day in _DIGITS.findall(lowered)]
    found += [(year, str(_MONTHS.get(month, 0)), day) for day, month, year in _DAY_FIRST.findall(lowered)]
    found += [(year, str(_MONTHS.get(month, 0)), day) for month, day, year in _MONTH_FIRST.findall(lowered)]
    return tuple(one for one in map(_date, found) if one is not None and _is_childs(one, on))


def born_in(text: str, on: date) -> tuple[date, ...]:
    """The birthdays that running words tell: the oldest date beside *born*, and those in Chinese identity numbers."""
    near = [text[max(0, cue.start() - CUE_REACH) : cue.end() + CUE_REACH] for cue in _CUE.finditer(text)]
    told = [min(dates) for part in near if (dates := dates_in(part, on))]
    numbered = [one for one in map(_date, _IDENTITY.findall(text)) if one is not None and _is_childs(one, on)]
    return tuple(dict.fromkeys([*told, *numbered]))


def identities_in(text: str) -> tuple[str, ...]:
    """The Chinese identity numbers in a text."""
    return tuple(each[0].upper() for each in _IDENTITY.finditer(text) if _date(each.groups()) is not None)


def without_identities(text: str) -> str:
    """A text without its Chinese identity numbers, of which a part can look like a phone."""
    return _IDENTITY.sub(" ", text)


def _is_childs(born: date, on: date) -> bool:
    return _before(on, CHILDHOOD_YEARS * 12) < born <= on


def _date(parts: tuple[str | None, ...]) -> date | None:
    try:
        return date(*(int(part or 0) for part in parts[:3]))
    except ValueError:
        return None


def _before(on: date, months: int) -> date:
    """The first of the month so many months before a day, in a year that a calendar knows."""
    at = max(12, on.year * 12 + on.month - 1 - months)
    return date(at // 12, at % 12 + 1, 1)
