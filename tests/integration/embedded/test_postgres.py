import socket
import stat
from pathlib import Path

import asyncpg
import psutil
import pytest

from infra.embedded.errors import FolderDamaged, FolderInUse, PortTaken
from infra.embedded.ports import free_ports
from infra.embedded.postgres import EmbeddedPostgres


async def execute(server: EmbeddedPostgres, sql: str) -> None:
    connection = await asyncpg.connect(server.dsn())
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def value(server: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_starts_from_nothing_with_durable_settings(postgres: EmbeddedPostgres) -> None:
    await postgres.start()
    assert str(await value(postgres, "select version()")).startswith("PostgreSQL 18")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await value(postgres, f"show {name}") == "on"
    assert await value(postgres, "show timezone") == "UTC"


async def test_lets_nobody_in_without_the_password(postgres: EmbeddedPostgres) -> None:
    await postgres.start()
    password = postgres.directory / "password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.dsn().replace(password.read_text().strip(), "guessed"))


async def test_keeps_rows_over_a_second_start(postgres: EmbeddedPostgres) -> None:
    await postgres.start()
    await execute(postgres, "create table t (n int); insert into t values (7)")
    await postgres.restart()
    assert await value(postgres, "select n from t") == 7


async def test_keeps_acknowledged_rows_over_a_kill(postgres: EmbeddedPostgres) -> None:
    await postgres.start()
    await execute(postgres, "create table t (n int)")
    connection = await asyncpg.connect(postgres.dsn())
    for n in range(100):
        await connection.execute("insert into t values ($1)", n)
    await postgres.kill()
    connection.terminate()
    await postgres.start()
    assert await value(postgres, "select count(*) from t") == 100


async def test_makes_a_half_made_folder_anew(postgres: EmbeddedPostgres) -> None:
    growing = postgres.directory / "cluster.growing"
    growing.mkdir(parents=True)
    (growing / "PG_VERSION").write_text("18\n")
    await postgres.start()
    assert await value(postgres, "select 1") == 1
    assert not growing.exists()


async def test_says_that_the_password_file_is_missing(postgres: EmbeddedPostgres) -> None:
    (postgres.directory / "cluster").mkdir(parents=True)
    with pytest.raises(FolderDamaged, match="password is missing"):
        await postgres.start()


async def test_says_that_the_port_is_taken(postgres: EmbeddedPostgres) -> None:
    sentence = f"Port {postgres.port} on 127.0.0.1, wanted by PostgreSQL"
    with socket.create_server(("127.0.0.1", postgres.port)), pytest.raises(PortTaken, match=sentence):
        await postgres.start()
    await postgres.start()


async def test_refuses_a_second_server_on_the_folder(postgres: EmbeddedPostgres) -> None:
    await postgres.start()
    second = EmbeddedPostgres(postgres.directory, free_ports(1)[0])
    with pytest.raises(FolderInUse, match=r"is in use by process \d+\. Stop that process"):
        await second.start()
    assert await value(postgres, "select 1") == 1


async def test_takes_over_from_a_starter_that_was_killed(postgres: EmbeddedPostgres) -> None:
    await postgres.start()
    orphan = postgres.pid
    assert orphan is not None
    postgres._lock.release()
    heir = EmbeddedPostgres(postgres.directory, free_ports(1)[0])
    await heir.start()
    assert heir.pid != orphan
    assert not psutil.pid_exists(orphan)
    await heir.stop()


async def test_is_not_misled_by_a_pid_file_naming_another_process(postgres: EmbeddedPostgres) -> None:
    await postgres.start()
    await postgres.kill()
    pid_file = postgres.directory / "cluster" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join(["1", *lines[1:]]))
    await postgres.start()
    assert await value(postgres, "select 1") == 1


async def test_writes_no_values_to_its_log(postgres: EmbeddedPostgres) -> None:
    await postgres.start()
    await execute(postgres, "create table t (name text primary key)")
    for _ in range(2):
        try:
            await execute(postgres, "insert into t values ('Invented Person')")
        except asyncpg.UniqueViolationError:
            break
    assert "duplicate key" in postgres.log.read_text()
    assert "Invented Person" not in postgres.log.read_text()


async def test_runs_in_a_folder_with_a_long_path(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("deep" * 40), free_ports(1)[0])
    await server.start()
    assert await value(server, "select 1") == 1
    await server.stop()
