"""The drawings of the decision trees in the documentation are those of the packs, and a stale one is found."""

from pathlib import Path

from tests.architecture.tree import ROOT
from triage.packs import Packs
from triage.trees import drawings

TREES = ROOT / "docs" / "trees"


def stale(folder: Path, drawn: dict[str, str]) -> list[str]:
    """The names of files that are missing, differ, or belong to no tree."""
    here = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.svg")}
    return sorted(name for name in here.keys() | drawn.keys() if here.get(name) != drawn.get(name))


def test_the_drawings_are_those_of_the_packs() -> None:
    found = stale(TREES, drawings(Packs.load()))
    assert not found, f"run `make trees` (and remove what belongs to no tree): {found}"


def test_a_stale_a_missing_and_a_strange_drawing_are_found(tmp_path: Path) -> None:
    (tmp_path / "stale.en.svg").write_text("old")
    (tmp_path / "strange.en.svg").write_text("x")
    drawn = {"stale.en.svg": "new", "missing.en.svg": "x"}
    assert stale(tmp_path, drawn) == ["missing.en.svg", "stale.en.svg", "strange.en.svg"]
