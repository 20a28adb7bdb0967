"""A pytest plugin for CI: a test that was skipped, or a suite that ran nothing, fails the run.

Enabled by `-p tests.noskip`. A skip is how a missing broker or browser would go unnoticed.
"""

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent


class Untested:
    """Collects what did not run, and turns a green run red for it."""

    def __init__(self) -> None:
        self.skipped: list[str] = []
        self.seen: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that was skipped or is expected to fail."""
        if report.skipped:
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that was skipped as a whole."""
        if report.skipped:
            self.skipped.append(report.nodeid)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note the suite of a test, also of one that is left to another run by its marker."""
        self.seen.add(suite(item.path))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Note the suites that a process beside this one has found."""
        self.seen |= {Path(each).parts[1] for each in ids}

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail a run that would have passed."""
        if exitstatus == pytest.ExitCode.OK and (self.skipped or self.empty_suites(session.config)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
    ) -> None:
        """Say what was not tested."""
        for nodeid in self.skipped:
            terminalreporter.write_line(f"NOT TESTED {nodeid}: a skipped part fails this run", red=True)
        for name in self.empty_suites(config):
            terminalreporter.write_line(f"NOT TESTED tests/{name}: no test was found there", red=True)

    def empty_suites(self, config: pytest.Config) -> list[str]:
        """Return the folders of tests that were asked for and gave none."""
        asked = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
        suites = (folder for folder in TESTS.iterdir() if any(folder.rglob("test_*.py")))
        wanted = (folder.name for folder in suites if any(path in (TESTS, folder) for path in asked))
        return sorted(name for name in wanted if name not in self.seen)


def suite(path: Path) -> str:
    """Return the folder below tests/ that a test lies in."""
    return path.relative_to(TESTS).parts[0] if path.is_relative_to(TESTS) else ""


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin's one object."""
    config.pluginmanager.register(Untested(), "untested")
