"""The texts of alerts: urgency, alias, deadline, reply pair; nothing about the child. One segment each.

Lengths after GSM 03.38: 160 characters of the seven-bit alphabet, else 70 of UTF-16.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.terms import AlertChannel, Purpose, Urgency
from schemas.ways import Way, channel_of, place_of

Translate = Callable[..., str]

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True)
class Wording:
    """What an alert says of its escalation. `base` is the reply pair's first part, None when none is free."""

    purpose: Purpose
    urgency: Urgency
    alias: str
    deadline_at: datetime
    base: str | None


@dataclass(frozen=True)
class Reader:
    """In whose language and time zone it is said; `shows_offset` where the zone is not to be taken for granted."""

    t: Translate
    zone: ZoneInfo
    shows_offset: bool = False


def alert_text(wording: Wording, reader: Reader, now: datetime) -> str:
    """The text of an alert, in one segment."""
    return reader.t(
        f"sms_{wording.purpose}" if wording.base else f"sms_{wording.purpose}_no_pair",
        urgency=reader.t(f"short_{wording.urgency}"),
        alias=wording.alias,
        deadline=said_time(wording.deadline_at, reader, now),
        base=wording.base or "",
    )


def said_time(instant: datetime, reader: Reader, now: datetime) -> str:
    """An instant as hours and minutes, with the day when it is not today."""
    local, today = instant.astimezone(reader.zone), now.astimezone(reader.zone)
    text = local.strftime("%H:%M") if local.date() == today.date() else local.strftime("%m-%d %H:%M")
    return f"{text} {_offset(local)}" if reader.shows_offset else text


def _offset(local: datetime) -> str:
    return local.strftime("UTC%z")[:6]


def segments(text: str) -> int:
    """How many segments a text takes: 160 or 153 septets each, else 70 or 67 UTF-16 units."""
    if all(c in GSM7 or c in GSM7_EXTENDED for c in text):
        length, single, part = len(text) + sum(c in GSM7_EXTENDED for c in text), 160, 153
    else:
        length, single, part = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else -(-length // part)


def first_that_fits(*texts: str) -> str:
    """The first of these texts that is one segment, else the last."""
    return next((text for text in texts if segments(text) == 1), texts[-1])


def phones_in_order(phones: Sequence[tuple[int, bool]], wanted: Sequence[Way], channel: AlertChannel) -> list[int]:
    """The indexes of a person's phones (place, known not to work) as they are used.

    Those that work come first, then the person's own order for that channel decides, then the place.
    """
    kind = AlertChannel.VOICE if channel is AlertChannel.VOICE else AlertChannel.SMS
    places = [place_of(way) for way in wanted if channel_of(way) is kind]
    rank = {place: at for at, place in reversed(list(enumerate(places)))}
    return sorted(
        range(len(phones)), key=lambda at: (phones[at][1], rank.get(phones[at][0], len(places)), phones[at][0])
    )


def phone_index(attempt: int, failures: int, phones: int) -> int:
    """Which of a person's numbers to use: each twice, since a second call within three minutes passes many phones'
    night mode; one that failed is left at once.
    """
    return (failures + (max(1, attempt - failures) - 1) // 2) % phones
