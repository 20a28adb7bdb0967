"""When a reporter is told that something became of their report: only who asked, only where and when it is safe.

And when the body is told whose system filed it: a machine has no hours, but a report may be about its own people.

Source: contact safety, domain reference 3.5. Unknown safety is unsafe; a phone that was silent is never tried again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers

from schemas.report import WayBack
from schemas.terms import Answer

HEARD = frozenset({"delivered"})
LATEST = timedelta(days=1)
"""A window comes round within a day."""


TRIED_FOR = timedelta(days=1)
"""How long a notice to a body's system that does not take it is tried again."""


@dataclass(frozen=True)
class Notice:
    """A notice that may go: to which number, from when until when."""

    to: str
    due_at: datetime
    until: datetime


def notice(way: WayBack | None, earlier: Iterable[str], now: datetime) -> Notice | str:
    """What may be sent, or why nothing is: in a word, for the record.

    `earlier` are the states of notices about the same report. Without any word of where, when and that it is
    wanted nothing goes.
    """
    if way is None or way.contact.wants_news is not Answer.YES:
        return "not_asked"
    if way.contact.is_safe_to_text is not Answer.YES or way.news_to is None:
        return "no_safe_channel"
    if any(state not in HEARD for state in earlier):
        return "silent_phone"
    window = _window(way, now)
    return Notice(way.news_to, *window) if window else "no_safe_time"


def is_still_safe(way: WayBack | None, to_be_sent_at: datetime) -> Notice | None:
    """The notice as it may go at this very instant, by the newest word of the reporter."""
    found = notice(way, (), to_be_sent_at)
    return found if isinstance(found, Notice) and found.due_at <= to_be_sent_at else None


def region_of(number: str) -> str:
    """The country of a number in E.164 (ISO 3166), by which a gateway of it is chosen; "" where none can be told."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(parsed)
    return region or phonenumbers.region_code_for_country_code(parsed.country_code or 0) or ""


def partner_notice(
    address: str | None, way: WayBack | None, may_conflict: bool | None, now: datetime
) -> Notice | str:
    """What may be sent to the body whose system filed a report, or why nothing is.

    `address`: None where it wants no notices, or is not among those we know any more. What was found of the case may
    be about somebody who works there, and whoever reads its notices may be that person: unknown is unsafe.
    """
    if address is None:
        return "no_address"
    if may_conflict is None:
        return "not_looked_at"
    if may_conflict:
        return "may_conflict"
    if way is not None and way.contact.wants_news is Answer.NO:
        return "not_wanted"
    return Notice(address, now, now + TRIED_FOR)


def _window(way: WayBack, now: datetime) -> tuple[datetime, datetime] | None:
    """The safe window that is open, or opens next, on the reporter's wall; it may pass midnight."""
    begin, end = way.contact.news_from, way.contact.news_until
    zone = _zone(way.time_zone)
    if begin is None or end is None or begin == end or zone is None:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today, today + LATEST, today + 2 * LATEST):
        opens = datetime.combine(day, begin, zone)
        closes = datetime.combine(day if end > begin else day + timedelta(days=1), end, zone)
        if now < closes:
            return max(now, opens), closes
    return None


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
