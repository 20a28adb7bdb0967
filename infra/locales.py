"""Texts people see, by language: flat YAML files of `key: text with {placeholders}` beside each service."""

from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

Translate = Callable[..., str]


class Locales(Mapping[str, Translate]):
    """A function per language that fills in a text; an unknown language gets the first one."""

    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        self._texts = texts

    @classmethod
    def load(cls, directory: Path, languages: tuple[str, ...] = ("zh", "en")) -> "Locales":
        """Read `<language>.yaml` of each language."""
        return cls({name: yaml.safe_load((directory / f"{name}.yaml").read_text("utf-8")) for name in languages})

    def __getitem__(self, language: str) -> Translate:
        texts = self._texts.get(language) or next(iter(self._texts.values()))
        return lambda key, **values: texts[key].format(**values)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
