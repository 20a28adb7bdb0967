"""Quiet hours: what is not immediate waits, or goes to whoever is awake. Nothing urgent is left without a step.

Immediate ignores them. Otherwise nothing rings or beeps for a person in their quiet hours. Urgent passes over whoever
is asleep while somebody on the ladder is awake whose phone rings or beeps, and wakes people once nobody else is left,
on the ladder or at its end: nobody reads mail in their sleep. Priority and routine may send mail, and wait until the
first wakes.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from notifier.domain.calling import Escalation, Roster
from schemas.terms import AlertChannel, EscalationStatus, Urgency

LOUD = frozenset({AlertChannel.VOICE, AlertChannel.SMS, AlertChannel.WEBHOOK})
MAY_WAIT = frozenset({Urgency.PRIORITY, Urgency.ROUTINE})


def heard(escalation: Escalation, roster: Roster, now: datetime) -> tuple[Roster, datetime | None]:
    """The roster as it may be called now; and until when all of it rests, where the case can wait."""
    quiet = _quiet(roster, now)
    may_wait = escalation.urgency in MAY_WAIT
    is_at_its_end = escalation.status is EscalationStatus.EXHAUSTED
    if escalation.urgency is Urgency.IMMEDIATE or not quiet or (is_at_its_end and not may_wait):
        return roster, None
    kept_from = LOUD if may_wait else frozenset(AlertChannel)
    hushed = {person: reach - kept_from if person in quiet else reach for person, reach in roster.channels.items()}
    awake = replace(roster, channels=hushed)
    called = _on_ladder(escalation, roster)
    if not may_wait:
        return (awake, None) if any(awake.reach(person) & LOUD for person in called) else (roster, None)
    resting = [quiet[person] for person in called if person in quiet and roster.reach(person)]
    is_anybody_left = any(awake.reach(person) for person in called)
    return awake, None if is_anybody_left else min(resting, default=None)


def _quiet(roster: Roster, now: datetime) -> dict[UUID, datetime]:
    """Who is quiet now, until when."""
    found = {person: wanted.quiet_until(now) for person, wanted in roster.preferences.items()}
    return {person: until for person, until in found.items() if until is not None}


def _on_ladder(escalation: Escalation, roster: Roster) -> set[UUID]:
    on_call = {person for rung in escalation.rungs for person in roster.at(rung.level)}
    first = {escalation.first_responder_id} - {None}
    return {person for person in on_call | first if person} - escalation.declined - escalation.excluded
