"""Calendars of one's own shifts: a secret address, made and revoked by the person or a supervisor."""

from uuid import UUID

from infra.ids import new_token
from infra.vault import Subject
from triage.domain.case import Refusal
from triage.domain.roster.author import Author, refuse_unless_own
from triage.handlers import rosters
from triage.handlers.turn import Turn
from triage.store import feeds, people

TOKEN_LENGTH = 32
"""About 190 bits: whoever has the address reads the calendar, so it cannot be guessed."""
PURPOSE = "calendar"


async def make_feed(turn: Turn, person_id: UUID, by: Author) -> str:
    """A new address for somebody's calendar, as the token that is its secret: told once, kept as an HMAC.

    The one before ends. Refusal when it is not theirs to make, or the person is not active.
    """
    refuse_unless_own(by, person_id)
    if await people.lock(turn.tx, person_id) is None:
        raise Refusal("refusal_no_person")
    await feeds.end(turn.tx, person_id, by.person_id, turn.now)
    token = new_token(TOKEN_LENGTH)
    await feeds.add(turn.tx, person_id, turn.means.vault.token(PURPOSE, token), by.person_id, turn.now)
    await rosters.record(turn, str(by.person_id), "make_calendar_feed", Subject("person", person_id))
    return token


async def end_feed(turn: Turn, person_id: UUID, by: Author) -> None:
    """Revoke the address of somebody's calendar; Refusal when none runs, or it is not theirs to revoke."""
    refuse_unless_own(by, person_id)
    if not await feeds.end(turn.tx, person_id, by.person_id, turn.now):
        raise Refusal("refusal_no_feed")
    await rosters.record(turn, str(by.person_id), "end_calendar_feed", Subject("person", person_id))
