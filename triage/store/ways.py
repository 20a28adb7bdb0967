"""The ways to a person: phones and address, what was tried of them, and how the person wants to be reached."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Connection, Transaction, queries
from schemas.terms import AlertChannel
from schemas.ways import MARK_LASTS, Preferences
from triage.domain.trials import TESTED_EVERY, PhoneTests, Tried

_sql = queries(Path(__file__).with_suffix(".sql"))

Reader = Transaction | Connection

TESTS_KEPT = 3 * TESTED_EVERY
"""How far back tests are looked at."""


async def phones(tx: Reader, person_id: UUID, now: datetime) -> list[Any]:
    """The phones of a person by place, the number sealed; see the statement for the columns."""
    return [row async for row in _sql.find_phones(tx, person_id=person_id, marked_since=now - MARK_LASTS)]


async def email(tx: Reader, person_id: UUID) -> Any:
    """The address of a person (sealed, verified_at), or None."""
    return await _sql.find_email(tx, person_id=person_id)


async def has_phone(tx: Reader, person_id: UUID, tokens: tuple[bytes, ...]) -> bool:
    """Whether a number is a person's already."""
    return bool(await _sql.has_phone(tx, person_id=person_id, tokens=list(tokens)))


async def add_phone(tx: Transaction, **columns: Any) -> int:
    """Write a phone that is not proven yet; returns its place."""
    position: int = await _sql.add_phone(tx, **columns)
    return position


async def has_way(tx: Reader, person_id: UUID, position: int, channel: str) -> bool:
    """Whether a person has something in a place (0 is the address) that a channel can use."""
    return bool(await _sql.has_way(tx, person_id=person_id, position=position, channel=channel))


async def prove(tx: Transaction, person_id: UUID, position: int, now: datetime) -> None:
    """What a person has in a place is known to be theirs."""
    if position:
        await _sql.prove_phone(tx, person_id=person_id, position=position, now=now)
    else:
        await _sql.prove_email(tx, person_id=person_id, now=now)


async def add_trial(tx: Transaction, **columns: Any) -> None:
    """A way is to be tried; see the table for the columns."""
    await _sql.add_trial(tx, **columns)


async def codes_since(tx: Reader, person_id: UUID, since: datetime) -> int:
    """How many codes were asked for a person since an instant."""
    count: int = await _sql.count_codes(tx, person_id=person_id, since=since)
    return count


async def end_codes(tx: Transaction, person_id: UUID, position: int, now: datetime) -> None:
    """No code that was sent to a place until now proves it any more."""
    await _sql.end_codes(tx, person_id=person_id, position=position, now=now)


async def lock_code(tx: Transaction, person_id: UUID, position: int, now: datetime) -> Any:
    """The code of a place that can still be given (trial_id, digests), locked; or None."""
    return await _sql.lock_code(tx, person_id=person_id, position=position, now=now)


async def count_wrong(tx: Transaction, trial_id: UUID) -> None:
    """A wrong code was given; the fifth ends it."""
    await _sql.count_wrong(tx, trial_id=trial_id)


async def pass_code(tx: Transaction, trial_id: UUID, now: datetime) -> None:
    """The right code was given."""
    await _sql.pass_code(tx, trial_id=trial_id, now=now)


async def trials(tx: Reader, person_id: UUID, since: datetime) -> list[Any]:
    """What was tried of a person since an instant, newest first, with the state of what was sent."""
    return [row async for row in _sql.find_trials(tx, person_id=person_id, since=since)]


async def preferences(tx: Reader, person_id: UUID, time_zone: str) -> Preferences:
    """How a person wants to be reached; on the clock of `time_zone` where they never said."""
    kept = await _sql.find_preferences(tx, person_id=person_id)
    return Preferences.model_validate(kept) if kept else Preferences(time_zone=time_zone)


async def save_preferences(tx: Transaction, person_id: UUID, wanted: Preferences, now: datetime) -> None:
    """Write it."""
    kept = wanted.model_dump(mode="json", exclude_defaults=True) | {"time_zone": wanted.time_zone}
    await _sql.save_preferences(tx, person_id=person_id, preferences=kept, now=now)


async def try_lock_tests(tx: Transaction) -> bool:
    """Whether this transaction is the one that plans tests; the others leave it to it."""
    return bool(await _sql.try_lock_tests(tx))


@dataclass(frozen=True, slots=True)
class ProvenPhone:
    """A proven phone with its tests. The name is sealed under its person, field `name`.

    `is_dead`: the provider says that nobody has this number.
    """

    person_id: UUID
    handle: str
    name: bytes
    position: int
    tested: PhoneTests
    preferences: Preferences | None
    is_dead: bool


async def proven_phones(tx: Reader, now: datetime) -> list[ProvenPhone]:
    """Every proven phone of active people."""
    tests: dict[tuple[UUID, int], list[Tried]] = defaultdict(list)
    async for row in _sql.find_tests(tx, since=now - TESTS_KEPT):
        tried = Tried(AlertChannel(row["channel"]), row["asked_at"], row["state"], row["error_code"])
        tests[row["person_id"], row["position"]].append(tried)
    return [
        ProvenPhone(
            row["person_id"],
            row["handle"],
            row["name"],
            row["position"],
            PhoneTests(row["verified_at"], _channels(row), tests[row["person_id"], row["position"]]),
            Preferences.model_validate(row["preferences"]) if row["preferences"] else None,
            row["is_dead"],
        )
        async for row in _sql.find_proven(tx, marked_since=now - MARK_LASTS)
    ]


async def silent_phones(tx: Reader, now: datetime) -> list[tuple[UUID, int]]:
    """Proven phones (person, place) at which nobody is heard of any more: dead, or the last two tests failed."""
    proven = await proven_phones(tx, now)
    return [(each.person_id, each.position) for each in proven if each.is_dead or each.tested.is_failing]


async def unreachable(tx: Reader, now: datetime, until: datetime) -> list[Any]:
    """People (person_id, sealed name) with a shift until then whom no proven phone reaches."""
    return [row async for row in _sql.find_unreachable(tx, now=now, until=until)]


def _channels(row: Any) -> tuple[AlertChannel, ...]:
    kinds = (AlertChannel.SMS, AlertChannel.VOICE)
    return tuple(channel for channel in kinds if row[f"can_{channel}"])
