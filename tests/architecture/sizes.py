"""How long files and functions may be: style rule 6."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import Finding, parsed

FILE_LINES = 300
TEST_FILE_LINES = 400
STATEMENTS = 30
BODY_P90 = 20
# Below this many functions a percentile says nothing.
FEWEST_FUNCTIONS = 10

Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_file(path: Path, source: str) -> list[Finding]:
    """Find a file over its bound."""
    bound = TEST_FILE_LINES if path.parts[0] == "tests" else FILE_LINES
    lines = len(source.splitlines())
    if lines <= bound:
        return []
    return [Finding(str(path), bound, f"{lines} lines, at most {bound}: split it by what its parts are about")]


def long_functions(path: Path, source: str) -> list[Finding]:
    """Find functions over the bound of statements."""
    return [
        Finding(str(path), each.lineno, f"{each.name} has {count} statements, at most {STATEMENTS}: divide it")
        for each in functions(source)
        if (count := statements(each)) > STATEMENTS
    ]


def long_tail(package: str, sources: dict[Path, str]) -> list[Finding]:
    """Find a package whose bodies are over BODY_P90 lines at the ninetieth percentile; names the longest ones."""
    bodies = sorted(
        (body_lines(each), str(path), each.lineno, each.name)
        for path, source in sources.items()
        for each in functions(source)
    )
    if len(bodies) < FEWEST_FUNCTIONS or bodies[int(len(bodies) * 0.9)][0] <= BODY_P90:
        return []
    p90 = bodies[int(len(bodies) * 0.9)][0]
    return [
        Finding(path, line, f"{name} has {lines} lines; p90 of {package} is {p90}, at most {BODY_P90}: divide it")
        for lines, path, line, name in bodies[-5:]
    ]


def functions(source: str) -> Iterator[Function]:
    """Every function and method of a source."""
    return (each for each in ast.walk(parsed(source)) if isinstance(each, Function))


def statements(function: Function) -> int:
    """Count the statements of a function without its docstring."""
    return sum(isinstance(each, ast.stmt) for part in code(function) for each in ast.walk(part))


def body_lines(function: Function) -> int:
    """Count the lines of a function's body without its docstring."""
    parts = code(function)
    return (parts[-1].end_lineno or 0) - parts[0].lineno + 1 if parts else 0


def code(function: Function) -> list[ast.stmt]:
    """Return the body without the docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body
