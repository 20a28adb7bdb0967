"""What the desk was told when it asked the danger questions: kept beside the reports, never changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from infra.ids import new_id
from infra.postgres import Connection, Transaction, queries
from schemas.report import Answers
from schemas.terms import Answer
from triage.domain.asking import Asked, AskedOf, by_person, steps_told
from triage.domain.assessment import AnswerGiven

_sql = queries(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class DeskAnswer:
    """One answer as it was recorded at the desk: by whom, and when; `value` is a word of its question."""

    question: str
    value: str
    asked_of: AskedOf
    asked_at: datetime
    recorded_by: UUID
    recorded_at: datetime


async def add(tx: Transaction, case_id: UUID, asked: Asked, recorded_by: UUID, now: datetime) -> None:
    """Keep what somebody answered."""
    given = asked.given()
    await _sql.add_desk_answers(
        tx,
        case_id=case_id,
        answer_ids=[new_id() for _ in given],
        questions=list(given),
        values=[str(each) for each in given.values()],
        asked_of=asked.asked_of,
        asked_at=asked.asked_at,
        recorded_by=recorded_by,
        now=now,
    )


async def add_steps(
    tx: Transaction, case_id: UUID, asked: Asked, seen: tuple[str, int], by: tuple[UUID, datetime]
) -> None:
    """Keep what somebody answered to questions of trees: the pack and version of the case seen, by whom, when."""
    await _sql.add_step_answers(
        tx,
        case_id=case_id,
        answer_ids=[new_id() for _ in asked.steps],
        rules=list(asked.steps),
        values=[each.value for each in asked.steps.values()],
        asked_of=asked.asked_of,
        asked_at=asked.asked_at,
        pack=seen[0],
        case_version=seen[1],
        recorded_by=by[0],
        now=by[1],
    )


async def steps(tx: Transaction | Connection, case_id: UUID) -> tuple[AnswerGiven, ...]:
    """What is now known of a case by asking the questions of trees."""
    rows = [row async for row in _sql.find_step_answers(tx, case_id=case_id)]
    return steps_told(
        Asked(AskedOf(row["asked_of"]), row["asked_at"], Answers(), {row["rule"]: Answer(row["value"])})
        for row in rows
    )


async def of_case(tx: Transaction | Connection, case_id: UUID) -> list[DeskAnswer]:
    """Every answer recorded for a case, in the order they were asked for."""
    return [
        DeskAnswer(**(dict(row) | {"asked_of": AskedOf(row["asked_of"])}))
        async for row in _sql.find_desk_answers(tx, case_id=case_id)
    ]


async def told(tx: Transaction | Connection, case_id: UUID) -> tuple[Answers, ...]:
    """For everybody whom the desk has asked about a case what they now say."""
    return answered(await of_case(tx, case_id))


def answered(recorded: Collection[DeskAnswer]) -> tuple[Answers, ...]:
    """The same from what is recorded."""
    return by_person(
        Asked(each.asked_of, each.asked_at, Answers.model_validate({each.question: each.value})) for each in recorded
    )
