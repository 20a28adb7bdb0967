import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded import account
from infra.embedded.errors import NoAccount

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def somebody(tmp_path: Path) -> account.Account:
    """Another account when we are root, else ourselves."""
    return account.account_for(tmp_path / "none") or account.Account("we", os.geteuid(), os.getegid())


@pytest.fixture
def open_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """PostgreSQL's programs below a folder that only root may enter."""
    package = account.packaged_programs().parents[1]
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), tmp_path / name)
    tmp_path.chmod(0o700)
    hidden = tmp_path / package.name / "pginstall" / "bin"
    monkeypatch.setattr(account, "packaged_programs", lambda: hidden)
    if not IS_ROOT:  # Nobody else can try for us whether programs are in reach.
        monkeypatch.setattr(account, "_runs", lambda folder, _account: folder != hidden)
    yield hidden
    shutil.rmtree(tmp_path)


def test_runs_a_copy_of_programs_that_only_root_can_reach(
    unreachable: Path, somebody: account.Account, open_folder: Path
) -> None:
    copy = account.programs(somebody, [open_folder])
    assert open_folder in copy.parents
    user = somebody.uid if IS_ROOT else None
    done = subprocess.run([copy / "initdb", "--version"], user=user, capture_output=True, check=True)  # noqa: S603
    assert b"initdb (PostgreSQL) 18" in done.stdout
    assert account.programs(somebody, [open_folder]) == copy
    assert unreachable.exists()


def test_trusts_no_copy_that_others_could_have_written(
    unreachable: Path, somebody: account.Account, open_folder: Path
) -> None:
    copy = account.programs(somebody, [open_folder])
    (open_folder / copy.relative_to(open_folder).parts[0]).chmod(0o777)
    with pytest.raises(NoAccount, match="Move the project to a folder every account may enter"):
        account.programs(somebody, [open_folder])
    assert unreachable.exists()


def test_only_root_needs_another_account_and_the_owner_of_a_folder_goes_on_owning_it(tmp_path: Path) -> None:
    if IS_ROOT:
        os.chown(tmp_path, 65534, 65534)
    found = account.account_for(tmp_path)
    assert (found.uid if found else None) == (65534 if IS_ROOT else None)
