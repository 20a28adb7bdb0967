"""Making the folder of a PostgreSQL server, whole or not at all."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from infra.embedded.account import Account, opened, programs
from infra.embedded.errors import CannotStart, FolderDamaged

SUPERUSER = "hotline"
DATABASE = "hotline"

_INITDB = [
    "initdb",
    "--no-sync",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    f"--username={SUPERUSER}",
]


def is_made(folder: Path, password: Path) -> bool:
    """Whether a cluster stands there; FolderDamaged when it does without its superuser's password."""
    if folder.exists() and not password.exists():
        raise FolderDamaged(
            f"{folder} holds a database, but {password} is missing, without which nobody can sign in. "
            "Bring that file back from a backup; remove the whole folder only to begin empty."
        )
    return folder.exists()


async def make(folder: Path, password: Path, account: Account | None) -> None:
    """Make a cluster and a password for its superuser; CannotStart with PostgreSQL's words.

    It grows under another name, so that one half made is never taken for whole.
    """
    growing = folder.with_name(f"{folder.name}.growing")
    shutil.rmtree(growing, ignore_errors=True)
    growing.mkdir(mode=0o700)
    draw_password(password)
    _give((growing, password), account)
    await _grow(growing, password, account)
    _take_back(password, account)
    growing.rename(folder)


def draw_password(path: Path) -> None:
    """Write a new password where there is none yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        growing = path.with_name(f"{path.name}.growing")
        growing.unlink(missing_ok=True)
        growing.touch(mode=0o600)
        growing.write_text(secrets.token_urlsafe(32) + "\n")
        growing.replace(path)


def _give(paths: Sequence[Path], account: Account | None) -> None:
    for path in paths if account else ():
        os.chown(path, account.uid, account.gid)  # type: ignore[union-attr]


def _take_back(path: Path, account: Account | None) -> None:
    if account:
        os.chown(path, os.geteuid(), os.getegid())


async def _grow(growing: Path, password: Path, account: Account | None) -> None:
    with opened(account, growing, password) as ((folder, secret), descriptors):
        steps: list[tuple[list[str], str]] = [
            ([*_INITDB, "-D", folder, f"--pwfile={secret}"], ""),
            (["postgres", "--single", "-D", folder, "postgres"], f"create database {DATABASE};\n"),
            # One pass over the finished files costs 0.1 s; without it a power cut could still undo them.
            (["initdb", "--sync-only", "-D", folder], ""),
        ]
        for command, text in steps:
            await _run(command, text, account, descriptors)


async def _run(command: list[str], text: str, account: Account | None, descriptors: Sequence[int]) -> None:
    process = await asyncio.create_subprocess_exec(
        str(programs(account) / command[0]),
        *command[1:],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        pass_fds=tuple(descriptors),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        said, _ = await process.communicate(text.encode())
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0 or b"ERROR:" in said:
        last = "\n".join(said.decode("utf-8", "replace").splitlines()[-12:])
        raise CannotStart("PostgreSQL", f"could not be set up ({command[0]} failed)", last)
