"""Sizes and names of the code, and proof that each check can fail."""

from pathlib import Path

from tests.architecture import names, sizes
from tests.architecture.tree import PACKAGES, python_files, report

CODE = (*PACKAGES, "tests")


def test_files_are_short() -> None:
    findings = [each for path, source in python_files(*CODE) for each in sizes.long_file(path, source)]
    assert not findings, report(findings)


def test_functions_are_short() -> None:
    findings = [each for path, source in python_files(*CODE) for each in sizes.long_functions(path, source)]
    for package in CODE:
        findings += sizes.long_tail(package, dict(python_files(package)))
    assert not findings, report(findings)


def test_names_say_something() -> None:
    findings = [each for path, source in python_files(*CODE) for each in names.empty_names(path, source)]
    assert not findings, report(findings)


def test_a_long_file_is_found() -> None:
    assert sizes.long_file(Path("infra/x.py"), "a = 1\n" * 301)
    assert not sizes.long_file(Path("infra/x.py"), "a = 1\n" * 300)
    assert not sizes.long_file(Path("tests/x.py"), "a = 1\n" * 400)
    assert sizes.long_file(Path("tests/x.py"), "a = 1\n" * 401)


def test_a_long_function_is_found_and_its_docstring_does_not_count() -> None:
    assert sizes.long_functions(Path("x.py"), written("long", 31))
    assert not sizes.long_functions(Path("x.py"), written("short", 30))


def test_a_long_tail_is_found() -> None:
    short = "".join(written(f"short_{number}", 2) for number in range(8))
    long = written("long", 21) + written("longer", 22)
    assert not sizes.long_tail("x", {Path("x.py"): short + written("long", 21) + short})
    found = sizes.long_tail("x", {Path("x.py"): short + long})
    assert "longer has 22 lines" in str(found[-1])


def test_an_empty_name_is_found() -> None:
    sample = "class QueueManager: ...\ndef do_it(): ...\ndef parse_data(): ...\ndef new_data_key(): ...\n"
    found = names.empty_names(Path("infra/text_utils.py"), sample)
    assert [each.line for each in found] == [1, 1, 2, 3]
    assert not names.empty_names(Path("infra/metadata.py"), "def asynccontextmanager(): ...\n")


def written(name: str, statements: int) -> str:
    """Write a function with a docstring and so many one-line statements."""
    return f'def {name}():\n    """Words."""\n' + "    pass\n" * statements
