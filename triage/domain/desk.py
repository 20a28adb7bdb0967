"""Presence at the desk: confirmed, not assumed. Who has not confirmed for a while is asked; silence calls people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.terms import Purpose
from triage.domain.there import ASKED_ON_THE_CASE, CHILD_NOT_REACHED, RESPONDER_HELP, RESPONDER_SILENT

CONFIRM_EVERY = timedelta(minutes=30)
ANSWER_WITHIN = timedelta(minutes=5)

DERIVED = (f"exhausted/{Purpose.RESPOND}", "desk_absent", "dead_letter")
"""Kinds of alarms that what holds now says anyway: they end with their cause, and are not listed themselves."""
OF_RESPONDER = ("send_police", RESPONDER_HELP, RESPONDER_SILENT)
"""Kinds, before what of their subject they are about, that say that a responder is or may be in danger."""
OF_DANGER = (CHILD_NOT_REACHED, "never_alone", "drill_help", "exhausted", "nobody_on_call")
"""Kinds, before what of their subject they are about, in which somebody may be in danger and nobody does anything."""


class Presence(StrEnum):
    """How the desk stands: somebody confirmed, is being asked, or nobody is there."""

    CONFIRMED = "confirmed"
    ASKED = "asked"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk: when presence was last confirmed by anybody still there, and since when nobody was."""

    asked_at: datetime
    confirmed_at: datetime | None
    absent_since: datetime | None


def presence(desk: Desk, now: datetime) -> Presence:
    """How the desk stands now. A desk never confirmed counts from when it was first asked."""
    since = max(each for each in (desk.asked_at, desk.confirmed_at) if each is not None)
    if now >= since + CONFIRM_EVERY + ANSWER_WITHIN:
        return Presence.ABSENT
    if now >= since + CONFIRM_EVERY or desk.confirmed_at is None:
        return Presence.ASKED
    return Presence.CONFIRMED


def is_staffed(desk: Desk, now: datetime) -> bool:
    """Whether somebody is at the desk: a confirmation that has not run out."""
    return desk.confirmed_at is not None and now < desk.confirmed_at + CONFIRM_EVERY + ANSWER_WITHIN


def next_question(desk: Desk) -> datetime:
    """When the desk would be found absent."""
    since = max(each for each in (desk.asked_at, desk.confirmed_at) if each is not None)
    return since + CONFIRM_EVERY + ANSWER_WITHIN


def ends_by_press(kind: str) -> bool:
    """Whether somebody at the desk may end an alarm of this kind by saying that they have seen to it."""
    return kind not in DERIVED and kind.partition("/")[0] not in ASKED_ON_THE_CASE
