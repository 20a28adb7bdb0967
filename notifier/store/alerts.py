"""Alerts: written before they are sent, leased while somebody acts on them, moved one way by the provider."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.postgres import Pool, Transaction, queries
from notifier.domain.calling import Alert
from notifier.domain.failures import REPORT_WITHIN, failure
from notifier.domain.progress import asks_for_a_step
from notifier.store import storms
from notifier.store.answers import Link
from schemas.terms import AlertChannel, Level

sql: Any = queries(__file__)

HELD_FOR = timedelta(days=7)
"""How long whoever took a case hears of it when they ring back."""
ON_THE_WAY_FOR = timedelta(days=1)
"""How long they do when others are called for it: they may be on their way."""
CALL_LASTS = timedelta(seconds=75)
"""Longer than a call in which nobody presses a key: it is said twice. Then the provider is asked of its end."""


@dataclass(frozen=True)
class NewAlert:
    """A message or call to be sent. `kind`: alert, link, taken (telling who took it), or digest (of many cases).

    `due_at`: not before then; `folded_into`: told by that digest, and never sent itself.
    """

    alert_id: UUID
    escalation_id: UUID
    kind: str
    person_id: UUID
    level: Level
    channel: AlertChannel
    attempt: int
    is_immediate: bool
    valid_until: datetime
    keys: str | None = None
    is_everybody: bool = False
    due_at: datetime | None = None
    folded_into: UUID | None = None


@dataclass(frozen=True)
class Claim:
    """A lease on an alert."""

    alert_id: UUID
    state: str
    fence: int
    is_immediate: bool


@dataclass(frozen=True)
class Claimed:
    """What was leased, and when the next alert after these is due."""

    claims: list[Claim]
    next_due_at: datetime | None


@dataclass(frozen=True)
class Status:
    """What the provider says of a message or call."""

    alert_id: UUID
    sid: str
    state: str
    error_code: str | None


@dataclass(frozen=True)
class Intent:
    """What is kept with the intent to send: the phone, the page of a link, the trial and digest of a drawn code."""

    phone_position: int | None = None
    link: Link | None = None
    code: tuple[UUID, bytes] | None = None


NOTHING_TO_KEEP = Intent()


@dataclass(frozen=True)
class Moved:
    """What a status asks for: an alert that is to be stopped, a step of its ladder, or of all a digest told of."""

    is_unwanted: bool
    is_step_due: bool
    is_lost_digest: bool = False


async def alerts_of(tx: Transaction, escalations: Iterable[UUID]) -> dict[UUID, list[Alert]]:
    """The calls and messages of each escalation that the ladder counts."""
    found: dict[UUID, list[Alert]] = {each: [] for each in escalations}
    async for row in sql.find_alerts(tx, escalations=list(found)):
        found[row["escalation_id"]].append(
            Alert(
                row["person_id"],
                Level(row["level"]),
                AlertChannel(row["channel"]),
                row["attempt"],
                row["planned_at"],
                row["state"],
                row["is_everybody"],
                row["error_code"],
                row["ended_at"],
                row["is_stalled"],
            )
        )
    return found


async def add(tx: Transaction, new: Sequence[NewAlert], now: datetime) -> None:
    """Write alerts before they are sent."""
    columns = {field.name: [getattr(alert, field.name) for alert in new] for field in fields(NewAlert)}
    if new:
        await sql.add_alerts(tx, **columns, now=now)


async def claim(pool: Pool, worker: str, lease: tuple[datetime, datetime], immediate: int, others: int) -> Claimed:
    """Lease what is due, from the first instant until the second: at most so many of each kind."""
    now, until = lease
    found = sql.claim_alerts(pool, worker=worker, now=now, lease_until=until, immediate=immediate, others=others)
    rows = [dict(row) async for row in found]
    next_due_at = [row.pop("next_due_at") for row in rows]
    return Claimed([Claim(**row) for row in rows if row["alert_id"] is not None], next_due_at[0])


async def release_leases(
    pool: Pool, worker: str, lease: tuple[datetime, datetime], acting: Iterable[UUID] = ()
) -> None:
    """Give back what this worker holds a lease on, all but the alerts it is acting on."""
    now, until = lease
    await sql.release_leases(pool, worker=worker, now=now, lease_until=until, acting=list(acting))


async def begin_send(pool: Pool, claim: Claim, now: datetime, intent: Intent = NOTHING_TO_KEEP) -> bool:
    """The last look before a send: False when lease, fence or escalation no longer allow it."""
    link, (trial_id, code_hmac) = intent.link, intent.code or (None, None)
    begun = await sql.begin_send(
        pool,
        alert_id=claim.alert_id,
        fence=claim.fence,
        now=now,
        phone_position=intent.phone_position,
        token_hmac=link and link.token_hmac,
        escalation_id=link and link.escalation_id,
        person_id=link and link.person_id,
        expires_at=link and link.expires_at,
        digest_id=link and link.digest_id,
        trial_id=trial_id,
        code_hmac=code_hmac,
    )
    return begun is not None


async def give_up_send(pool: Pool, claim: Claim, now: datetime) -> None:
    """Settle an alert that may no longer be sent; nothing when another worker has it."""
    await sql.give_up_send(pool, alert_id=claim.alert_id, fence=claim.fence, now=now)
    await storms.hurry(pool, claim.alert_id, now)


async def record_sent(pool: Pool, alert_id: UUID, sid: str, now: datetime) -> bool:
    """The provider has taken an alert; what became of it since is a status of its own.

    True if it is to be stopped at once.
    """
    found = await sql.record_sent(pool, alert_id=alert_id, sid=sid, report_within=REPORT_WITHIN, now=now)
    return bool(found)


async def record_failed(pool: Pool, claim: Claim, error_code: str, now: datetime) -> None:
    """The provider will never take an alert."""
    mark = failure(error_code).mark
    await sql.record_failed(
        pool, alert_id=claim.alert_id, fence=claim.fence, error_code=error_code, mark=mark and mark.value, now=now
    )
    await storms.hurry(pool, claim.alert_id, now)


async def try_later(pool: Pool, claim: Claim, due_at: datetime, error_code: str | None) -> None:
    """The provider surely has not taken it."""
    await sql.try_later(pool, alert_id=claim.alert_id, fence=claim.fence, due_at=due_at, error_code=error_code)


async def retry_at_once(pool: Pool, channels: Iterable[str], error_code: str, now: datetime) -> None:
    """What waits for a provider that is there again."""
    await sql.retry_at_once(pool, channels=[str(each) for each in channels], error_code=error_code, now=now)


async def look_later(pool: Pool, claim: Claim, due_at: datetime) -> None:
    """Perhaps the provider has taken it."""
    await sql.look_later(pool, alert_id=claim.alert_id, fence=claim.fence, due_at=due_at, error_code="uncertain")


async def stall(pool: Pool, claim: Claim, error_code: str, now: datetime) -> bool:
    """An alert is not brought for the moment; True when the ladder is to look at once."""
    found = await sql.stall(pool, alert_id=claim.alert_id, fence=claim.fence, error_code=error_code, now=now)
    is_folded = await storms.hurry(pool, claim.alert_id, now)
    return found is not None or is_folded


async def look_at_call_later(pool: Pool, claim: Claim, due_at: datetime) -> None:
    """Somebody was still on the line."""
    await sql.look_at_call_later(pool, alert_id=claim.alert_id, fence=claim.fence, due_at=due_at)


async def own_sid(pool: Pool, alert_id: UUID, listed: Sequence[str]) -> str | None:
    """Which of the provider's messages or calls, newest first, surely is an alert of which nobody knew."""
    return await sql.find_own_sid(pool, alert_id=alert_id, sids=listed) if listed else None


async def record_silenced(pool: Pool, claim: Claim) -> None:
    """An alert was stopped at the provider, or could no longer be."""
    await sql.record_silenced(pool, alert_id=claim.alert_id, fence=claim.fence)


async def silence_later(pool: Pool, claim: Claim, due_at: datetime) -> None:
    """An alert could not be stopped now."""
    await sql.silence_later(pool, alert_id=claim.alert_id, fence=claim.fence, due_at=due_at)


async def stop(tx: Transaction, escalation_id: UUID, now: datetime, answering: UUID | None = None) -> None:
    """Nobody is to be called any more, but the call in which the answer came goes on."""
    await sql.stop_alerts(tx, escalation_id=escalation_id, now=now, answering=answering)


async def stop_of(
    tx: Transaction, escalation_id: UUID, person_id: UUID, now: datetime, answering: UUID | None
) -> None:
    """One person is not to be called any more."""
    await sql.stop_alerts_of(tx, escalation_id=escalation_id, person_id=person_id, now=now, answering=answering)


async def called(tx: Transaction, escalation_id: UUID, is_everybody: bool = False) -> dict[UUID, Level]:
    """Who was called and has not declined, with their level; with `is_everybody` those who declined too."""
    found = sql.find_called(tx, escalation_id=escalation_id, is_everybody=is_everybody)
    return {row["person_id"]: Level(row["level"]) async for row in found}


async def apply_statuses(pool: Pool, statuses: Sequence[Status], now: datetime) -> dict[UUID, Moved]:
    """States move one way only, in one statement; what a lost digest told of is still to be hurried.

    One status of an alert at most. Those whose alert or ladder another transaction holds at this moment are not in
    the answer, and nothing was done about them.
    """
    columns = {field.name: [getattr(status, field.name) for status in statuses] for field in fields(Status)}
    marks = [failure(status.error_code).mark for status in statuses]
    found = sql.apply_statuses(
        pool,
        **columns,
        asks_for_a_step=[asks_for_a_step(status.state) for status in statuses],
        look_at=now + CALL_LASTS,
        report_within=REPORT_WITHIN,
        mark=[mark and mark.value for mark in marks],
        now=now,
    )
    return {
        row["alert_id"]: Moved(row["is_unwanted"], row["is_step_due"], row["is_lost_digest"]) async for row in found
    }


async def open_call_of(tx: Transaction, people: Iterable[UUID], now: datetime) -> UUID | None:
    """What whoever rings back hears about: where they are, else what they are called for, else what they took."""
    since, of_late = now - HELD_FOR, now - ON_THE_WAY_FOR
    alert_id: UUID | None = await sql.find_open_call(tx, people=list(people), since=since, of_late=of_late)
    return alert_id
