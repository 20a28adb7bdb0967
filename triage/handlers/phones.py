"""The ways to a person: added unproven, and no phone is taken away so that a level can reach nobody."""

import re
from uuid import UUID

from infra.vault import Subject
from schemas.terms import AlertChannel
from schemas.ways import Preferences
from triage.domain.case import Refusal
from triage.domain.phone_number import read_number, region_of
from triage.domain.roster.author import Acceptance, Author, refuse_unless_own
from triage.handlers import covering, rosters
from triage.handlers.covering import Act
from triage.handlers.trials import ask_code, lock_own, record
from triage.handlers.turn import Turn
from triage.store import people, ways
from triage.store import rosters as store

PHONES_AT_MOST = 6
ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]+\.[^\s@<>\".]{2,}")
ADDRESS_AT_MOST = 254


async def add_phone(turn: Turn, person: UUID, written: str, channel: AlertChannel, by: Author) -> None:
    """Write a phone and send a code to it; until that is given it is not called. Refusal for what is no number."""
    await lock_own(turn, person, by)
    number = read_number(written, turn.means.home)
    if await ways.has_phone(turn.tx, person, turn.means.vault.tokens("phone", number)):
        raise Refusal("refusal_number_known")
    if len(await ways.phones(turn.tx, person, turn.now)) >= PHONES_AT_MOST:
        raise Refusal("refusal_phones_many", count=PHONES_AT_MOST)
    position = await ways.add_phone(
        turn.tx,
        person_id=person,
        number=await turn.means.vault.seal(turn.tx, Subject("person", person), "phone", number),
        number_token=turn.means.vault.token("phone", number),
        region=region_of(number),
    )
    await record(turn, by.person_id, "add_phone", person)
    await ask_code(turn, person, position, channel, by)


async def save_email(turn: Turn, person: UUID, written: str, by: Author) -> None:
    """Write where a person is written to, in place of what was there, and send a code to it."""
    await lock_own(turn, person, by)
    address = written.strip()
    if len(address) > ADDRESS_AT_MOST or not ADDRESS.fullmatch(address):
        raise Refusal("refusal_address")
    sealed = await turn.means.vault.seal(turn.tx, Subject("person", person), "email", address)
    await people.save_email(turn.tx, person, sealed)
    await record(turn, by.person_id, "save_email", person)
    await ask_code(turn, person, 0, AlertChannel.EMAIL, by)


async def remove_email(turn: Turn, person: UUID, by: Author) -> None:
    """A person is written to no more."""
    await lock_own(turn, person, by)
    await people.save_email(turn.tx, person, None)
    await ways.end_codes(turn.tx, person, 0, turn.now)
    await record(turn, by.person_id, "remove_email", person)


async def remove_phone(turn: Turn, person: UUID, position: int, by: Author, override: str | None = None) -> None:
    """Take a phone from a person, known by its position; refused and accepted as leave is (`leave.take_leave`)."""
    refuse_unless_own(by, person)
    await store.lock(turn.tx)
    if await people.lock(turn.tx, person) is None:
        raise Refusal("refusal_no_person")
    before = await covering.uncovered(turn)
    if not await people.remove_phone(turn.tx, person, position):
        raise Refusal("refusal_no_phone")
    await ways.end_codes(turn.tx, person, position, turn.now)
    acceptance = Acceptance(by, override) if override is not None else None
    await covering.check(turn, before, Act("remove_phone", frozenset({person}), acceptance))
    await rosters.record(turn, str(by.person_id), "remove_phone", Subject("person", person))


async def save_preferences(turn: Turn, person: UUID, wanted: Preferences, by: Author) -> None:
    """Write how a person wants to be reached."""
    await lock_own(turn, person, by)
    await ways.save_preferences(turn.tx, person, wanted, turn.now)
    await record(turn, by.person_id, "save_preferences", person)
