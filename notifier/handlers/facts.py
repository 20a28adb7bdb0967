"""The facts of a case, after the PIN of a responder who is called for it or has taken it. Every look is on record.

The page and the phone ask for the same PIN and count wrong ones together.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from infra import audit
from infra.audit import AuditEntry
from infra.ids import new_id
from infra.postgres import Transaction
from infra.vault import Subject, Vault
from notifier.domain.holding import may_open_facts
from notifier.domain.replies import Act
from notifier.handlers.answering import locked
from notifier.handlers.telling import tell
from notifier.store import answers, escalations, people
from notifier.store.answers import NewAnswer
from notifier.store.escalations import EscalationRow, SubjectRow
from schemas.events import FactsClosed, FactsRead
from schemas.report import FactSheet
from schemas.terms import AcknowledgedVia

PIN_TRIES = 3


@dataclass(frozen=True)
class Opened:
    """What came of a PIN: the facts, or a note that says why not. `left` counts the tries that remain."""

    sheet: FactSheet | None = None
    note: str | None = None
    left: int = PIN_TRIES
    is_closed: bool = False


@dataclass(frozen=True)
class Asking:
    """Who asks for the facts of which escalation, and how. `request` is the call in which they are heard."""

    person_id: UUID
    escalation_id: UUID
    via: AcknowledgedVia
    request: str | None = None


@dataclass(frozen=True)
class Facts:
    """Opens facts."""

    vault: Vault

    async def open(self, tx: Transaction, asking: Asking, pin: str, now: datetime) -> Opened:
        """The facts, behind a PIN."""
        found, refused = await self._tried(tx, asking, pin, now)
        return refused or await self._show(tx, asking, found, now)

    async def refusal(self, tx: Transaction, asking: Asking, pin: str, now: datetime) -> Opened | None:
        """What came of a PIN that is not right, by which no facts are asked for; None when it is."""
        return (await self._tried(tx, asking, pin, now))[1]

    async def _tried(
        self, tx: Transaction, asking: Asking, pin: str, now: datetime
    ) -> tuple[tuple[EscalationRow, SubjectRow], Opened | None]:
        """Try a PIN. The third wrong one closes page and phone for this escalation, and the desk is told."""
        person = await people.person(tx, asking.person_id)
        pin_hash = person.pin_hash if person else None
        # Before anything is locked: a hash takes its time, and answers of others must not wait for it.
        is_right = pin_hash is not None and await asyncio.to_thread(_is_right, pin_hash, pin)
        found = await locked(tx, asking.escalation_id)
        if await answers.are_pins_closed(tx, asking.escalation_id, asking.person_id):
            return found, Opened(note="page_closed", left=0, is_closed=True)
        if pin_hash is None:
            return found, Opened(note="page_no_pin")
        return found, None if is_right else await self._wrong(tx, asking, found, now)

    async def again(self, tx: Transaction, asking: Asking, now: datetime) -> Opened | None:
        """The facts once more, in a call in which the PIN was right; None in any other."""
        if asking.request is None or await answers.kept(tx, asking.request) is None:
            return None
        found = await locked(tx, asking.escalation_id)
        if await answers.are_pins_closed(tx, asking.escalation_id, asking.person_id):
            return Opened(note="page_closed", left=0, is_closed=True)
        return await self._show(tx, asking, found, now)

    async def _wrong(
        self, tx: Transaction, asking: Asking, found: tuple[EscalationRow, SubjectRow], now: datetime
    ) -> Opened:
        row, subject = found
        left = PIN_TRIES - await answers.count_wrong_pin(tx, asking.escalation_id, asking.person_id, now)
        await answers.add(tx, _kept(replace(asking, request=None), "wrong_pin" if left else "link_closed"), now)
        if not left:
            closed = replace(row, facts_closed_at=now, facts_closed_for=asking.person_id)
            await escalations.change(tx, closed)
            await tell(tx, FactsClosed, closed, subject, now)
        return Opened(note="page_pin_wrong" if left else "page_closed", left=left, is_closed=not left)

    async def _show(
        self, tx: Transaction, asking: Asking, found: tuple[EscalationRow, SubjectRow], now: datetime
    ) -> Opened:
        row, subject = found
        callings = await escalations.callings(tx, row.subject_id, row.purpose)
        may_open = may_open_facts(asking.person_id, row.standing, callings)
        if not may_open or subject.subject_kind != "case":
            return Opened(note="page_facts_elsewhere")
        sealed = await answers.sheet(tx, row.subject_id)
        if sealed is None:
            return Opened(note="page_no_facts")
        case = Subject("case", row.subject_id)
        sheet = FactSheet.model_validate_json(await self.vault.open_text(tx, case, "sheet", sealed))
        await answers.add(tx, _kept(asking, "facts_shown"), now)
        await audit.record(tx, _look(asking, row, sheet, now))
        if row.acknowledged_by == asking.person_id and row.facts_at is None:
            read = replace(row, facts_at=now)
            await escalations.change(tx, read)
            await tell(tx, FactsRead, read, subject, now)
        return Opened(sheet=sheet)


def _look(asking: Asking, row: EscalationRow, sheet: FactSheet, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=str(asking.person_id),
        purpose=row.purpose.value,
        action="facts_shown" if asking.via is AcknowledgedVia.PAGE else "facts_read_aloud",
        subject=Subject("case", row.subject_id),
        case_id=row.subject_id,
        shown=tuple(field for field in FactSheet.model_fields if getattr(sheet, field)),
    )


def _kept(asking: Asking, effect: str) -> NewAnswer:
    return NewAnswer(
        answer_id=new_id(),
        person_id=asking.person_id,
        via=asking.via,
        act=Act.PIN,
        effect=effect,
        escalation_id=asking.escalation_id,
        provider_sid=asking.request,
    )


def _is_right(pin_hash: str, pin: str) -> bool:
    try:
        return PasswordHasher().verify(pin_hash, pin.strip())
    except (VerificationError, InvalidHashError):
        return False
