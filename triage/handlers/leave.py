"""Leave: somebody is away and on call nowhere. Taken by themselves or a supervisor, where it leaves nobody out."""

from datetime import datetime
from uuid import UUID

from infra.ids import new_id
from infra.vault import Subject
from triage.domain.case import Refusal
from triage.domain.roster.author import Acceptance, Author, refuse_unless_own
from triage.handlers import covering, rosters
from triage.handlers.covering import Act
from triage.handlers.turn import Turn
from triage.store import changes, people
from triage.store import rosters as store

During = tuple[datetime, datetime]


async def take_leave(turn: Turn, person_id: UUID, during: During, by: Author, override: str | None = None) -> UUID:
    """Somebody is away from–until, what is past of it left out; returns the leave.

    RosterRefused names each stretch that would stand uncovered in the next 30 days; with `override`, the reason of a
    supervisor whose leave it is not, it is accepted and alarmed. Refusal when it is not theirs to ask, is over, or
    there is leave in that time already.
    """
    refuse_unless_own(by, person_id)
    await store.lock(turn.tx)
    person = await people.lock(turn.tx, person_id)
    if person is None:
        raise Refusal("refusal_no_person")
    begins, ends = max(during[0], turn.now), during[1]
    if begins >= ends:
        raise Refusal("refusal_over")
    if await changes.has_leave(turn.tx, person_id, begins, ends):
        raise Refusal("refusal_on_leave")
    before = await covering.uncovered(turn)
    leave_id = new_id()
    row = {"leave_id": leave_id, "person_id": person_id, "begins_at": begins, "ends_at": ends}
    await changes.add_leave(turn.tx, **row, taken_by=by.person_id, now=turn.now)
    await rosters.remake(turn, await rosters.teams_of(turn, person, begins), begins)
    acceptance = Acceptance(by, override) if override is not None else None
    await covering.check(turn, before, Act("take_leave", frozenset({person_id}), acceptance))
    await rosters.record(turn, str(by.person_id), "take_leave", Subject("person", person_id))
    return leave_id


async def withdraw_leave(turn: Turn, leave_id: UUID, seen: int, by: Author) -> None:
    """Take a leave back, what is left of it, as it was `seen` (its version); the person is on call again."""
    await store.lock(turn.tx)
    leave = await changes.lock_leave(turn.tx, leave_id)
    if leave is None:
        raise Refusal("refusal_no_leave")
    refuse_unless_own(by, leave["person_id"])
    if leave["version"] != seen:
        raise Refusal("refusal_roster_changed")
    if leave["withdrawn_at"] is not None or leave["ends_at"] <= turn.now:
        raise Refusal("refusal_over")
    person = await people.lock(turn.tx, leave["person_id"])
    await changes.withdraw_leave(turn.tx, leave_id, by.person_id, turn.now)
    if person is not None:
        since = max(leave["begins_at"], turn.now)
        await rosters.remake(turn, await rosters.teams_of(turn, person, since), since)
    turn.tx.announce(covering.ROSTERS_CHANNEL)
    await rosters.record(turn, str(by.person_id), "withdraw_leave", Subject("person", leave["person_id"]))
