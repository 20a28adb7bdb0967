"""Reports, updates and contacts in the database. What is sealed stays sealed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra.outbox import OutboxRow
from infra.postgres import Transaction, queries
from infra.vault import KeyRow
from ingest.domain.contacts import Earlier
from ingest.domain.told import Told
from ingest.store.requests import RequestRow
from schemas.area import Area
from schemas.terms import Answer, Channel, ContactKind, ReporterRole

_sql = queries(__file__)


@dataclass(frozen=True)
class ReportRow:
    """What is kept of a new report besides what was told; facts, way back and code are sealed.

    `reference_tokens`: of its reference under every key of the ring, the current one first. `partner_token`: of the
    body whose system filed it.
    """

    report_id: UUID
    facts: bytes
    way_back: bytes | None
    code: bytes
    code_token: bytes
    reference_tokens: Sequence[bytes]
    received_at: datetime
    linked_report_id: UUID | None
    partner_token: bytes | None


@dataclass(frozen=True)
class ContactRow:
    """Where a contact came from, as it is kept."""

    contact_id: UUID
    provider: str
    provider_sid: str | None
    phone_token: bytes | None


@dataclass(frozen=True)
class NewReport:
    """Everything that is kept with a new report; `request` is the one it answers, under each of `key_tokens`."""

    row: ReportRow
    contact: ContactRow
    vault_key: KeyRow
    event: OutboxRow
    request: RequestRow | None
    key_tokens: Sequence[bytes]


@dataclass(frozen=True)
class UpdateRow:
    """What is kept of an update besides what was told; facts and way back are sealed."""

    update_id: UUID
    report_id: UUID
    facts: bytes
    way_back: bytes | None
    received_at: datetime


@dataclass(frozen=True)
class KnownReport:
    """A report as it is known by now; `code` is sealed."""

    version: int
    kind: ContactKind
    danger_now: Answer
    channel: Channel
    jurisdiction: str
    area: Area
    language: str
    reporter_role: ReporterRole
    received_at: datetime
    is_canary: bool
    correlation_id: UUID
    code: bytes


async def lock_report(tx: Transaction, report_id: UUID) -> KnownReport:
    """A report as it is known by now, locked until the transaction ends. LookupError if there is none."""
    row = await _sql.lock_report(tx, report_id=report_id)
    if row is None:
        raise LookupError(f"no report {report_id}")
    return KnownReport(
        version=row["version"],
        kind=ContactKind(row["kind"]),
        danger_now=Answer(row["danger_now"]),
        channel=Channel(row["channel"]),
        jurisdiction=row["jurisdiction"],
        area=Area(system=row["area_system"], edition=row["area_edition"], code=row["area_code"]),
        language=row["language"],
        reporter_role=ReporterRole(row["reporter_role"]),
        received_at=row["received_at"],
        is_canary=row["is_canary"],
        correlation_id=row["correlation_id"],
        code=row["code"],
    )


async def contact_report(tx: Transaction, provider: str, sid: str) -> UUID | None:
    """The report of a contact that was taken already."""
    found: UUID | None = await _sql.contact_report(tx, provider=provider, provider_sid=sid)
    return found


async def made_report(tx: Transaction, provider: str, sid: str) -> bool:
    """Whether a contact made the report it belongs to; else it added to an earlier one."""
    return bool(await _sql.made_report(tx, provider=provider, provider_sid=sid))


async def known_sids(tx: Transaction, provider: str, sids: Sequence[str]) -> set[str]:
    """Which of the provider's ids were taken already."""
    return {row["provider_sid"] async for row in _sql.known_sids(tx, provider=provider, sids=list(sids))}


async def reports_of_phone(tx: Transaction, tokens: Sequence[bytes]) -> list[Earlier]:
    """The newest reports that a phone contacted us about."""
    return [
        Earlier(row["report_id"], row["received_at"])
        async for row in _sql.reports_of_phone(tx, phone_tokens=list(tokens))
    ]


async def report_of_code(tx: Transaction, tokens: Sequence[bytes]) -> Earlier | None:
    """The report that a code opens."""
    row = await _sql.report_of_code(tx, code_tokens=list(tokens))
    return Earlier(row["report_id"], row["received_at"]) if row else None


async def report_of_partner(tx: Transaction, report_id: UUID, tokens: Sequence[bytes]) -> Earlier | None:
    """A report, if this body's system filed it."""
    row = await _sql.report_of_partner(tx, report_id=report_id, partner_tokens=list(tokens))
    return Earlier(row["report_id"], row["received_at"]) if row else None


async def add_report(tx: Transaction, told: Told, new: NewReport) -> bool:
    """Keep a new report and all that belongs to it; False, and nothing kept, as `add_report` in the SQL says."""
    request = new.request
    is_kept = await _sql.add_report(
        tx,
        **vars(new.row),
        **vars(new.contact),
        **new.vault_key._asdict(),
        **vars(new.event),
        reference_token=new.row.reference_tokens[0],
        key_tokens=new.key_tokens,
        key_token=request and request.key_token,
        body_token=request and request.body_token,
        answer=request and request.answer,
        kind=told.kind,
        channel=told.channel,
        jurisdiction=told.jurisdiction,
        area_system=told.area.system,
        area_edition=told.area.edition,
        area_code=told.area.code,
        area_place=told.area_place,
        language=told.language,
        reporter_role=told.reporter_role,
        answers=told.answers.model_dump(mode="json"),
        danger_now=told.answers.danger_now,
        time_zone=told.time_zone,
        happened_at=told.happened_at,
        first_known_at=told.first_known_at,
        told_at=told.told_at,
        began_at=told.began_at,
        is_canary=told.is_canary,
    )
    return bool(is_kept)


async def add_update(tx: Transaction, told: Told, row: UpdateRow, contact: ContactRow, known: KnownReport) -> None:
    """Keep an update, its contact, and what is `known` of the report after it."""
    await _sql.add_update(
        tx,
        **vars(row),
        **vars(contact),
        kind=told.kind,
        channel=told.channel,
        answers=told.answers.model_dump(mode="json"),
        began_at=told.began_at,
        version=known.version,
        report_kind=known.kind,
        danger_now=known.danger_now,
    )
