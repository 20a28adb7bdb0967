"""The phones by which people are reached: none is taken away so that a level can reach nobody."""

from uuid import UUID

from infra.vault import Subject
from triage.domain.case import Refusal
from triage.domain.roster.author import Acceptance, Author, refuse_unless_own
from triage.handlers import covering, rosters
from triage.handlers.covering import Act
from triage.handlers.turn import Turn
from triage.store import people
from triage.store import rosters as store


async def remove_phone(turn: Turn, person: UUID, position: int, by: Author, override: str | None = None) -> None:
    """Take a phone from a person, known by its position; refused and accepted as leave is (`leave.take_leave`)."""
    refuse_unless_own(by, person)
    await store.lock(turn.tx)
    if await people.lock(turn.tx, person) is None:
        raise Refusal("refusal_no_person")
    before = await covering.uncovered(turn)
    if not await people.remove_phone(turn.tx, person, position):
        raise Refusal("refusal_no_phone")
    acceptance = Acceptance(by, override) if override is not None else None
    await covering.check(turn, before, Act("remove_phone", frozenset({person}), acceptance))
    await rosters.record(turn, str(by.person_id), "remove_phone", Subject("person", person))
