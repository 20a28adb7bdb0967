"""What the desk could read in the database of a case: its urgency and reasons, the calling, who took it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from infra.ids import code_digits
from infra.postgres import Database, Pool, queries
from infra.settings import Settings
from infra.vault import Subject, Vault
from schemas.report import Facts

PERIOD_SECONDS = 0.01
_sql = queries(Path(__file__).with_suffix(".sql"))

Found = TypeVar("Found")


class NothingFound(AssertionError):
    """What was waited for did not appear in the database in time."""


async def until(look: Callable[[], Awaitable[Found | None]], what: str, within: float = 10.0) -> Found:
    """What `look` finds, as soon as it finds something that is true. Raises NothingFound."""
    try:
        async with asyncio.timeout(within):
            while True:
                if found := await look():
                    return found
                await asyncio.sleep(PERIOD_SECONDS)
    except TimeoutError:
        raise NothingFound(f"{what}: not within {within:.0f} s") from None


class Records:
    """Reads as the database's owner; for demonstration and tests alone."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self.pool = pool
        self._db = Database(pool)
        self._vault = Vault.from_settings(settings)

    async def report_of_code(self, code: str) -> UUID | None:
        """The report of sixteen digits."""
        tokens = list(self._vault.tokens("code", code_digits(code)))
        return await self._id(_sql.find_report_by_code, tokens=tokens)

    async def report_of_sid(self, sid: str) -> UUID | None:
        """The report that a text or call of this id belongs to."""
        return await self._id(_sql.find_report_by_sid, sid=sid)

    async def is_known_phone(self, number: str) -> bool:
        """Whether a number has written or rung before."""
        async with self._db.transaction() as tx:
            found = await _sql.find_contact_of_phone(tx, tokens=list(self._vault.tokens("phone", number)))
        return found is not None

    async def case(self, report_id: UUID) -> Any:
        """The case of a report, None while there is none."""
        async with self._db.transaction() as tx:
            return await _sql.find_case(tx, report_id=report_id)

    async def opened(self, report_id: UUID, within: float = 10.0) -> Any:
        """The case of a report, once there is one."""
        return await until(lambda: self.case(report_id), "a case for the report", within)

    async def taken(self, report_id: UUID, within: float = 10.0) -> Any:
        """The case of a report, once somebody has taken it."""

        async def look() -> Any:
            case = await self.case(report_id)
            return case if case is not None and case["taken_by"] is not None else None

        return await until(look, "somebody who has taken the case", within)

    async def calling(self, case_id: UUID, purpose: str = "respond") -> list[Any]:
        """Every escalation of a case for a purpose, oldest first."""
        async with self._db.transaction() as tx:
            rows = [row async for row in _sql.find_escalations(tx, subject_id=case_id)]
        return [row for row in rows if row["purpose"] == purpose]

    async def happened(self, case_id: UUID) -> list[Any]:
        """The timeline of a case."""
        async with self._db.transaction() as tx:
            return [row async for row in _sql.find_happened(tx, case_id=case_id)]

    async def name(self, person_id: UUID) -> str:
        """A person's name."""
        async with self._db.transaction() as tx:
            row = await _sql.find_person(tx, person_id=person_id)
            return await self._vault.open_text(tx, Subject("person", person_id), "name", row["name"])

    async def reasons(self, report_id: UUID) -> list[str]:
        """The rules that fired, each with the words or the answer it rests on."""
        async with self._db.transaction() as tx:
            judged = await _sql.find_reasons(tx, report_id=report_id)
            words = await self._words(tx, report_id)
        found: dict[str, list[str]] = {}
        for reason in judged["reasons"] if judged else []:
            if reason["rule"] is not None:
                found.setdefault(reason["rule"], []).append(_rests_on(reason, words))
        return [f"{rule}: {', '.join(dict.fromkeys(rests))}" for rule, rests in found.items()]

    async def _words(self, tx: Any, report_id: UUID) -> dict[str, str]:
        words = {}
        async for row in _sql.find_told(tx, report_id=report_id):
            sealed = await self._vault.open_text(tx, Subject("report", report_id), "facts", row["facts"])
            words[str(row["id"])] = Facts.model_validate_json(sealed).narrative
        return words

    async def _id(self, find: Any, **wanted: Any) -> UUID | None:
        async with self._db.transaction() as tx:
            row = await find(tx, **wanted)
        return row["report_id"] if row else None


def _rests_on(reason: Any, words: dict[str, str]) -> str:
    if reason["answer"] is not None:
        return f"answer {reason['answer']['question']} = {reason['answer']['value']}"
    span = reason["span"]
    if span is None:
        return str(reason["factor"])
    text = words.get(span["piece"], "")
    return f"“{text[span['start'] : span['end']]}”"
