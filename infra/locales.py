"""Texts people see, by language: flat YAML files of `key: text with {placeholders}` beside each service."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import yaml

Translate = Callable[..., str]


@cache
def _read(path: Path) -> dict[str, str]:
    texts: dict[str, str] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return texts


class Locales(Mapping[str, Translate]):
    """A function per language that fills in a text; an unknown language gets the first one."""

    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        self._texts = texts

    @classmethod
    def load(cls, directory: Path, languages: tuple[str, ...] = ("zh", "en")) -> "Locales":
        """Read `<language>.yaml` of each language, once a process."""
        return cls({name: _read(directory / f"{name}.yaml") for name in languages})

    def __getitem__(self, language: str) -> Translate:
        texts = self._texts.get(language) or next(iter(self._texts.values()))
        return lambda key, **values: texts[key].format(**values)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
