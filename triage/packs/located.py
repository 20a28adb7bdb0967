"""YAML with the line of every value, and errors that say file, line and what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Location = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
KIND = "~"
"""What the tags of kinds of an entry begin with."""


class PackError(Exception):
    """Packs that cannot be used. Each problem is one line: `file:line: what is wrong`."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Located:
    """The content of one YAML file, with the line on which each value stands."""

    path: Path
    content: object
    lines: dict[Location, int]

    def problem(self, location: Location, sentence: str) -> str:
        """A sentence with the file and the nearest line that is known for a location."""
        known = next(loc for length in range(len(location), -1, -1) if (loc := location[:length]) in self.lines)
        return f"{self.path}:{self.lines[known]}: {sentence}"


def read(path: Path) -> Located:
    """Read a file; only `true`, `false` and `null` are special, everything else is text until a model says more."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise PackError([f"{path}:1: The file cannot be read: {error}."]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackError([f"{path}:{line}: This is not YAML: {error.problem}."]) from error
    except yaml.YAMLError as error:
        raise PackError([f"{path}:1: This is not YAML: {error}."]) from error
    if node is None:
        raise PackError([f"{path}:1: The file is empty."])
    lines: dict[Location, int] = {}
    return Located(path, _value(node, (), lines, path), lines)


def _value(node: yaml.Node, location: Location, lines: dict[Location, int], path: Path) -> object:
    lines.setdefault(location, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*location, at), lines, path) for at, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, location, lines, path)
    if not isinstance(node, yaml.ScalarNode):
        raise PackError([f"{path}:{lines[location]}: A value must be text, a list or a mapping."])
    special = {"true": True, "false": False, "null": None, "": None}
    return node.value if node.style else special.get(node.value, node.value)


def _mapping(node: yaml.MappingNode, location: Location, lines: dict[Location, int], path: Path) -> dict[str, object]:
    content: dict[str, object] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise PackError([f"{path}:{line}: A key must be a word."])
        if key.value in content:
            raise PackError([f'{path}:{line}: The key "{key.value}" stands here twice.'])
        lines[(*location, key.value)] = line
        content[key.value] = _value(value, (*location, key.value), lines, path)
    return content


def validated(model: type[Model], located: Located) -> Model:
    """The content as a model, or a PackError with a line for each problem."""
    try:
        return model.model_validate(located.content)
    except ValidationError as error:
        raise PackError(
            located.problem(location, _sentence(location, problem["type"], problem["msg"]))
            for problem, location in ((each, _written(each["loc"])) for each in error.errors())
        ) from error


def _written(location: Location) -> Location:
    """A place without the tags of kinds, which stand in no file."""
    return tuple(part for part in location if not str(part).startswith(KIND))


def _sentence(location: Location, kind: str, message: str) -> str:
    name = ".".join(map(str, location))
    if kind == "missing":
        return f'The key "{location[-1]}" is missing.'
    if kind == "extra_forbidden":
        return f'The key "{location[-1]}" is not known here.'
    return f"{name}: {message.removeprefix('Value error, ')}."
