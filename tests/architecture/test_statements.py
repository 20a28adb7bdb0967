"""The named SQL of every service, and proof that each check can fail."""

from pathlib import Path

from tests.architecture import statements
from tests.architecture.tree import python_files, report, text_files

DESCRIBED = "-- name: open_case!\n-- Store a new case.\ninsert into cases values (:id);\n"


def named_sql() -> list[tuple[Path, str]]:
    """Every project file that holds named statements."""
    return [(path, text) for path, text in text_files() if path.suffix == ".sql" and "-- name:" in text]


def python_beside(path: Path) -> str:
    """Return the source of every module in the folder of an SQL file and below."""
    return "\n".join(text for each, text in python_files(path.parts[0]) if each.is_relative_to(path.parent))


def test_statements_are_described() -> None:
    findings = [each for path, text in named_sql() for each in statements.undescribed(path, text)]
    assert not findings, report(findings)


def test_statements_are_used() -> None:
    findings = [each for path, text in named_sql() for each in statements.unused(path, text, python_beside(path))]
    assert not findings, report(findings)


def test_statements_take_the_time_from_their_caller() -> None:
    findings = [each for path, text in named_sql() for each in statements.reads_clock(path, text)]
    assert not findings, report(findings)


def test_a_statement_without_description_is_found() -> None:
    assert not statements.undescribed(Path("q.sql"), DESCRIBED)
    assert statements.undescribed(Path("q.sql"), "-- name: open_case!\ninsert into cases values (:id);\n")


def test_a_statement_nobody_runs_is_found() -> None:
    assert not statements.unused(Path("q.sql"), DESCRIBED, "await queries.open_case(tx, id=id)")
    assert statements.unused(Path("q.sql"), DESCRIBED, "await queries.open_case_again(tx)")


def test_a_statement_that_reads_the_clock_is_found() -> None:
    assert statements.reads_clock(Path("q.sql"), "where due_at < now()\n")
    assert statements.reads_clock(Path("q.sql"), "where due_at < CURRENT_TIMESTAMP\n")
    assert not statements.reads_clock(Path("q.sql"), "where due_at < now() -- reason: lag is the database's own\n")
    assert not statements.reads_clock(Path("q.sql"), "-- reason: lag is its own\nselect now()\n")
    elsewhere = "-- name: lag\n-- reason: lag is its own\nselect now()\n-- name: due\nselect now()\n"
    assert [each.line for each in statements.reads_clock(Path("q.sql"), elsewhere)] == [5]
    assert not statements.reads_clock(Path("q.sql"), "-- now() is not used\nwhere due_at < :now\n")
