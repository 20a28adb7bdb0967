"""Cases, the reports in them, their judgements and sheets."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Transaction, queries
from schemas.area import Area
from schemas.terms import AcknowledgedVia, Urgency
from triage.domain.assessment import Assessment
from triage.domain.case import Case, Status

_sql = queries(Path(__file__).with_suffix(".sql"))


async def lock(tx: Transaction, case_id: UUID) -> Case | None:
    """The case under the lock of its row, or None when there is none."""
    row = await _sql.lock_case(tx, case_id=case_id)
    if row is None:
        return None
    fields = dict(row)
    area = Area(system=fields.pop("area_system"), edition=fields.pop("area_edition"), code=fields.pop("area_code"))
    via = fields.pop("taken_via")
    return Case(
        urgency=Urgency(fields.pop("urgency")),
        status=Status(fields.pop("status")),
        taken_via=AcknowledgedVia(via) if via else None,
        area=area,
        **fields,
    )


async def of_report(tx: Transaction, report_id: UUID) -> UUID | None:
    """The case of a report; nobody else opens one for it until this transaction ends."""
    await _sql.lock_report(tx, report_id=report_id)
    found: UUID | None = await _sql.find_case_of_report(tx, report_id=report_id)
    return found


async def has_alias(tx: Transaction, alias: str) -> bool:
    """Whether an alias is in use."""
    found: bool = await _sql.has_alias(tx, alias=alias)
    return found


async def add(tx: Transaction, case: Case) -> None:
    """Open a case; it is told to others by whoever publishes it."""
    await _sql.add_case(tx, **_columns(case))


async def save(tx: Transaction, case: Case, now: datetime) -> None:
    """Write what may change about a case."""
    await _sql.save_case(tx, **_columns(case), now=now)


async def join(tx: Transaction, case_id: UUID, report: tuple[UUID, int], now: datetime) -> None:
    """Put a report (id, version) into a case. Every report is in exactly one, for ever."""
    await _sql.join_report(tx, case_id=case_id, report_id=report[0], report_version=report[1], now=now)


async def raise_report_version(tx: Transaction, report_id: UUID, version: int) -> None:
    """Remember the newest version of a report that was judged."""
    await _sql.raise_report_version(tx, report_id=report_id, report_version=version)


async def reports(tx: Transaction, case_id: UUID) -> dict[UUID, int]:
    """The reports of a case, in the order they joined it, with the version last judged."""
    return {row["report_id"]: row["report_version"] async for row in _sql.find_reports_of_case(tx, case_id=case_id)}


async def add_assessment(
    tx: Transaction, report: tuple[UUID, int], case_id: UUID, judged: tuple[Assessment, datetime]
) -> None:
    """Keep a judgement of a report (id, version)."""
    assessment, at = judged
    said = assessment.model_dump(mode="json")
    await _sql.add_assessment(
        tx,
        assessment_id=new_id(),
        case_id=case_id,
        report_id=report[0],
        report_version=report[1],
        urgency=assessment.urgency,
        reasons=said["reasons"],
        ask=said["ask"],
        what_would_change=said["what_would_change"],
        pack=assessment.pack,
        semantic=assessment.semantic,
        assessed_at=at,
    )


async def save_sheet(tx: Transaction, case_id: UUID, sheet: bytes, now: datetime) -> None:
    """Keep the sealed sheet of facts of a case."""
    await _sql.save_sheet(tx, case_id=case_id, sheet=sheet, now=now)


async def exclusions(tx: Transaction, case_id: UUID) -> tuple[UUID, ...]:
    """People who are not called to a case."""
    return tuple([row["person_id"] async for row in _sql.find_exclusions(tx, case_id=case_id)])


async def exclude(tx: Transaction, case_id: UUID, person_id: UUID, why: tuple[str, str, datetime]) -> None:
    """Keep somebody from being called to a case: why, by whom, when."""
    reason, by, now = why
    await _sql.add_exclusion(tx, case_id=case_id, person_id=person_id, reason=reason, added_by=by, now=now)


async def ask_lower(tx: Transaction, case_id: UUID, change: tuple[Urgency, Urgency], **asked: Any) -> None:
    """Keep a request for a lower urgency: `request_id`, sealed `reason`, `asked_by`, `now`."""
    await _sql.add_urgency_request(tx, case_id=case_id, urgency_from=change[0], urgency_to=change[1], **asked)


async def open_request(tx: Transaction, case_id: UUID) -> Any:
    """The open request for a lower urgency, locked, or None."""
    return await _sql.lock_urgency_request(tx, case_id=case_id)


async def decide(tx: Transaction, request_id: UUID, decided_by: UUID, is_granted: bool, now: datetime) -> None:
    """Record the second person's decision."""
    await _sql.decide_urgency_request(
        tx, request_id=request_id, decided_by=decided_by, is_granted=is_granted, now=now
    )


async def without_step(tx: Transaction, late_since: datetime) -> list[str]:
    """Aliases of live cases that nothing and nobody will take further; at most twenty."""
    return [row["alias"] async for row in _sql.find_cases_without_step(tx, late_since=late_since)]


def _columns(case: Case) -> dict[str, Any]:
    columns = asdict(case)
    columns.pop("area")
    return columns | {
        "area_system": case.area.system,
        "area_edition": case.area.edition,
        "area_code": case.area.code,
    }
