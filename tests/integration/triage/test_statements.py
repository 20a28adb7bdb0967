"""Every named statement is one that PostgreSQL understands, with the rights that triage has."""

from pathlib import Path

import pytest

from infra.postgres import queries
from tests.conftest import DatabaseAs

STORE = Path(__file__).parents[3] / "triage" / "store"


@pytest.mark.parametrize("file", sorted(STORE.glob("*.sql")), ids=lambda file: file.stem)
async def test_statements_can_be_prepared(file: Path, db_as: DatabaseAs) -> None:
    db = await db_as("triage")
    sql = queries(file)
    async with db.pool.acquire() as connection:
        for name in sql.available_queries:
            if not name.endswith("_cursor"):
                await connection.prepare(getattr(sql, name).sql)
                await connection.execute(f"explain (generic_plan) {getattr(sql, name).sql}")
