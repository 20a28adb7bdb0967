"""What is written in full at once: forms, the API, added words and gateways."""

from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction
from ingest.domain.told import Origin, Told
from ingest.handlers import answered, reports
from ingest.handlers.answered import AnotherBody, Answered, Request
from ingest.handlers.intake import Intake
from ingest.handlers.receipts import Receipt, read_receipt
from ingest.handlers.reports import Filing


async def take_report(tx: Transaction, intake: Intake, told: Told, request: Request | None, now: datetime) -> Receipt:
    """A report of the API. Raises AnotherBody when its key was used for something else.

    It writes by one statement, so it needs no transaction around it.
    """
    first = await _first(tx, intake, told, request, now)
    if isinstance(first, Receipt):
        return first
    if not first.is_same_body:
        raise AnotherBody
    return read_receipt(first.answer)


async def take_form(tx: Transaction, intake: Intake, told: Told, request: Request, now: datetime) -> Receipt:
    """A form. Sent again it gets the same answer; with other words it adds them to its report."""
    first = await _first(tx, intake, told, request, now)
    if isinstance(first, Receipt):
        return first
    if first.is_same_body:
        return read_receipt(first.answer)
    changed = Request(request.sender, f"{request.key}/{request.digest}", request.body)
    return await add_words(tx, intake, first.report_id, told, changed, now)


async def add_words(
    tx: Transaction, intake: Intake, report_id: UUID, told: Told, request: Request | None, now: datetime
) -> Receipt:
    """Words added to a report, once. Raises AnotherBody when the key was used for something else."""
    before = await answered.answered(tx, intake, request) if request else None
    if before is not None and not before.is_same_body:
        raise AnotherBody
    if before is not None:
        return read_receipt(before.answer)
    taken = await reports.add_update(tx, intake.vault, report_id, told, Origin(told.channel.value), now)
    receipt = Receipt.of(taken)
    if request is not None:
        await answered.keep(tx, intake, request, report_id, receipt.written(), now)
    return receipt


async def take_gateway_contact(
    tx: Transaction, intake: Intake, told: Told, origin: Origin, is_new_event: bool, now: datetime
) -> Receipt:
    """A contact that a gateway hands over whole; once per id of the gateway."""
    request = Request(f"contact:{origin.provider}", origin.sid or "")
    before = await answered.answered(tx, intake, request)
    if before is not None:
        return read_receipt(before.answer)
    told = await reports.jurisdiction_of(tx, intake, told)
    taken = await reports.take_contact(tx, intake, told, origin, is_new_event=is_new_event, now=now)
    receipt = Receipt.of(taken)
    await answered.keep(tx, intake, request, receipt.report_id, receipt.written(), now)
    return receipt


async def _first(
    tx: Transaction, intake: Intake, told: Told, request: Request | None, now: datetime
) -> Receipt | Answered:
    """A new report, or what its request was answered before."""
    told = await reports.jurisdiction_of(tx, intake, told)
    filing = Filing(Origin(told.channel.value), request=request)
    while (taken := await reports.try_report(tx, intake.vault, told, filing, now)) is None:
        before = await answered.first_answer(tx, intake, request) if request else None
        if before is not None:
            return before
    return Receipt.of(taken)
