"""The facts of a case, after the PIN of a responder who is called for it or has taken it. Every look is on record."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from infra import audit
from infra.audit import AuditEntry
from infra.ids import new_id
from infra.postgres import Transaction
from infra.vault import Subject, Vault
from notifier.domain.replies import Act
from notifier.store import answers, escalations, people
from notifier.store.answers import Link, NewAnswer
from notifier.store.escalations import EscalationRow
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


async def open_facts(tx: Transaction, found: Link, pin: str, vault: Vault, now: datetime) -> Opened:
    """Try a PIN. The third wrong one closes the link, which the desk reads among the answers."""
    link = await answers.lock_link(tx, found)
    if link.closed_at is not None:
        return Opened(is_closed=True)
    person = await people.person(tx, link.person_id)
    if person is None or person.pin_hash is None:
        return Opened(note="page_no_pin")
    if not await asyncio.to_thread(_is_right, person.pin_hash, pin):
        return await _wrong(tx, link, now)
    row = await escalations.escalation(tx, link.escalation_id)
    if row is None or not (row.is_active or row.acknowledged_by == link.person_id):
        return Opened(note="page_facts_elsewhere")
    return await _show(tx, row, link, vault, now)


async def _wrong(tx: Transaction, link: Link, now: datetime) -> Opened:
    await answers.count_wrong_pin(tx, link, now)
    left = PIN_TRIES - link.wrong_pins - 1
    await answers.add(tx, _kept(link, "wrong_pin" if left else "link_closed"), now)
    return Opened(note="page_pin_wrong", left=left, is_closed=not left)


async def _show(tx: Transaction, row: EscalationRow, link: Link, vault: Vault, now: datetime) -> Opened:
    sealed = await answers.sheet(tx, row.subject_id)
    if sealed is None:
        return Opened(note="page_no_facts")
    case = Subject("case", row.subject_id)
    sheet = FactSheet.model_validate_json(await vault.open_text(tx, case, "sheet", sealed))
    await answers.add(tx, _kept(link, "facts_shown"), now)
    shown = tuple(field for field in FactSheet.model_fields if getattr(sheet, field))
    entry = AuditEntry(
        at=now,
        actor=str(link.person_id),
        purpose=row.purpose.value,
        action="facts_shown",
        subject=case,
        case_id=row.subject_id,
        shown=shown,
    )
    await audit.record(tx, entry)
    return Opened(sheet=sheet)


def _kept(link: Link, effect: str) -> NewAnswer:
    return NewAnswer(
        answer_id=new_id(),
        person_id=link.person_id,
        via=AcknowledgedVia.PAGE,
        act=Act.PIN,
        effect=effect,
        escalation_id=link.escalation_id,
    )


def _is_right(pin_hash: str, pin: str) -> bool:
    try:
        return PasswordHasher().verify(pin_hash, pin.strip())
    except (VerificationError, InvalidHashError):
        return False
