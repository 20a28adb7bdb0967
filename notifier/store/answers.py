"""What responders answer: reply pairs, links, and every answer kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.postgres import Pool, Transaction, queries
from notifier.domain.replies import RESTS_FOR, Act, free_base
from schemas.terms import AcknowledgedVia, AlertChannel, Purpose

sql: Any = queries(__file__)


@dataclass(frozen=True)
class Pair:
    """A reply pair somebody holds. `is_held`: its person has the case, or is at the place, now; never in a drill.

    `is_taken`: they took the case to respond, whatever became of that.
    """

    person_id: UUID
    base: str
    escalation_id: UUID
    alias: str
    purpose: Purpose
    is_active: bool
    is_held: bool
    is_taken: bool
    is_drill: bool


@dataclass(frozen=True)
class NewAnswer:
    """An answer with what it did; `words` sealed under the person, field `answer`.

    `says_more`: it says something that no rule took. `about`: what a text without a pair may be about.
    """

    answer_id: UUID
    person_id: UUID
    via: AcknowledgedVia
    act: Act
    effect: str
    escalation_id: UUID | None = None
    alert_id: UUID | None = None
    provider_sid: str | None = None
    words: bytes | None = None
    says_more: bool = False
    about: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class KeptAnswer:
    """The first answer to a repeated request."""

    effect: str
    act: Act
    escalation_id: UUID | None
    person_id: UUID
    answered_at: datetime


@dataclass(frozen=True)
class Link:
    """A page for one person and escalation, or for the digest it began. Three wrong PINs close it."""

    token_hmac: bytes
    escalation_id: UUID
    person_id: UUID
    expires_at: datetime
    wrong_pins: int
    closed_at: datetime | None
    digest_id: UUID | None = None


async def lock_people(tx: Transaction, people: Iterable[UUID]) -> bool:
    """Let nobody else give pairs to people, or decide what they are told of, until this transaction ends.

    Nor to whoever shares a phone with one of them: a text from it must mean one case.
    A transaction that writes many steps waits only for a lock later than those it holds: no two wait for each other.
    False when it must not wait: leave them to another transaction.
    """
    held = list(people)
    while held and (lock := await sql.try_people(tx, people=held)) is not None:
        if await sql.holds_later(tx, lock=lock):
            return False
        await sql.wait_for(tx, lock=lock)
    return True


async def pair_for(tx: Transaction, person_id: UUID, escalation_id: UUID, now: datetime) -> str | None:
    """The first part of the pair of a person and an escalation, given when they have none; None when none is free."""
    base: str | None = await sql.find_pair(tx, person_id=person_id, escalation_id=escalation_id, now=now)
    if base is None:
        await sql.lock_pairs(tx, person_id=person_id)
        base = await pair_of_locked(tx, person_id, escalation_id, now)
    return base


async def pair_of_locked(tx: Transaction, person_id: UUID, escalation_id: UUID, now: datetime) -> str | None:
    """The same where the person is locked already."""
    since = now - RESTS_FOR
    while True:
        in_use = await sql.find_pairs_in_use(tx, person_id=person_id, escalation_id=escalation_id, since=since)
        free = free_base(frozenset(in_use["bases"]))
        base: str | None
        if in_use["is_given"]:
            base = await sql.find_pair(tx, person_id=person_id, escalation_id=escalation_id, now=now)
        elif free is None:
            return None
        else:
            base = await sql.give_pair(
                tx, person_id=person_id, base=free, escalation_id=escalation_id, now=now, since=since
            )
        if base is not None:
            return base


async def pairs(tx: Transaction, people: Iterable[UUID]) -> list[Pair]:
    """The pairs people hold, the latest used first."""
    return [
        Pair(**dict(row) | {"purpose": Purpose(row["purpose"])})
        async for row in sql.find_pairs(tx, people=list(people))
    ]


async def kept(tx: Transaction | Pool, provider_sid: str) -> KeptAnswer | None:
    """The answer a request of the provider got the first time."""
    row = await sql.find_answer(tx, provider_sid=provider_sid)
    return KeptAnswer(**dict(row) | {"act": Act(row["act"])}) if row else None


async def add(tx: Transaction, answer: NewAnswer, now: datetime) -> None:
    """Keep an answer with what it did."""
    act = Act.UNCLEAR if answer.act is Act.BARE else answer.act
    await sql.add_answer(tx, **vars(answer) | {"act": act.value, "about": list(answer.about)}, now=now)


async def add_inbound(tx: Transaction, provider_sid: str, is_answer: bool, now: datetime) -> None:
    """Keep what came to the alert number and whether it was an answer."""
    await sql.add_inbound(tx, provider_sid=provider_sid, is_answer=is_answer, now=now)


async def mark_answered(tx: Transaction, answer: NewAnswer, now: datetime) -> None:
    """The alert through which a person took the case or declined says so; their other phone is stopped."""
    channels = {
        AcknowledgedVia.KEY: [AlertChannel.VOICE],
        AcknowledgedVia.LOOPBACK: [AlertChannel.LOOPBACK],
    }.get(answer.via, [AlertChannel.SMS, AlertChannel.WEBHOOK, AlertChannel.EMAIL])
    await sql.mark_answered(
        tx,
        answer="decline" if answer.act is Act.DECLINE else "take",
        alert_id=answer.alert_id,
        escalation_id=answer.escalation_id,
        person_id=answer.person_id,
        channels=[channel.value for channel in channels],
        now=now,
    )


async def mark_left(tx: Transaction, subject_id: UUID, person_id: UUID, now: datetime) -> None:
    """Whoever said so is at the place of a case no more."""
    await sql.mark_left(tx, subject_id=subject_id, person_id=person_id, now=now)


async def find_link(tx: Transaction | Pool, tokens: tuple[bytes, ...]) -> Link | None:
    """The page behind a token."""
    row = await sql.find_link(tx, tokens=list(tokens))
    return Link(**dict(row)) if row else None


async def are_pins_closed(tx: Transaction, escalation_id: UUID, person_id: UUID) -> bool:
    """Whether wrong PINs closed the facts of an escalation for a person; the escalation is locked."""
    return await sql.find_pins_closed(tx, escalation_id=escalation_id, person_id=person_id) is not None


async def count_wrong_pin(tx: Transaction, escalation_id: UUID, person_id: UUID, now: datetime) -> int:
    """Count a wrong PIN, on the page or the phone; how many there are. The third closes both."""
    wrong: int = await sql.count_wrong_pin(tx, escalation_id=escalation_id, person_id=person_id, now=now)
    return wrong


async def facts_shown_at(tx: Transaction, escalation_id: UUID, person_id: UUID) -> datetime | None:
    """When a person was first shown the facts of an escalation."""
    at: datetime | None = await sql.find_facts_shown(tx, escalation_id=escalation_id, person_id=person_id)
    return at


async def sheet(tx: Transaction, case_id: UUID) -> bytes | None:
    """The sealed sheet of facts of a case."""
    sealed: bytes | None = await sql.find_sheet(tx, case_id=case_id)
    return sealed
