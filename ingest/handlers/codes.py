"""The follow-up page: sixteen digits open the state of a report and take more words, with limited attempts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from infra import ids
from infra.postgres import Transaction
from infra.vault import Vault
from ingest.domain.attempts import source
from ingest.handlers.intake import Intake
from ingest.store import attempts, places, reports, requests
from schemas.terms import StateWord

WINDOW = timedelta(hours=1)
KEPT = timedelta(days=1)
"""No limit counts an attempt for so long; then it is forgotten."""


class Refusal(StrEnum):
    """Why a code opens nothing."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Opened:
    """The report a code opens, and what its reporter is told of it."""

    report_id: UUID
    received_at: datetime
    state: StateWord


async def open_code(tx: Transaction, intake: Intake, written: str, address: str, now: datetime) -> Opened | Refusal:
    """Open a report by its code. Wrong attempts are counted per reference and source; commit them too."""
    code = ids.code_digits(written)
    if len(code) != ids.CODE_DIGITS or not ids.is_code(code):
        return Refusal.MALFORMED
    vault, reference, came_from = intake.vault, code[: ids.REFERENCE_DIGITS], source(address)
    await requests.lock(tx, vault.token("reference", reference))
    wrong = await attempts.wrong_attempts(
        tx, vault.tokens("reference", reference), vault.tokens("source", came_from), now - WINDOW
    )
    if wrong.are_too_many:
        return Refusal.TOO_MANY
    found = await reports.report_of_code(tx, vault.tokens("code", code))
    tokens = (vault.token("reference", reference), vault.token("source", came_from))
    await attempts.add_attempt(tx, ids.new_id(), tokens, was_right=found is not None, at=now)
    if found is None:
        return Refusal.UNKNOWN
    return Opened(found.report_id, found.received_at, await places.state_word(tx, found.report_id))


async def open_filed(tx: Transaction, vault: Vault, report_id: UUID, partner: str) -> Opened | None:
    """A report that the system of this body filed; None where there is none, or another filed it."""
    found = await reports.report_of_partner(tx, report_id, vault.tokens("partner", partner))
    return Opened(report_id, found.received_at, await places.state_word(tx, report_id)) if found else None


async def forget_attempts(intake: Intake, now: datetime, most: int) -> int:
    """Forget attempts that no limit counts any more; returns how many, at most `most`."""
    async with intake.db.transaction() as tx:
        return await attempts.forget(tx, now - KEPT, most)
