"""The contracts of .importlinter, each broken once in a copy of the tree to show that it holds."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, python_files

LINT = Path(sys.executable).with_name("lint-imports")

VIOLATIONS = [
    # contract, module that breaks it, what it imports
    ("layers", "ingest.store", "ingest.handlers"),
    ("layers", "triage.domain.injected", "triage.store"),
    ("layers", "notifier.channels", "notifier.store"),
    ("layers", "triage.handlers", "triage.console"),
    ("layers", "ingest.injected", "ingest.domain"),
    ("services", "ingest.handlers", "triage.domain"),
    ("domain", "triage.domain.injected", "infra"),
    ("domain", "notifier.domain.injected", "asyncpg"),
    ("domain", "ingest.domain.injected", "os"),
    ("schemas", "schemas.injected", "starlette"),
    ("schemas", "schemas.injected", "infra"),
    ("infra", "infra.injected", "ingest"),
    ("kafka", "triage.handlers", "aiokafka"),
    ("twilio", "notifier.channels", "twilio.rest"),
    ("emulators", "notifier.channels", "infra.emulators.twilio"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the source tree that may be spoilt."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.sql"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    (tmp_path / "tests" / "architecture").mkdir(parents=True)
    shutil.copy(ROOT / "tests/architecture/contracts.py", tmp_path / "tests/architecture")
    return tmp_path


@pytest.mark.parametrize(("contract", "importer", "imported"), VIOLATIONS)
def test_a_forbidden_import_breaks_its_contract(copy: Path, contract: str, importer: str, imported: str) -> None:
    if imported.partition(".")[0] in PACKAGES:
        source_file(copy, imported)
    with source_file(copy, importer).open("a") as source:
        source.write(f"\nimport {imported}\n")

    linted = lint(copy, contract)

    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert "1 broken" in linted.stdout, linted.stdout + linted.stderr
    assert importer in linted.stdout


def test_no_module_hides_from_the_contracts() -> None:
    sources = {path for path, _ in python_files(*PACKAGES)}
    assert not hidden(sources), f"add an __init__.py, else no contract sees these folders: {hidden(sources)}"


def test_a_folder_that_hides_is_found() -> None:
    assert hidden({Path("ingest/web/pages.py"), Path("ingest/__init__.py")}) == ["ingest/web"]


def hidden(sources: set[Path]) -> list[str]:
    """Return the folders of modules that are no package, which import-linter passes over."""
    return sorted({str(path.parent) for path in sources if path.parent / "__init__.py" not in sources})


def lint(tree: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Check one contract in a tree."""
    command = [str(LINT), "--no-cache", "--no-logo", "--contract", contract]
    return subprocess.run(  # noqa: S603 (our own linter)
        command, cwd=tree, capture_output=True, text=True, check=False
    )


def source_file(tree: Path, module: str) -> Path:
    """Return the file of a module, after making it, and the packages around it, where it is missing."""
    path = tree.joinpath(*module.split("."))
    for package in reversed(path.relative_to(tree).parents[:-1]):
        (tree / package).mkdir(exist_ok=True)
        (tree / package / "__init__.py").touch()
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    source.touch()
    return source
