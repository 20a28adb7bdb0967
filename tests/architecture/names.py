"""Names that say nothing are banned: the last line of the glossary's words of the code."""

import ast
import re
from pathlib import Path

from tests.architecture.tree import Finding, parsed

BANNED = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "data", "info", "process"}
# Where the glossary or a field's own language uses such a word, and why.
ALLOWED = {
    "manager_on_call": "the person who answers for the night",
    "call_manager": "the manager is the person",
    "ring_manager": "the manager is the person",
    "do_get": "the name http.server looks for",
    "do_post": "the name http.server looks for",
    "data_key": "a term of cryptography: the key under the master key",
    "data_received": "the name asyncio.Protocol looks for",
    "handle_data": "the name aiosmtpd looks for",
    "associated_data": "a term of authenticated encryption",
}
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def empty_names(path: Path, source: str) -> list[Finding]:
    """Find a module, class or function named by a banned word. Tests are sentences, and may say any word."""
    names = [(1, part) for part in path.with_suffix("").parts]
    names += [(each.lineno, each.name) for each in ast.walk(parsed(source)) if isinstance(each, Named)]
    names = [(line, name) for line, name in names if not name.startswith("test_")]
    return [
        Finding(str(path), line, f"the name {name} holds '{word}': say what it is or does (glossary.md)")
        for line, name in names
        for word in banned_words(name)
    ]


def banned_words(name: str) -> list[str]:
    """Return the banned words in a name of either case."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")
    for phrase in ALLOWED:
        snake = snake.replace(phrase, "")
    words = [word for word in snake.split("_") if word]
    return [word for word in words if word in BANNED] + (["do_"] if words[:1] == ["do"] else [])
