"""The audit chain on a real database: insert only, one behind the other, and every break found."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from infra.audit import AuditBroken, AuditEntry, record, record_each, verify, verify_subject
from infra.postgres import Database
from infra.vault import Subject
from tests.conftest import NOON

DatabaseAs = Callable[[str | None], Awaitable[Database]]

CASE, OTHER_CASE = UUID(int=1), UUID(int=2)
REPORT = Subject("report", UUID(int=7))
LOOK = AuditEntry(
    at=NOON,
    actor="person 0199aa10-1234-7123-8123-123456789012",
    purpose="work the case",
    action="case opened",
    subject=Subject("case", CASE),
    case_id=CASE,
    shown=("narrative", "child.name"),
)


async def write(db: Database, *entries: AuditEntry) -> None:
    async with db.transaction() as tx:
        for entry in entries:
            await record(tx, entry)


async def verified(db: Database, case_id: UUID = CASE) -> int:
    async with db.transaction() as tx:
        return await verify(tx, case_id)


async def spoil(db: Database, statement: str, *values: object) -> None:
    """Change what is insert only, as only the owner of the table can."""
    async with db.transaction() as tx:
        await tx.execute("alter table infra.audit disable trigger audit_is_insert_only")
        await tx.execute(statement, *values)
        await tx.execute("alter table infra.audit enable trigger audit_is_insert_only")


async def ids(db: Database) -> list[UUID]:
    return [row["id"] for row in await db.pool.fetch("select id from infra.audit order by seq")]


async def test_entries_of_a_case_are_counted_once_they_are_proven(db: Database) -> None:
    assert await verified(db) == 0

    await write(db, LOOK, replace(LOOK, action="note added", shown=()), replace(LOOK, subject=REPORT))

    assert await verified(db) == 3


async def test_an_entry_is_kept_as_it_was_given(db: Database) -> None:
    await write(db, LOOK)

    row = await db.pool.fetchrow("select * from infra.audit")

    assert row is not None
    assert (row["at"], row["actor"], row["purpose"], row["action"]) == (NOON, LOOK.actor, LOOK.purpose, LOOK.action)
    assert (row["subject_kind"], row["subject_id"], row["case_id"]) == ("case", CASE, CASE)
    assert row["shown"] == ["narrative", "child.name"]


async def test_each_case_has_its_own_chain_and_so_has_a_subject_without_one(db: Database) -> None:
    alone = replace(LOOK, subject=REPORT, case_id=None)
    await write(db, LOOK, alone, replace(LOOK, case_id=OTHER_CASE), LOOK, alone)

    assert (await verified(db, CASE), await verified(db, OTHER_CASE)) == (2, 1)
    async with db.transaction() as tx:
        assert await verify_subject(tx, REPORT) == 2


async def test_many_writing_to_one_case_at_once_make_one_chain(db: Database) -> None:
    await asyncio.gather(*(write(db, replace(LOOK, at=NOON + timedelta(seconds=n)), LOOK) for n in range(20)))

    assert await verified(db) == 40


async def test_a_rolled_back_look_leaves_no_gap(db: Database) -> None:
    await write(db, LOOK)
    with suppress(ZeroDivisionError):
        async with db.transaction() as tx:
            await record(tx, LOOK)
            raise ZeroDivisionError
    await write(db, LOOK)

    assert await verified(db) == 2


@pytest.mark.parametrize("service", ["ingest", "triage", "notifier"])
async def test_each_service_adds_under_its_own_name(db_as: DatabaseAs, service: str) -> None:
    db = await db_as(service)
    await write(db, LOOK, LOOK)

    assert await verified(db) == 2
    assert await db.pool.fetchval("select distinct service from infra.audit") == service


@pytest.mark.parametrize(
    "statement", ["update infra.audit set actor = 'nobody'", "delete from infra.audit", "truncate infra.audit"]
)
async def test_nobody_changes_or_removes_an_entry(db: Database, db_as: DatabaseAs, statement: str) -> None:
    triage = await db_as("triage")
    await write(triage, LOOK)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await triage.pool.execute(statement)
    with pytest.raises(asyncpg.RaiseError, match="insert only"):
        await db.pool.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'",
        "at = at + interval '1 microsecond'",
        "purpose = ''",
        "action = 'nothing'",
        "service = 'notifier'",
        "subject_id = gen_random_uuid()",
        "subject_kind = 'person'",
        "shown = '[\"narrative\"]'",
        "previous_digest = null",
    ],
)
async def test_an_altered_entry_is_found_and_named(db: Database, change: str) -> None:
    await write(db, LOOK, LOOK, LOOK)
    altered = (await ids(db))[1]
    await spoil(db, f"update infra.audit set {change} where id = $1", altered)  # noqa: S608 - the test's own words

    with pytest.raises(AuditBroken, match=f"{altered} was altered"):
        await verified(db)


async def test_a_removed_entry_is_found_by_the_one_that_followed_it(db: Database) -> None:
    await write(db, LOOK, LOOK, LOOK)
    _, removed, following = await ids(db)
    await spoil(db, "delete from infra.audit where id = $1", removed)

    with pytest.raises(AuditBroken, match=f"{following} does not follow") as broken:
        await verified(db)
    assert broken.value.entry_id == following


async def test_an_entry_moved_to_another_case_is_found(db: Database) -> None:
    await write(db, LOOK, LOOK)
    await spoil(db, "update infra.audit set case_id = $1 where seq = (select max(seq) from infra.audit)", OTHER_CASE)

    with pytest.raises(AuditBroken):
        await verified(db, OTHER_CASE)


@pytest.mark.parametrize("shown", ["小美", "Mei Li", "+447700900123", "narrative: he hit her", ""])
def test_values_are_refused_where_names_of_fields_belong(shown: str) -> None:
    with pytest.raises(ValueError, match="never values") as refused:
        replace(LOOK, shown=("narrative", shown))

    assert "number [2]" in str(refused.value)


def test_an_instant_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(LOOK, at=datetime(2026, 3, 4, 12, 0))  # noqa: DTZ001 - what is refused here


def looks_at(*case_ids: UUID) -> list[AuditEntry]:
    return [replace(LOOK, subject=Subject("case", each), case_id=each) for each in case_ids]


async def test_one_look_at_several_cases_is_added_to_the_chain_of_each(db: Database) -> None:
    await write(db, LOOK)

    async with db.transaction() as tx:
        await record_each(tx, looks_at(OTHER_CASE, CASE))
        await record_each(tx, [])
    await write(db, *looks_at(OTHER_CASE))

    assert (await verified(db, CASE), await verified(db, OTHER_CASE)) == (2, 2)


async def test_several_looks_at_the_same_cases_at_once_wait_for_each_other(db: Database) -> None:
    cases = [UUID(int=each) for each in range(1, 21)]

    async def look(order: list[UUID]) -> None:
        async with db.transaction() as tx:
            await record_each(tx, looks_at(*order))

    await asyncio.gather(*(look(cases if at % 2 else cases[::-1]) for at in range(8)))

    assert [await verified(db, each) for each in cases] == [8] * 20


async def test_entries_added_together_are_each_of_a_case_of_its_own(db: Database) -> None:
    for entries in ([LOOK, LOOK], [LOOK, replace(LOOK, subject=REPORT, case_id=None)]):
        async with db.transaction() as tx:
            with pytest.raises(ValueError, match="each of a case of its own"):
                await record_each(tx, entries)

    assert await ids(db) == []
