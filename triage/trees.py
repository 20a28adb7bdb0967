"""`hotline packs draw FOLDER`: every decision tree of the packs as a drawing, in both languages, one file each.

A tree to which a jurisdiction adds questions of its own is drawn once more, under the jurisdiction's name.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from infra.locales import Locales
from triage.domain.concern import Concern
from triage.domain.pack import Pack
from triage.packs import PackError, Packs
from triage.packs.collection import DEFAULT
from triage.packs.drawn import drawing

HERE = Path(__file__).parent
STYLE = HERE / "console" / "static" / "tree.css"
USAGE = "Usage: hotline packs draw FOLDER"


def drawings(packs: Packs) -> dict[str, str]:
    """Every drawing by the name of its file."""
    locales, style = Locales.load(HERE / "locales"), STYLE.read_text(encoding="utf-8")
    return {
        f"{name}.{language}.svg": replace(drawing(pack, concern, t, language), style=style).svg()
        for name, pack, concern in _trees(packs)
        for language, t in locales.items()
    }


def _trees(packs: Packs) -> Iterator[tuple[str, Pack, Concern]]:
    common = next(pack for pack in packs if pack.jurisdiction == DEFAULT)
    for concern in common.concerns:
        yield concern.id, common, concern
        for pack in packs:
            own = next(each for each in pack.concerns if each.id == concern.id)
            if own.steps != concern.steps:
                yield f"{concern.id}.{pack.jurisdiction.lower()}", pack, own


def main(arguments: list[str], out: TextIO = sys.stdout, errors: TextIO = sys.stderr) -> int:
    """Run the command: 0 if everything was drawn, 2 if nothing could be."""
    if len(arguments) != 2 or arguments[0] != "draw":
        print(USAGE, file=errors)
        return 2
    folder = Path(arguments[1])
    try:
        drawn = drawings(Packs.load())
        folder.mkdir(parents=True, exist_ok=True)
        for name, svg in drawn.items():
            (folder / name).write_text(svg, encoding="utf-8")
    except (OSError, PackError) as error:
        print(error, file=errors)
        return 2
    print(f"{len(drawn)} drawings in {folder}", file=out)
    return 0
