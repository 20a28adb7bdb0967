"""The monthly test of every proven phone, by day, a few at a time: a dead number is noticed before its night."""

import structlog

from schemas.ways import Preferences
from triage.domain.trials import is_by_day
from triage.handlers.trials import begin
from triage.handlers.turn import Turn
from triage.store import rosters, ways

AT_ONCE = 5
"""Tests that begin together: the channels are there for alerts."""

_log = structlog.get_logger()


async def plan_tests(turn: Turn, time_zone: str) -> int:
    """Have phones tested that are due; returns how many. `time_zone` is that of whom no roster names.

    It is day on the clock of who said where they are, else on that of their roster.
    """
    if not await ways.try_lock_tests(turn.tx):
        return 0
    proven = await ways.proven_phones(turn.tx, turn.now)
    due = [(phone, channel) for phone in proven if (channel := phone.tested.due(turn.now)) is not None]
    zones = await rosters.zones(turn.tx) if due else {}
    begun = 0
    for phone, channel in due:
        unsaid = Preferences(time_zone=zones.get(phone.handle, time_zone))
        if not is_by_day(phone.preferences or unsaid, turn.now):
            continue
        await begin(turn, (phone.person_id, phone.position, channel), "test", None)
        begun += 1
        if begun == AT_ONCE:
            break
    if begun:
        _log.info("phones_tested", count=begun)
    return begun
