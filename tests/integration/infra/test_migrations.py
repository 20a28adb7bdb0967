"""The schema in the repository is the one the migrations make."""

from pathlib import Path

from infra.postgres.migrate import SCHEMA, migrate, pending


async def test_the_dumped_schema_is_what_the_migrations_make(database_url: str, tmp_path: Path) -> None:
    dump = tmp_path / "schema.sql"
    await migrate(database_url, dump)
    assert dump.read_text("utf-8") == SCHEMA.read_text("utf-8"), "run: hotline migrate --dump-schema"


async def test_nothing_is_pending_after_a_migration(database_url: str) -> None:
    assert await pending(database_url) == []
