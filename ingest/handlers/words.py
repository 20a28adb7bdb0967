"""What is written in full at once: forms, the API, added words and gateways."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra import ids
from infra.postgres import Transaction
from ingest.domain.told import Origin, Taken, Told
from ingest.handlers import answered, reports
from ingest.handlers.answered import Request
from ingest.handlers.intake import Intake


class AnotherBody(Exception):
    """A key was used again for something else."""


@dataclass(frozen=True)
class Receipt:
    """What a reporter is given at once. `is_update`: the words were added to a report that stood already."""

    report_id: UUID
    code: str
    received_at: datetime
    version: int
    is_update: bool = False
    is_repeat: bool = False

    @property
    def reference(self) -> str:
        """The first eight digits: safe to say to anybody."""
        return self.code[: ids.REFERENCE_DIGITS]

    @classmethod
    def of(cls, taken: Taken) -> "Receipt":
        """The receipt for a contact."""
        return cls(taken.report_id, taken.code, taken.received_at, taken.version, taken.update_id is not None)

    def written(self) -> str:
        """The receipt as it is kept for whoever asks again."""
        return json.dumps(
            {
                "report_id": str(self.report_id),
                "code": self.code,
                "received_at": self.received_at.isoformat(),
                "version": self.version,
                "is_update": self.is_update,
            }
        )


def read_receipt(written: str) -> Receipt:
    """A receipt as it was kept, marked as given before."""
    fields: Mapping[str, object] = json.loads(written)
    return Receipt(
        UUID(str(fields["report_id"])),
        str(fields["code"]),
        datetime.fromisoformat(str(fields["received_at"])),
        int(str(fields["version"])),
        bool(fields["is_update"]),
        is_repeat=True,
    )


async def take_report(tx: Transaction, intake: Intake, told: Told, request: Request | None, now: datetime) -> Receipt:
    """A report of the API. Raises AnotherBody when its key was used for something else."""
    before = await answered.answered(tx, intake, request) if request else None
    if before is not None and not before.is_same_body:
        raise AnotherBody
    if before is not None:
        return read_receipt(before.answer)
    told = await reports.jurisdiction_of(tx, intake, told)
    origin = Origin(told.channel.value)
    receipt = Receipt.of(await reports.receive_report(tx, intake.vault, told, origin, None, now))
    if request is not None:
        await answered.keep(tx, intake, request, receipt.report_id, receipt.written(), now)
    return receipt


async def take_form(tx: Transaction, intake: Intake, told: Told, request: Request, now: datetime) -> Receipt:
    """A form. Sent again it gets the same answer; with other words it adds them to its report."""
    before = await answered.answered(tx, intake, request)
    if before is None:
        told = await reports.jurisdiction_of(tx, intake, told)
        origin = Origin(told.channel.value)
        receipt = Receipt.of(await reports.receive_report(tx, intake.vault, told, origin, None, now))
        await answered.keep(tx, intake, request, receipt.report_id, receipt.written(), now)
        return receipt
    if before.is_same_body:
        return read_receipt(before.answer)
    changed = Request(request.sender, f"{request.key}/{request.digest}", request.body)
    return await add_words(tx, intake, before.report_id, told, changed, now)


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
