"""Cases, the reports in them, their judgements and sheets."""

from dataclasses import fields
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
_COLUMNS = tuple(each.name for each in fields(Case) if each.name != "area")


async def lock(tx: Transaction, case_id: UUID) -> Case | None:
    """The case under the lock of its row, or None when there is none."""
    row = await _sql.lock_case(tx, case_id=case_id)
    if row is None:
        return None
    columns = dict(row)
    area = Area(system=columns.pop("area_system"), edition=columns.pop("area_edition"), code=columns.pop("area_code"))
    via = columns.pop("taken_via")
    return Case(
        urgency=Urgency(columns.pop("urgency")),
        status=Status(columns.pop("status")),
        taken_via=AcknowledgedVia(via) if via else None,
        area=area,
        team_reasons=tuple(columns.pop("team_reasons")),
        **columns,
    )


async def lock_report(tx: Transaction, report_id: UUID) -> None:
    """Let nobody else open a case for a report until this transaction ends."""
    await _sql.lock_report(tx, report_id=report_id)


async def of_report(tx: Transaction, report_id: UUID) -> UUID | None:
    """The case of a report; nobody else opens one for it until this transaction ends."""
    await lock_report(tx, report_id)
    found: UUID | None = await _sql.find_case_of_report(tx, report_id=report_id)
    return found


async def alias(tx: Transaction, case_id: UUID) -> str:
    """The alias of a case that is there."""
    found: str = await _sql.find_alias_of(tx, case_id=case_id)
    return found


async def open_with(tx: Transaction, case: Case, report: tuple[UUID, int]) -> bool:
    """Open a case with its first report (id, version); False when its alias is in use."""
    done = await _sql.open_case(tx, **_columns(case), report_id=report[0], report_version=report[1])
    return bool(done)


async def save(tx: Transaction, case: Case, now: datetime) -> tuple[UUID, ...]:
    """Write what may change about a case; returns its reports in the order they joined it."""
    return tuple(await _sql.save_case(tx, **_columns(case), now=now))


async def join(tx: Transaction, case_id: UUID, report: tuple[UUID, int], now: datetime) -> None:
    """Put a report (id, version) into a case. Every report is in exactly one, for ever."""
    await _sql.join_report(tx, case_id=case_id, report_id=report[0], report_version=report[1], now=now)


async def reports(tx: Transaction, case_id: UUID) -> dict[UUID, int]:
    """The reports of a case, in the order they joined it, with the version last judged."""
    return {row["report_id"]: row["report_version"] async for row in _sql.find_reports_of_case(tx, case_id=case_id)}


async def factors(tx: Transaction, case_id: UUID) -> set[str]:
    """Everything that was ever found of a case, however surely."""
    return {row["factor"] async for row in _sql.find_factors(tx, case_id=case_id)}


async def keep_judgement(
    tx: Transaction, report: tuple[UUID, int], case_id: UUID, judged: tuple[Assessment, datetime]
) -> None:
    """Keep a judgement of a report (id, version), and when it was made."""
    assessment, at = judged
    said = assessment.model_dump(mode="json")
    await _sql.keep_judgement(
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
        ages_told=list(assessment.ages_told),
        assessed_at=at,
    )


async def rules(tx: Transaction, case_id: UUID) -> frozenset[str]:
    """The rules that ever fired in a case."""
    return frozenset([row["rule"] async for row in _sql.find_rules(tx, case_id=case_id)])


async def keep_sheet(tx: Transaction, case_id: UUID, sheet: bytes, now: datetime) -> None:
    """Keep the sealed sheet of facts of a case in place of the one before."""
    await _sql.keep_sheet(tx, case_id=case_id, sheet=sheet, now=now)


async def sheet(tx: Transaction, case_id: UUID) -> bytes | None:
    """The sealed sheet of facts of a case, if any."""
    sealed: bytes | None = await _sql.find_sheet(tx, case_id=case_id)
    return sealed


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


async def void_request(tx: Transaction, case_id: UUID, now: datetime) -> bool:
    """End the open request for a lower urgency, because it rests on what no longer holds; False without one."""
    done = await _sql.void_urgency_request(tx, case_id=case_id, now=now)
    return bool(done != "UPDATE 0")


async def without_step(tx: Transaction, late_since: datetime, called_since: datetime) -> list[str]:
    """Aliases of live cases that nothing and nobody will take further; at most twenty.

    A calling is a step once the notifier has told that it began; one made after `called_since` may still.
    """
    rows = _sql.find_cases_without_step(tx, late_since=late_since, called_since=called_since)
    return [row["alias"] async for row in rows]


def _columns(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _COLUMNS} | {
        "area_system": case.area.system,
        "area_edition": case.area.edition,
        "area_code": case.area.code,
    }
