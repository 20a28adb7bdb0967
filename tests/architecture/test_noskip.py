"""CI must not pass with a part left out."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT

PASSES = "def test_passes():\n    pass\n"
SKIPS = "import pytest\n\ndef test_skips():\n    pytest.skip('no broker')\n"


def test_a_skipped_test_fails_the_run(tmp_path: Path) -> None:
    assert ci(tmp_path, {"unit/test_a.py": PASSES}).returncode == 0
    skipped = ci(tmp_path, {"unit/test_a.py": PASSES, "unit/test_b.py": SKIPS})
    assert skipped.returncode == 1
    assert "NOT TESTED tests/unit/test_b.py::test_skips" in skipped.stdout


def test_a_module_that_skips_itself_fails_the_run(tmp_path: Path) -> None:
    itself = "import pytest\n\npytest.skip('no browser', allow_module_level=True)\n"
    assert ci(tmp_path, {"unit/test_a.py": PASSES, "browser/test_b.py": itself}).returncode == 1


def test_a_suite_without_tests_fails_the_run(tmp_path: Path) -> None:
    empty = ci(tmp_path, {"unit/test_a.py": PASSES, "acceptance/test_b.py": "words = 1\n"})
    assert empty.returncode == 1
    assert "NOT TESTED tests/acceptance" in empty.stdout


def ci(tree: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run pytest as CI does, over a small tree of its own."""
    for name, text in {**files, "noskip.py": (ROOT / "tests/noskip.py").read_text()}.items():
        (tree / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / "tests" / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "tests.noskip", "-p", "no:cacheprovider", "tests"]
    clean = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=tree, env=clean, capture_output=True, text=True, check=False)  # noqa: S603
