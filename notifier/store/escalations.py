"""Subjects, and the escalations of their assignments."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.outbox import Trace
from infra.postgres import Pool, Transaction, queries
from notifier.domain.answers import Standing
from notifier.domain.calling import ACTIVE, DRILL, Escalation
from notifier.store.watched import WatchedReport
from schemas.events import CallingState
from schemas.ladder import Ladder
from schemas.terms import AcknowledgedVia, EscalationStatus, Level, Purpose, Urgency

sql: Any = queries(__file__)


@dataclass(frozen=True)
class SubjectRow:
    """What people are called for: a case, a desk, a report that has no case yet, or a drill."""

    subject_id: UUID
    subject_kind: str
    version: int
    alias: str
    time_zone: str
    is_canary: bool
    correlation_id: UUID
    causation_id: UUID
    traceparent: str

    @property
    def is_drill(self) -> bool:
        """Whether it is an exercise."""
        return self.subject_kind == DRILL

    @property
    def trace(self) -> Trace:
        """What led to the calling."""
        return Trace(self.correlation_id, self.causation_id, self.traceparent)


SUBJECT_ONLY = [each.name for each in fields(SubjectRow) if each.name != "subject_id"]


@dataclass(frozen=True)
class EscalationRow:
    """The calling for one assignment, as it is stored."""

    escalation_id: UUID
    subject_id: UUID
    purpose: Purpose
    number: int
    status: EscalationStatus
    urgency: Urgency
    team_id: UUID
    first_responder_id: UUID | None
    excluded_responders: tuple[UUID, ...]
    ladder: Ladder
    deadline_at: datetime
    started_at: datetime
    next_due_at: datetime | None
    declined_by: tuple[UUID, ...] = ()
    exhausted_at: datetime | None = None
    acknowledged_by: UUID | None = None
    acknowledged_at: datetime | None = None
    acknowledged_via: AcknowledgedVia | None = None
    begun_at: datetime | None = None
    handed_back_at: datetime | None = None
    handed_back_by: UUID | None = None
    facts_at: datetime | None = None
    facts_closed_at: datetime | None = None
    facts_closed_for: UUID | None = None
    arrived_at: datetime | None = None
    checked_in_at: datetime | None = None
    needs_help_at: datetime | None = None
    needs_help_by: UUID | None = None
    not_reached_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether people are being called."""
        return self.status in ACTIVE

    @property
    def is_held(self) -> bool:
        """Whether somebody took it and has not handed it back."""
        return self.status is EscalationStatus.ACKNOWLEDGED and self.handed_back_at is None

    @property
    def domain(self) -> Escalation:
        """What the ladder is decided from."""
        return Escalation(
            status=self.status,
            urgency=self.urgency,
            ladder=self.ladder,
            started_at=self.started_at,
            first_responder_id=self.first_responder_id,
            excluded=frozenset(self.excluded_responders),
            declined=frozenset(self.declined_by),
            exhausted_at=self.exhausted_at,
        )

    @property
    def standing(self) -> Standing:
        """What answers are judged by."""
        instants = (self.begun_at, self.handed_back_at, self.arrived_at, self.left_at)
        begun, back, arrived, left = (at is not None for at in instants)
        kept_out = frozenset(self.excluded_responders)
        return Standing(self.status, self.acknowledged_by, begun, back, self.purpose, arrived, left, kept_out)

    def over(self, status: EscalationStatus) -> "EscalationRow":
        """The same with the calling ended."""
        return replace(self, status=status, next_due_at=None)

    def acknowledged(self, by: UUID, via: AcknowledgedVia, at: datetime) -> "EscalationRow":
        """The same, taken by a person."""
        taken = self.over(EscalationStatus.ACKNOWLEDGED)
        return replace(taken, acknowledged_by=by, acknowledged_via=via, acknowledged_at=at)


@dataclass(frozen=True)
class AppliedSubject:
    """A subject as it is now, locked; a new one has no escalations yet."""

    row: SubjectRow
    is_new: bool


async def apply_subject(tx: Transaction, state: CallingState, trace: Trace) -> AppliedSubject | None:
    """Take a newer state and lock it; None when it is not newer."""
    kept = {"subject_id", "subject_kind", "version", "alias", "time_zone", "is_canary"}
    return _applied(await sql.apply_subject(tx, **state.model_dump(include=kept), **asdict(trace)))


async def add_own_subject(
    tx: Transaction, report: WatchedReport, alias: str, time_zone: str
) -> AppliedSubject | None:
    """Make a report a subject of its own; None when it is one already."""
    row = await sql.apply_subject(
        tx,
        subject_id=report.report_id,
        subject_kind="report",
        version=1,
        alias=alias,
        time_zone=time_zone,
        is_canary=False,
        **asdict(report.trace),
    )
    return _applied(row)


def _applied(row: Any) -> AppliedSubject | None:
    values = dict(row or {})
    return AppliedSubject(is_new=values.pop("is_new"), row=SubjectRow(**values)) if values else None


async def lock_subject(tx: Transaction, subject_id: UUID) -> SubjectRow | None:
    """Lock a subject; None when there is no such one."""
    row = await sql.lock_subject(tx, subject_id=subject_id)
    return SubjectRow(**dict(row)) if row else None


async def find_subject(tx: Transaction, escalation_id: UUID) -> SubjectRow | None:
    """The subject of an escalation, without a lock."""
    row = await sql.find_subject(tx, escalation_id=escalation_id)
    return SubjectRow(**dict(row)) if row else None


async def next_told_version(tx: Transaction, subject_id: UUID) -> int:
    """The version of the next event about a subject."""
    version: int = await sql.next_told_version(tx, subject_id=subject_id)
    return version


async def escalations_of(tx: Transaction, subject_id: UUID) -> list[EscalationRow]:
    """All escalations of a subject, the newest of each purpose first."""
    return await _rows(sql.find_escalations(tx, subject_id=subject_id))


async def callings(tx: Transaction | Pool, subject_id: UUID, purpose: Purpose) -> list[Standing]:
    """How the callings of a subject stand that are of a purpose or call responders, the newest first."""
    found = sql.find_callings(tx, subject_id=subject_id, purpose=purpose.value)
    return [_standing(row) async for row in found]


async def escalation(tx: Transaction | Pool, escalation_id: UUID) -> EscalationRow | None:
    """One escalation."""
    row = await sql.find_escalation(tx, escalation_id=escalation_id)
    return _escalation(row) if row else None


async def lock_escalation(tx: Transaction, escalation_id: UUID) -> EscalationRow | None:
    """One escalation, locked. Whoever changes alerts of it too does this first: it is the order of all."""
    row = await sql.lock_escalation(tx, escalation_id=escalation_id)
    return _escalation(row) if row else None


async def claim_due(tx: Transaction, now: datetime, at_most: int) -> list[tuple[EscalationRow, SubjectRow]]:
    """Due escalations with their subjects, both locked until the transaction ends."""
    claimed = []
    async for row in sql.claim_due_escalations(tx, now=now, at_most=at_most):
        values = dict(row)
        subject = {name: values.pop(name) for name in SUBJECT_ONLY}
        claimed.append((_escalation(values), SubjectRow(subject_id=values["subject_id"], **subject)))
    return claimed


async def add(tx: Transaction, row: EscalationRow) -> None:
    """Begin the calling for an assignment."""
    await sql.add_escalation(tx, **_columns(row))


async def change(tx: Transaction, row: EscalationRow) -> None:
    """Write what may change; the subject is locked."""
    await sql.change_escalation(tx, **_columns(row))


async def change_steps(tx: Transaction, rows: Sequence[EscalationRow]) -> None:
    """Write what steps change of escalations, locked with their subjects: status, next instant, exhaustion."""
    if rows:
        await sql.change_steps(
            tx,
            escalations=[row.escalation_id for row in rows],
            statuses=[row.status.value for row in rows],
            dues=[row.next_due_at for row in rows],
            exhausted=[row.exhausted_at for row in rows],
        )


async def postpone(tx: Transaction, escalation_id: UUID, until: datetime) -> None:
    """Look at an escalation again later, leaving everything else as it is."""
    await sql.postpone_escalation(tx, escalation_id=escalation_id, until=until)


async def add_empty_level(tx: Transaction, escalation_id: UUID, level: Level, now: datetime) -> None:
    """Keep that a level had nobody new to call."""
    await sql.add_empty_level(tx, escalation_id=escalation_id, level=level, now=now)


async def next_step(pool: Pool) -> datetime | None:
    """The next instant at which a step is due for any worker."""
    due: datetime | None = await sql.find_next_step(pool)
    return due


async def next_due(pool: Pool) -> datetime | None:
    """The next instant at which anything is due for any worker."""
    due: datetime | None = await sql.find_next_due(pool)
    return due


async def _rows(found: AsyncIterator[Any]) -> list[EscalationRow]:
    return [_escalation(row) async for row in found]


def _escalation(row: Any) -> EscalationRow:
    values = dict(row)
    via = values["acknowledged_via"]
    return EscalationRow(
        **values
        | {
            "purpose": Purpose(values["purpose"]),
            "status": EscalationStatus(values["status"]),
            "urgency": Urgency(values["urgency"]),
            "ladder": Ladder.model_validate(values["ladder"]),
            "excluded_responders": tuple(values["excluded_responders"]),
            "declined_by": tuple(values["declined_by"]),
            "acknowledged_via": AcknowledgedVia(via) if via else None,
        }
    )


def _standing(row: Any) -> Standing:
    known = {
        "status": EscalationStatus(row["status"]),
        "purpose": Purpose(row["purpose"]),
        "excluded": frozenset(row["excluded"]),
    }
    return Standing(**dict(row) | known)


def _columns(row: EscalationRow) -> dict[str, Any]:
    return vars(row) | {"ladder": row.ladder.model_dump(mode="json")}
