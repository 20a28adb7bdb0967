"""A contact becomes a report or an update: kept and told to the others in the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from infra import ids, log, outbox
from infra.outbox import Trace
from infra.postgres import Transaction
from infra.vault import Subject, Vault
from ingest.domain import phones
from ingest.domain.contacts import UpdateOf, decide, more_dangerous, weightier
from ingest.domain.told import Origin, Taken, Told
from ingest.handlers.answered import Request, request_row
from ingest.handlers.intake import Intake
from ingest.handlers.receipts import Receipt
from ingest.store import reports, requests
from ingest.store.reports import ContactRow, KnownReport, NewReport, ReportRow, UpdateRow
from schemas.events import ReportReceived, ReportUpdated
from schemas.report import SafeContact, WayBack
from schemas.terms import ContactKind

_log = log.get("ingest.reports")


@dataclass(frozen=True)
class Filing:
    """How a new report came: from where, after which report of the same phone, and by which request."""

    origin: Origin
    linked_report_id: UUID | None = None
    request: Request | None = None


async def take_contact(
    tx: Transaction, intake: Intake, told: Told, origin: Origin, *, is_new_event: bool, now: datetime
) -> Taken:
    """Take a contact from a phone: within 24 hours it adds to what the phone told, else it is a new report."""
    linked: UUID | None = None
    if origin.phone is not None:
        await requests.lock(tx, intake.vault.token("phone", origin.phone))
        earlier = await reports.reports_of_phone(tx, intake.vault.tokens("phone", origin.phone))
        decision = decide(earlier, is_new_event, now)
        if isinstance(decision, UpdateOf):
            return await add_update(tx, intake.vault, decision.report_id, told, origin, now)
        linked = decision.linked_report_id
    return await receive_report(tx, intake.vault, told, Filing(origin, linked), now)


async def receive_report(tx: Transaction, vault: Vault, told: Told, filing: Filing, now: datetime) -> Taken:
    """Keep a new report and tell of it, under the first code that is free. For a filing without request."""
    while (taken := await try_report(tx, vault, told, filing, now)) is None:
        pass
    return taken


async def try_report(tx: Transaction, vault: Vault, told: Told, filing: Filing, now: datetime) -> Taken | None:
    """Keep a new report and tell of it, by one statement. The one way in, below every channel.

    None when nothing was kept: somebody has the reference that was drawn, or the request was answered before.
    """
    taken = Taken(ids.new_id(), 1, ids.new_code(), now, told.jurisdiction)
    trace = Trace.begin()
    if not await reports.add_report(tx, told, _new_report(vault, told, filing, taken, trace)):
        return None
    tx.announce(outbox.CHANNEL)
    _follow(tx, told, taken, trace)
    return taken


async def add_update(
    tx: Transaction, vault: Vault, report_id: UUID, told: Told, origin: Origin, now: datetime
) -> Taken:
    """Keep words and answers added to a report and tell of them; what is known of it only ever rises."""
    before = await reports.lock_report(tx, report_id)
    if told.kind is ContactKind.REPORT:
        told = replace(told, kind=ContactKind.UPDATE)
    known = replace(
        before,
        version=before.version + 1,
        kind=weightier(before.kind, told.kind),
        danger_now=more_dangerous(before.danger_now, told.answers.danger_now),
    )
    subject = Subject("report", report_id)
    sealed = await vault.seal_all(tx, subject, _sealed(told, origin, is_first=False))
    row = UpdateRow(ids.new_id(), report_id, sealed["facts"], sealed.get("way_back"), now)
    await reports.add_update(tx, told, row, _contact(vault, origin), known)
    trace = replace(Trace.begin(), correlation_id=before.correlation_id)
    await outbox.append(tx, _updated(known, report_id), trace, now)
    code = await vault.open_text(tx, subject, "code", before.code)
    taken = Taken(report_id, known.version, code, before.received_at, known.jurisdiction, row.update_id)
    _follow(tx, told, taken, trace)
    return taken


async def jurisdiction_of(tx: Transaction, intake: Intake, told: Told) -> Told:
    """Put a report into the jurisdiction of its area, if that tells it, and into its time zone, if none was given."""
    found = await intake.areas.jurisdiction(tx, told.area)
    if found is None:
        return told
    zone = told.time_zone if told.is_zone_given else intake.jurisdictions[found].time_zone
    return replace(told, jurisdiction=found, time_zone=zone)


async def code_of(tx: Transaction, vault: Vault, report_id: UUID) -> str:
    """The sixteen digits of a report, for its reporter alone."""
    known = await reports.lock_report(tx, report_id)
    return await vault.open_text(tx, Subject("report", report_id), "code", known.code)


def _follow(tx: Transaction, told: Told, taken: Taken, trace: Trace) -> None:
    """Give what this task logs from here on the id that leads to the last alert, and say so once it is kept."""
    log.bind(correlation_id=str(trace.correlation_id))
    values = {"report_id": str(taken.report_id), "version": taken.version, "channel": told.channel.value}

    def say() -> None:
        _log.info("contact_kept", correlation_id=str(trace.correlation_id), **values)

    tx.after_commit(say)


def _new_report(vault: Vault, told: Told, filing: Filing, taken: Taken, trace: Trace) -> NewReport:
    """Everything that is kept of a new report, sealed."""
    request, written = filing.request, {}
    if request is not None:
        written["answer"] = Receipt.of(taken).written()
    vault_key, sealed = vault.seal_first(
        Subject("report", taken.report_id),
        _sealed(told, filing.origin, is_first=True) | {"code": taken.code} | written,
    )
    row = ReportRow(
        report_id=taken.report_id,
        facts=sealed["facts"],
        way_back=sealed.get("way_back"),
        code=sealed["code"],
        code_token=vault.token("code", taken.code),
        reference_tokens=vault.tokens("reference", taken.code[: ids.REFERENCE_DIGITS]),
        received_at=taken.received_at,
        linked_report_id=filing.linked_report_id,
        partner_token=vault.token("partner", told.partner) if told.partner else None,
    )
    return NewReport(
        row,
        _contact(vault, filing.origin),
        vault_key,
        outbox.outbox_row(_received(told, taken), trace, taken.received_at),
        request_row(vault, request, taken.report_id, sealed["answer"]) if request else None,
        vault.tokens("request", request.name) if request else (),
    )


def _sealed(told: Told, origin: Origin, *, is_first: bool) -> dict[str, str]:
    """What is sealed of a contact: its facts, and the way back to the reporter where it says anything new of that."""
    came_from = origin.sender or origin.phone
    values = {"facts": told.facts.model_copy(update={"came_from": came_from}).model_dump_json()}
    contact = told.facts.contact
    if contact != SafeContact() or (is_first and came_from):
        # A number is written as the country of the report writes it: jurisdictions begin with its code.
        given = phones.e164(contact.phone, told.jurisdiction.partition("-")[0]) if contact.phone else origin.phone
        way = WayBack(
            came_from=came_from, contact=contact, news_to=given, language=told.language, time_zone=told.time_zone
        )
        values["way_back"] = way.model_dump_json()
    return values


def _contact(vault: Vault, origin: Origin) -> ContactRow:
    phone = None if origin.phone is None else vault.token("phone", origin.phone)
    return ContactRow(ids.new_id(), origin.provider, origin.sid, phone)


def _received(told: Told, taken: Taken) -> ReportReceived:
    return ReportReceived(
        version=taken.version,
        report_id=taken.report_id,
        kind=told.kind,
        channel=told.channel,
        jurisdiction=told.jurisdiction,
        area=told.area,
        language=told.language,
        reporter_role=told.reporter_role,
        danger_now=told.answers.danger_now,
        received_at=taken.received_at,
        is_canary=told.is_canary,
    )


def _updated(known: KnownReport, report_id: UUID) -> ReportUpdated:
    state = {name: value for name, value in vars(known).items() if name not in ("correlation_id", "code")}
    return ReportUpdated(report_id=report_id, **state)
