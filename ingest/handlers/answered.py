"""The first answer again: a repeated request is answered as it was, and does nothing."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction
from infra.vault import Subject, Vault
from ingest.handlers.intake import Intake
from ingest.store import requests
from ingest.store.requests import RequestRow


class AnotherBody(Exception):
    """A key was used again for something else."""


@dataclass(frozen=True)
class Request:
    """A request as its sender names it. `sender` scopes the key; `body` tells apart what came under one key."""

    sender: str
    key: str
    body: bytes = b""

    @property
    def name(self) -> str:
        """Sender and key in one, unambiguous."""
        return f"{len(self.sender)}:{self.sender}{self.key}"

    @property
    def digest(self) -> str:
        """What is kept of the body, under a keyed token."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True)
class Answered:
    """The first answer, and whether it was given to the same body."""

    report_id: UUID
    answer: str
    is_same_body: bool


async def answered(tx: Transaction, intake: Intake, request: Request) -> Answered | None:
    """The first answer to a request, if it was answered; else nobody else may answer it until the commit."""
    await requests.lock(tx, intake.vault.token("request", request.name))
    return await first_answer(tx, intake, request)


async def first_answer(tx: Transaction, intake: Intake, request: Request) -> Answered | None:
    """The first answer to a request, if it was answered."""
    row = await requests.find_request(tx, intake.vault.tokens("request", request.name))
    if row is None:
        return None
    answer = await intake.vault.open_text(tx, Subject("report", row.report_id), "answer", row.answer)
    is_same = row.body_token in intake.vault.tokens("body", request.digest)
    return Answered(row.report_id, answer, is_same)


async def keep(
    tx: Transaction, intake: Intake, request: Request, report_id: UUID, answer: str, now: datetime
) -> None:
    """Keep the answer, sealed, for whoever asks again.

    Raises AnotherBody when the key was answered meanwhile: a new report takes no lock, and is never the same body.
    """
    sealed = await intake.vault.seal(tx, Subject("report", report_id), "answer", answer)
    if not await requests.add_request(tx, request_row(intake.vault, request, report_id, sealed), now):
        raise AnotherBody


def request_row(vault: Vault, request: Request, report_id: UUID, answer: bytes) -> RequestRow:
    """An answered request as it is kept; the answer is sealed."""
    key_token, body_token = vault.token("request", request.name), vault.token("body", request.digest)
    return RequestRow(key_token, body_token, report_id, answer)
