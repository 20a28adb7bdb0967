"""`hotline vault`: change the master key, prove recovery, or make keys.

To change the master key: put a new one in front of the ring, restart every process, then `rotate`.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TextIO

import asyncpg

from infra import settings
from infra.clock import Clock
from infra.postgres import Connection, connect
from infra.vault import recovery
from infra.vault.errors import RecoveryKeyInvalid, VaultError
from infra.vault.ring import MasterKey
from infra.vault.rotation import Outcome, prove_recovery, recover_all, rotate
from infra.vault.vault import Vault

DONE, INCOMPLETE, REFUSED = 0, 1, 2

Work = Callable[[Connection, Vault], Awaitable[int]]


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 not all of it, 2 refused; says which and why."""
    asked = parser().parse_args(arguments)
    try:
        if asked.command == "make-keys":
            return make_keys(asked.id, asked.private_key)
        return asyncio.run(with_vault(rotation() if asked.command == "rotate" else recovering(asked)))
    except (VaultError, settings.SettingsError) as error:
        say(f"refused: {error}", sys.stderr)
    except (OSError, asyncpg.PostgresError) as error:
        say(f"the database cannot be used: {error}", sys.stderr)
    return REFUSED


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(prog="hotline vault", description="Keys under which values are sealed.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("rotate", help="wrap every data key by the first master key of HOTLINE_VAULT_KEYS")
    recover = commands.add_parser("recover", help="prove that the offline key opens what is sealed, or recover by it")
    recover.add_argument("--private-key", type=Path, required=True, metavar="FILE", help="the offline private key")
    recover.add_argument("--all", action="store_true", help="recover every data key, not only prove it on a sample")
    recover.add_argument("--to-key", metavar="ID", help="with --all: the key of HOTLINE_VAULT_KEYS to wrap them by")
    make = commands.add_parser("make-keys", help="make a master key and an offline recovery key")
    make.add_argument("--id", required=True, help="id of the new master key, such as the month: 2026-11")
    make.add_argument("--private-key", type=Path, required=True, metavar="FILE", help="new file for the offline key")
    return parser


def make_keys(id: str, file: Path) -> int:
    """Print a master key and a public recovery key as settings; write the private one to a new file."""
    master, private = MasterKey.new(id), recovery.new_recovery_key()
    try:
        file.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise RecoveryKeyInvalid(f"{file} cannot be made: {error.strerror}") from None
    file.write_text(recovery.private_text(private))
    say(f"{settings.variable('vault_keys')}={master.entry()}")
    say(f"{settings.variable('vault_recovery_key')}={recovery.public_text(private.public_key())}")
    say(f"Take {file} off this machine now: two copies, two places, two people.", sys.stderr)
    return DONE


async def with_vault(work: Work) -> int:
    """Run work on a connection of its own."""
    given = settings.load()
    vault = Vault.from_settings(given)
    connection = await connect(given.direct_url)
    try:
        return await work(connection, vault)
    finally:
        await connection.close()


def rotation() -> Work:
    """Wrap every data key by the current master key."""

    async def work(connection: Connection, vault: Vault) -> int:
        outcome = await rotate(connection, vault, say)
        if outcome.is_complete:
            say("Keep older keys in the ring, last, while rows with search tokens made under them live.")
        return told(outcome, f"wrapped by {vault.ring.current.id}")

    return work


def recovering(asked: argparse.Namespace) -> Work:
    """Prove recovery on a sample or, with --all, wrap every data key by the key that is named."""
    private = recovery.load_private(asked.private_key)
    if asked.all != bool(asked.to_key):
        raise RecoveryKeyInvalid("--all needs --to-key ID, a key of HOTLINE_VAULT_KEYS, and --to-key needs --all")

    async def work(connection: Connection, vault: Vault) -> int:
        proven = await prove_recovery(connection, private, Clock().now())
        say(f"recovery is proven: {proven} data keys and the canary open with the offline key")
        if not asked.all:
            return DONE
        to = vault.ring.find(asked.to_key)
        return told(await recover_all(connection, vault, private, to, say), f"recovered and wrapped by {to.id}")

    return work


def told(outcome: Outcome, what: str) -> int:
    """Say how it went; the exit code."""
    say(f"{outcome.done} data keys {what}")
    for broken in outcome.broken:
        say(f"could not be opened: {broken}", sys.stderr)
    if outcome.left > len(outcome.broken):
        say(f"{outcome.left} are left, made meanwhile under another key: restart every process, run this again")
    return DONE if outcome.is_complete else INCOMPLETE


def say(text: str, where: TextIO | None = None) -> None:
    """Print a line."""
    print(text, file=where or sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
