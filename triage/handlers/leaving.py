"""Somebody leaves: they are on call nowhere, sign in nowhere, open nothing. They may come back."""

from uuid import UUID

from infra.vault import Subject
from triage.domain.case import Refusal
from triage.domain.roster.author import Acceptance, Author, refuse_unless_granting
from triage.handlers import covering, presence, rosters
from triage.handlers.covering import Act
from triage.handlers.publish import announce
from triage.handlers.turn import Turn
from triage.store import desks, feeds, people
from triage.store import rosters as store

WITHOUT_TAKER = "taker_left"
"""The alarm about a case whose taker is not here any more."""


async def deactivate(turn: Turn, person_id: UUID, by: Author, override: str | None = None) -> None:
    """End somebody's part here, by a supervisor who is somebody else.

    Their sign-in, sessions, presence and calendar address end in the same transaction; links, numbers and PINs are
    believed of active people alone. The desk is alarmed about every case they have. RosterRefused names each stretch
    that would stand uncovered in the next 30 days; with `override`, a reason, it is accepted and alarmed.
    """
    refuse_unless_granting(by, {person_id})
    await store.lock(turn.tx)
    # The desk before its people: whoever confirms locks in that order.
    await presence.leave(turn, person_id)
    if await people.lock(turn.tx, person_id) is None:
        raise Refusal("refusal_no_person")
    before = await covering.uncovered(turn)
    await people.deactivate(turn.tx, person_id, turn.now)
    await feeds.end(turn.tx, person_id, by.person_id, turn.now)
    acceptance = Acceptance(by, override) if override is not None else None
    await covering.check(turn, before, Act("deactivate", frozenset({person_id}), acceptance))
    for case_id in await people.cases_of(turn.tx, person_id):
        await desks.alarm(turn.tx, WITHOUT_TAKER, case_id, {}, turn.now)
    announce(turn)
    await rosters.record(turn, str(by.person_id), "deactivate", Subject("person", person_id))


async def bring_back(turn: Turn, person_id: UUID, by: Author) -> None:
    """Somebody is here again, by a supervisor who is somebody else.

    Nothing of before comes back: their numbers wait for a code, links open nothing, PIN and password are drawn anew
    when a file that names them is applied. Rosters that name them count them from the first proven phone on. Refusal
    when they are not known or never left.
    """
    refuse_unless_granting(by, {person_id})
    await store.lock(turn.tx)
    if not await people.bring_back(turn.tx, person_id, turn.now):
        raise Refusal("refusal_not_gone")
    turn.tx.announce(covering.ROSTERS_CHANNEL)
    announce(turn)
    await rosters.record(turn, str(by.person_id), "bring_back", Subject("person", person_id))
