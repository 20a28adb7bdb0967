"""People, their phones and sign-ins, the teams they are in, and who is on call."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Connection, Transaction, queries
from schemas.area import Area

_sql = queries(Path(__file__).with_suffix(".sql"))

Reader = Transaction | Connection


async def team(tx: Reader, team_id: UUID) -> Any:
    """A team, or None."""
    return await _sql.find_team(tx, team_id=team_id)


async def load(tx: Reader, team_id: UUID, besides: UUID) -> Any:
    """What a team can hold and holds (capacity, open_cases), a case that comes to it left out."""
    return await _sql.find_load(tx, team_id=team_id, besides=besides)


async def teams(tx: Reader) -> list[Any]:
    """Every team."""
    return [row async for row in _sql.find_teams(tx)]


async def teams_for(tx: Reader, area: Area) -> list[Any]:
    """The last-resort team and every team that covers an area, a row for each prefix by which it does.

    Columns: team_id, time_zone, is_last_resort, capacity, open_cases, prefix, and area_zone, the area's own time zone
    when it is known.
    """
    return [row async for row in _sql.find_teams_for(tx, system=area.system, edition=area.edition, code=area.code)]


async def people(tx: Reader) -> list[Any]:
    """Everybody: id, handle, sealed name, language, is_active, is_loopback, is_reachable, back_at, awaits_secrets."""
    return [row async for row in _sql.find_people(tx)]


async def lock(tx: Transaction, person_id: UUID) -> Any:
    """Somebody active under the lock of their row (person_id, handle, version), or None."""
    return await _sql.lock_person(tx, person_id=person_id)


async def deactivate(tx: Transaction, person_id: UUID, now: datetime) -> None:
    """Somebody is here no more; their sign-in ends."""
    await _sql.deactivate(tx, person_id=person_id, now=now)


async def bring_back(tx: Transaction, person_id: UUID, now: datetime) -> bool:
    """Somebody who had left is here again, without secrets, nothing of theirs proven; False if they never left."""
    return bool(await _sql.bring_back(tx, person_id=person_id, now=now))


async def cases_of(tx: Transaction, person_id: UUID) -> list[UUID]:
    """The live cases that somebody has, or at whose place they are."""
    return [row["case_id"] async for row in _sql.find_cases_of(tx, person_id=person_id)]


async def remove_phone(tx: Transaction, person_id: UUID, position: int) -> bool:
    """Take a phone from a person, known by its position; False when there is none."""
    done = await _sql.remove_phone(tx, person_id=person_id, position=position)
    await _sql.touch_person(tx, person_id=person_id)
    return bool(done != "DELETE 0")


async def save_person(tx: Transaction, **columns: Any) -> None:
    """Write a person, known by their handle; see the table for the columns."""
    await _sql.save_person(tx, **columns)


async def save_able(tx: Transaction, handle: str, **columns: Any) -> None:
    """Write what a person is able to do: language, languages, skills, drills_at_night."""
    await _sql.save_able(tx, handle=handle, **columns)


async def save_phone(tx: Transaction, **columns: Any) -> None:
    """Write a phone of a person, known by its position."""
    await _sql.save_phone(tx, **columns)


async def save_email(
    tx: Transaction, person_id: UUID, address: bytes | None, verified_at: datetime | None = None
) -> None:
    """Write where a person is written to (sealed, field `email`), or that they are not. Unproven it is not used."""
    if address is None:
        await _sql.forget_email(tx, person_id=person_id)
    else:
        await _sql.save_email(tx, person_id=person_id, address=address, verified_at=verified_at)


async def save_account(tx: Transaction, **columns: Any) -> None:
    """Write the sign-in of a person."""
    await _sql.save_account(tx, **columns)


async def account(tx: Reader, username: str) -> Any:
    """The sign-in of a username, or None."""
    return await _sql.find_account(tx, username=username.lower())


async def record_failure(tx: Transaction, account_id: UUID, locked_until: datetime) -> None:
    """Count a wrong password; from the fifth on the account rests until `locked_until`."""
    await _sql.record_failure(tx, account_id=account_id, locked_until=locked_until)


async def begin_session(
    tx: Transaction, account_id: UUID, token_digest: bytes, times: Mapping[str, datetime]
) -> None:
    """Sign in: keep the digest of the cookie; `times` are `now` and `ends_at`."""
    await _sql.begin_session(tx, account_id=account_id, token_digest=token_digest, **times)


async def see_session(tx: Transaction, token_digest: bytes, now: datetime) -> Any:
    """The person of a running sign-in (account_id, person_id, username, role, language, name), or None."""
    return await _sql.see_session(tx, token_digest=token_digest, now=now)


async def end_session(tx: Transaction, token_digest: bytes, now: datetime) -> None:
    """Sign out."""
    await _sql.end_session(tx, token_digest=token_digest, now=now)
