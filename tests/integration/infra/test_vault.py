"""Sealing on a real database: who makes the key, what a rollback undoes, rotation, recovery, the canary."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from infra.postgres import Database
from infra.vault import (
    KeyRing,
    MasterKey,
    NoSuchKey,
    RecoveryKeyInvalid,
    SealBroken,
    Subject,
    UnknownMasterKey,
    Vault,
    VaultMismatch,
    recovery,
)
from infra.vault.__main__ import main
from infra.vault.rotation import prove_recovery, recover_all, rotate
from tests.conftest import NOON

DatabaseAs = Callable[[str | None], Awaitable[Database]]

REPORT = Subject("report", UUID(int=1))
OFFLINE = X25519PrivateKey.from_private_bytes(b"p" * 32)
OLD, NEW = MasterKey("2026-10", b"o" * 32), MasterKey("2026-11", b"n" * 32)


def vault_with(*keys: MasterKey, offline: X25519PrivateKey = OFFLINE) -> Vault:
    return Vault(KeyRing(keys), offline.public_key())


async def seal(db: Database, vault: Vault, subject: Subject = REPORT, value: str = "小美") -> bytes:
    async with db.transaction() as tx:
        return await vault.seal(tx, subject, "name", value)


async def opened(db: Database, vault: Vault, sealed: bytes, subject: Subject = REPORT) -> str:
    async with db.transaction() as tx:
        return await vault.open_text(tx, subject, "name", sealed)


async def test_what_one_process_sealed_another_opens(db: Database) -> None:
    sealed = await seal(db, vault_with(OLD))

    assert await opened(db, vault_with(OLD), sealed) == "小美"


async def test_several_fields_are_sealed_at_once_and_each_opens_as_itself(db: Database) -> None:
    vault = vault_with(OLD)
    async with db.transaction() as tx:
        sealed = await vault.seal_all(tx, REPORT, {"name": "小美", "file": b"\xff\x00"})
        assert await vault.open(tx, REPORT, "file", sealed["file"]) == b"\xff\x00"
        with pytest.raises(SealBroken):
            await vault.open(tx, REPORT, "file", sealed["name"])
        with pytest.raises(SealBroken, match="is not text"):
            await vault.open_text(tx, REPORT, "file", sealed["file"])


async def test_a_subject_has_one_data_key_however_often_it_is_sealed_for(db: Database) -> None:
    for vault in (vault_with(OLD), vault_with(OLD)):
        await seal(db, vault)
        await seal(db, vault, value="again")

    assert await db.pool.fetchval("select count(*) from infra.vault_keys") == 1


async def test_a_value_of_another_subject_does_not_open(db: Database) -> None:
    other = Subject("report", UUID(int=2))
    vault = vault_with(OLD)
    sealed = await seal(db, vault)
    await seal(db, vault, other)

    with pytest.raises(SealBroken):
        await opened(db, vault, sealed, other)
    with pytest.raises(NoSuchKey):
        await opened(db, vault, sealed, Subject("person", UUID(int=1)))


async def test_two_transactions_sealing_for_a_new_subject_at_once_agree_on_its_key(db: Database) -> None:
    here, there = vault_with(OLD), vault_with(OLD)
    async with db.transaction() as tx:
        first = await here.seal(tx, REPORT, "name", "first")
        waiting = asyncio.create_task(seal(db, there, value="second"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.2)

    second = await waiting

    assert [await opened(db, vault_with(OLD), each) for each in (first, second)] == ["first", "second"]


async def test_many_sealing_at_once_in_one_process_agree(db: Database) -> None:
    vault = vault_with(OLD)
    subjects = [Subject("report", UUID(int=number % 3)) for number in range(24)]

    sealed = await asyncio.gather(*(seal(db, vault, subject) for subject in subjects))

    fresh = vault_with(OLD)
    for subject, each in zip(subjects, sealed, strict=True):
        assert await opened(db, fresh, each, subject) == "小美"


async def test_a_key_that_was_rolled_back_never_seals_again(db: Database) -> None:
    vault = vault_with(OLD)
    with suppress(ZeroDivisionError):
        async with db.transaction() as tx:
            lost = await vault.seal(tx, REPORT, "name", "rolled back")
            await vault.open(tx, REPORT, "name", lost)
            raise ZeroDivisionError

    sealed = await seal(db, vault)

    assert await opened(db, vault_with(OLD), sealed) == "小美"
    with pytest.raises(SealBroken):
        await opened(db, vault, lost)


async def test_a_key_of_a_savepoint_that_was_rolled_back_never_seals_again(db: Database) -> None:
    vault = vault_with(OLD)
    async with db.transaction() as tx:
        with suppress(ZeroDivisionError):
            async with tx.savepoint():
                await vault.seal(tx, REPORT, "name", "rolled back")
                await vault.seal(tx, REPORT, "name", "rolled back too")
                raise ZeroDivisionError
        sealed = await vault.seal(tx, REPORT, "name", "小美")

    assert await opened(db, vault_with(OLD), sealed) == "小美"


async def test_a_committed_key_is_kept_open_and_seals_without_the_database(db: Database) -> None:
    vault = vault_with(OLD)
    await seal(db, vault)
    sealed = await seal(db, vault)
    await db.pool.execute("truncate infra.vault_keys")

    assert await opened(db, vault, await seal(db, vault)) == await opened(db, vault, sealed) == "小美"


async def test_the_canary_is_sealed_at_the_first_start_and_opens_at_the_next(db: Database) -> None:
    for vault in (vault_with(OLD), vault_with(OLD), vault_with(NEW, OLD)):
        async with db.transaction() as tx:
            await vault.check(tx, NOON)

    assert await db.pool.fetchval("select count(*) from infra.vault_state") == 1


async def test_three_services_starting_at_once_on_an_empty_database_agree(db: Database) -> None:
    async def start() -> None:
        async with db.transaction() as tx:
            await vault_with(OLD).check(tx, NOON)

    await asyncio.gather(start(), start(), start())
    await start()


@pytest.mark.parametrize(
    ("ring", "reason"),
    [
        (vault_with(NEW), "HOTLINE_VAULT_KEYS lacks 2026-10"),
        (vault_with(MasterKey("2026-10", b"x" * 32)), "does not open this database"),
    ],
)
async def test_start_is_refused_with_another_ring(db: Database, ring: Vault, reason: str) -> None:
    async with db.transaction() as tx:
        await vault_with(OLD).check(tx, NOON)

    with pytest.raises(VaultMismatch, match=reason):
        async with db.transaction() as tx:
            await ring.check(tx, NOON)


async def test_start_is_refused_while_a_single_key_still_needs_a_master_key_that_is_gone(db: Database) -> None:
    async with db.transaction() as tx:
        await vault_with(NEW).check(tx, NOON)
    await seal(db, vault_with(OLD))

    with pytest.raises(VaultMismatch, match="2026-10"):
        async with db.transaction() as tx:
            await vault_with(NEW).check(tx, NOON)


@pytest.mark.parametrize("service", ["ingest", "triage", "notifier"])
async def test_each_service_may_check_seal_and_open(db_as: DatabaseAs, service: str) -> None:
    db, vault = await db_as(service), vault_with(OLD)
    async with db.transaction() as tx:
        await vault.check(tx, NOON)

    assert await opened(db, vault_with(OLD), await seal(db, vault)) == "小美"


async def test_after_a_rotation_the_new_key_alone_opens_what_the_old_one_wrapped(
    db: Database,
) -> None:
    subjects = [Subject("report", UUID(int=number)) for number in range(7)]
    sealed = [await seal(db, vault_with(OLD), subject) for subject in subjects]
    said: list[str] = []

    async with db.pool.acquire() as plain:
        outcome = await rotate(plain, vault_with(NEW, OLD), said.append, batch=3)

    assert (outcome.done, outcome.is_complete) == (7, True)
    assert said == ["3 of 7 data keys", "6 of 7 data keys", "7 of 7 data keys"]
    for subject, each in zip(subjects, sealed, strict=True):
        assert await opened(db, vault_with(NEW), each, subject) == "小美"
    with pytest.raises(UnknownMasterKey):
        await opened(db, vault_with(OLD), sealed[0], subjects[0])


async def test_a_rotation_that_was_cut_short_goes_on_where_it_stopped(db: Database) -> None:
    for number in range(7):
        await seal(db, vault_with(OLD), Subject("report", UUID(int=number)))

    def stop(_progress: str) -> None:
        raise KeyboardInterrupt

    async with db.pool.acquire() as plain:
        with pytest.raises(KeyboardInterrupt):
            await rotate(plain, vault_with(NEW, OLD), stop, batch=3)
        outcome = await rotate(plain, vault_with(NEW, OLD), lambda _progress: None, batch=3)

    assert (outcome.done, outcome.is_complete) == (4, True)


async def test_a_rotation_names_what_it_cannot_open_and_wraps_the_rest(db: Database) -> None:
    for number in range(3):
        await seal(db, vault_with(OLD), Subject("report", UUID(int=number)))
    await db.pool.execute("update infra.vault_keys set wrapped = '\\x01' where subject_id = $1", UUID(int=1))

    async with db.pool.acquire() as plain:
        outcome = await rotate(plain, vault_with(NEW, OLD), lambda _progress: None)

    assert (outcome.done, outcome.left, outcome.is_complete) == (2, 1, False)
    assert outcome.broken == [f"the data key of report {UUID(int=1)} has an unknown format"]


async def test_a_new_recovery_key_gets_every_data_key_by_rotation(db: Database) -> None:
    successor = X25519PrivateKey.generate()
    async with db.transaction() as tx:
        await vault_with(OLD).check(tx, NOON)

    async with db.pool.acquire() as plain:
        with pytest.raises(RecoveryKeyInvalid, match="another recovery key"):
            await prove_recovery(plain, successor, NOON)
        await rotate(plain, vault_with(OLD, offline=successor), lambda _progress: None)
        assert await prove_recovery(plain, successor, NOON) == 1


async def test_recovery_that_was_proven_is_on_record_for_the_key_it_was_proven_with(db: Database) -> None:
    vault = vault_with(OLD)
    async with db.transaction() as tx:
        await vault.check(tx, NOON)
        assert await vault.recovery_proven_at(tx) is None
    await seal(db, vault)

    async with db.pool.acquire() as plain:
        assert await prove_recovery(plain, OFFLINE, NOON) == 2

    async with db.transaction() as tx:
        assert await vault.recovery_proven_at(tx) == NOON
        assert await vault_with(OLD, offline=X25519PrivateKey.generate()).recovery_proven_at(tx) is None


async def test_a_recovery_copy_that_does_not_open_proves_nothing(db: Database) -> None:
    vault = vault_with(OLD)
    async with db.transaction() as tx:
        await vault.check(tx, NOON)
    await db.pool.execute("update infra.vault_keys set recovery_wrapped = recovery_wrapped || '\\x00'")

    async with db.pool.acquire() as plain:
        with pytest.raises(SealBroken):
            await prove_recovery(plain, OFFLINE, NOON)

    async with db.transaction() as tx:
        assert await vault.recovery_proven_at(tx) is None


async def test_with_the_ring_lost_the_offline_key_brings_everything_under_a_new_one(db: Database) -> None:
    async with db.transaction() as tx:
        await vault_with(OLD).check(tx, NOON)
    sealed = await seal(db, vault_with(OLD))

    async with db.pool.acquire() as plain:
        outcome = await recover_all(plain, vault_with(NEW), OFFLINE, NEW, lambda _progress: None)

    assert (outcome.done, outcome.is_complete) == (2, True)
    assert await opened(db, vault_with(NEW), sealed) == "小美"
    async with db.transaction() as tx:
        await vault_with(NEW).check(tx, NOON)


async def test_the_commands_rotate_and_recover(
    db: Database,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with db.transaction() as tx:
        await vault_with(OLD).check(tx, NOON)
    offline = tmp_path / "offline"
    offline.write_text(recovery.private_text(OFFLINE))
    for name, value in {
        "ENV": "test",
        "DATABASE_URL": database_url,
        "VAULT_KEYS": f"{NEW.entry()},{OLD.entry()}",
        "VAULT_RECOVERY_KEY": recovery.public_text(OFFLINE.public_key()),
    }.items():
        monkeypatch.setenv(f"HOTLINE_{name}", value)

    async def run(*arguments: str) -> int:
        return await asyncio.to_thread(main, list(arguments))

    assert await run("rotate") == 0
    assert await run("recover", "--private-key", str(offline)) == 0
    assert await run("recover", "--private-key", str(offline), "--all", "--to-key", "2026-10") == 0
    assert await run("recover", "--private-key", str(offline), "--all") == 2
    assert await run("recover", "--private-key", str(offline), "--all", "--to-key", "2025") == 2

    printed = capsys.readouterr()
    assert "1 data keys wrapped by 2026-11" in printed.out
    assert "recovery is proven: 1 data keys and the canary" in printed.out
    assert "1 data keys recovered and wrapped by 2026-10" in printed.out
    assert "refused: --all needs --to-key ID" in printed.err
    assert "refused: master key 2025 is not in the ring" in printed.err


async def test_a_first_key_that_was_never_kept_is_not_sealed_under_again(db: Database) -> None:
    vault = vault_with(OLD)
    _, lost = vault.seal_first(REPORT, {"name": "its statement failed"})
    sealed = await seal(db, vault)

    assert sealed[:9] != lost["name"][:9]
    assert await opened(db, vault_with(OLD), sealed) == "小美"
