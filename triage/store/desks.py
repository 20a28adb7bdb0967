"""The desk: who is there, what must be looked at beside the cases."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Connection, Transaction, queries
from triage.domain.desk import DERIVED, OF_DANGER, OF_RESPONDER, Desk

_sql = queries(Path(__file__).with_suffix(".sql"))

Reader = Transaction | Connection


@dataclass(frozen=True, slots=True)
class KnownDesk:
    """The desk as its row stands; its id is that of its team."""

    desk_id: UUID
    alias: str
    version: int
    state: Desk


async def add(tx: Transaction, desk_id: UUID, alias: str, now: datetime) -> None:
    """Begin to watch the presence at a desk."""
    await _sql.add_desk(tx, desk_id=desk_id, alias=alias, now=now)


async def lock(tx: Transaction) -> KnownDesk | None:
    """The desk under the lock of its row, or None before there is one."""
    return _desk(await _sql.lock_desk(tx))


async def read(tx: Reader) -> KnownDesk | None:
    """The desk, or None before there is one."""
    return _desk(await _sql.find_desk(tx))


async def save(tx: Transaction, desk: KnownDesk) -> None:
    """Write what may change about a desk."""
    await _sql.save_desk(tx, desk_id=desk.desk_id, version=desk.version, absent_since=desk.state.absent_since)


async def confirm(tx: Transaction, desk_id: UUID, person_id: UUID, now: datetime) -> None:
    """Somebody is at the desk."""
    await _sql.confirm_presence(tx, desk_id=desk_id, person_id=person_id, now=now)


async def leave(tx: Transaction, desk_id: UUID, person_id: UUID, now: datetime) -> None:
    """Somebody leaves the desk."""
    await _sql.leave_desk(tx, desk_id=desk_id, person_id=person_id, now=now)


async def present(tx: Reader, since: datetime) -> list[Any]:
    """Who confirmed since an instant: person_id, sealed name, confirmed_at."""
    return [row async for row in _sql.find_present(tx, since=since)]


async def alarm(tx: Transaction, kind: str, subject_id: UUID | None, detail: dict[str, Any], now: datetime) -> bool:
    """Sound an alarm; one of the same kind and subject that sounds already goes on, and this one is not new.

    A kind may say what of its subject it is about: `clock_missed/arrival`.
    """
    done = await _sql.raise_alarm(tx, alarm_id=new_id(), kind=kind, subject_id=subject_id, detail=detail, now=now)
    return bool(done != "INSERT 0 0")


async def was_alarmed(tx: Transaction, kind: str, subject_id: UUID, since: datetime) -> bool:
    """Whether an alarm of a kind about a subject sounded, or was settled, since an instant."""
    return bool(await _sql.was_alarmed(tx, kind=kind, subject_id=subject_id, since=since))


async def alarm_kind(tx: Transaction, alarm_id: UUID) -> str | None:
    """The kind of an alarm, as it was raised."""
    kind: str | None = await _sql.find_alarm_kind(tx, alarm_id=alarm_id)
    return kind


async def settle_alarm(tx: Transaction, alarm_id: UUID, settled_by: UUID, now: datetime) -> bool:
    """End an alarm by a named person; False when it sounds no more."""
    done = await _sql.settle_alarm(tx, alarm_id=alarm_id, settled_by=settled_by, now=now)
    return bool(done != "UPDATE 0")


async def settle_alarms_of(tx: Transaction, kind: str, subject_id: UUID, settled_by: UUID, now: datetime) -> None:
    """End the alarms of a kind about a subject, because of what a named person did."""
    await _sql.settle_alarms_of(tx, kind=kind, subject_id=subject_id, settled_by=settled_by, now=now)


async def alarms(tx: Reader) -> list[Any]:
    """Open alarms that nothing else says, gravest and newest first; `standing`: how many there are of them.

    No limit hides one about a responder in danger.
    """
    found = _sql.find_alarms(tx, derived=list(DERIVED), of_responder=list(OF_RESPONDER), of_danger=list(OF_DANGER))
    return [row async for row in found]


async def dead_letters(tx: Reader) -> list[Any]:
    """Events that no handler could take and nobody has seen to, of every service."""
    return [row async for row in _sql.find_dead_letters(tx)]


async def settle_dead_letter(tx: Transaction, letter_id: UUID, settled_by: UUID, now: datetime) -> UUID | None:
    """Mark an event as seen to by a named person; the key it had, or None when somebody had done so before."""
    key: UUID | None = await _sql.settle_dead_letter(tx, id=letter_id, settled_by=str(settled_by), now=now)
    return key


def _desk(row: Any) -> KnownDesk | None:
    if row is None:
        return None
    state = Desk(row["asked_at"], row["confirmed_at"], row["absent_since"])
    return KnownDesk(row["desk_id"], row["alias"], row["version"], state)
