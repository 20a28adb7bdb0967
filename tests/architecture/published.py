"""What is published beside the code: event examples, settings, and files free of this or that machine."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tests.architecture.tree import Finding

REGISTRIES = re.compile(r"\b(?:pypi\.|files\.pythonhosted|repo1?\.maven|registry\.npm|proxy\.golang)")
MACHINE_PATHS = re.compile(r"(?<![\w.\-/}>])/(?:work/|root/|home/\w)")


def machine_traces(path: Path, text: str) -> list[Finding]:
    """Find a package registry's host or an absolute path of somebody's machine."""
    findings = []
    for number, line in enumerate(text.splitlines(), 1):
        if found := REGISTRIES.search(line):
            findings.append(
                Finding(str(path), number, f"'{found[0]}' names a registry: leave that to the user's tools")
            )
        if found := MACHINE_PATHS.search(line):
            findings.append(Finding(str(path), number, f"'{found[0]}' is a path of one machine: make it relative"))
    return findings


def bad_examples(events: Mapping[str, type[BaseModel]], folder: Path) -> list[Finding]:
    """Find event types without an example message that is valid, and examples of no event."""
    findings = []
    for name, model in events.items():
        path = f"schemas/examples/{name}.json"
        try:
            model.model_validate_json((folder / f"{name}.json").read_bytes())
        except FileNotFoundError:
            findings.append(Finding(path, 1, f"{name} has no example: add one message"))
        except ValidationError as error:
            first = error.errors()[0]
            findings.append(Finding(path, 1, f"the example is not valid: {first['loc']} {first['msg']}"))
    strangers = sorted(path.name for path in folder.glob("*.json") if path.stem not in events)
    return findings + [
        Finding(f"schemas/examples/{name}", 1, "an example of no known event: rename or remove it")
        for name in strangers
    ]


def undocumented(fields: Mapping[str, Any], documents: Mapping[str, str]) -> list[Finding]:
    """Find settings without a description, or not named in each of `documents` (path: text)."""
    findings = []
    for name, field in fields.items():
        variable = f"HOTLINE_{name.upper()}"
        if not field.description:
            findings.append(Finding("infra/settings.py", 1, f"{name} has no description: say what it is"))
        findings += [
            Finding(path, 1, f"{variable} is not explained: add a line")
            for path, text in documents.items()
            if not re.search(rf"\b{variable}\b", text)
        ]
    return findings
