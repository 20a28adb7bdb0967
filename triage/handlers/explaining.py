"""An explanation of who is on call, as sentences in a language."""

from collections.abc import Callable
from datetime import date, timedelta

from babel.dates import format_skeleton

from triage.domain.roster import Explanation, Grounds, Shift

Say = Callable[..., str]
Name = Callable[[str], str]

LOCALES = {"en": "en_GB", "zh": "zh"}
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def sentences(told: Explanation, say: Say, language: str, name: Name = str) -> list[str]:
    """One for each who is on call, in order, then one for each who is not; `name` is how a handle is said."""
    on_call = [_of_shift(shift, say, language, name) for shift in told.on_call]
    absent = [say(f"roster_absent_{each.because}", person=name(each.person)) for each in told.absent]
    return [*(on_call or [say("roster_why_nobody")]), *absent]


def _of_shift(shift: Shift, say: Say, language: str, name: Name) -> str:
    grounds = shift.grounds
    rule = _rule(grounds, say, language)
    if grounds.replaced is None:
        return say("roster_why", person=name(shift.person), rule=rule)
    return say(
        "roster_why_replaced",
        person=name(shift.person),
        rule=rule,
        before=_rule(grounds.replaced, say, language),
        other=name(grounds.instead_of or ""),
    )


def _rule(grounds: Grounds, say: Say, language: str) -> str:
    if grounds.kind == "swap" and grounds.on is not None:
        return say("roster_rule_swap", on=_day(grounds.on, language))
    if grounds.kind == "rotation":
        return _rotation(grounds.every, say)
    return say(f"roster_rule_{grounds.kind}")


def _rotation(every: timedelta | None, say: Say) -> str:
    if every is None:
        return say("roster_rule_stretches")
    if every == WEEK:
        return say("roster_rule_weekly")
    if every == DAY:
        return say("roster_rule_daily")
    if every % DAY:
        return say("roster_rule_hours", count=every // timedelta(hours=1))
    return say("roster_rule_days", count=every.days)


def _day(day: date, language: str) -> str:
    return format_skeleton("MMMMd", day, locale=LOCALES[language])
