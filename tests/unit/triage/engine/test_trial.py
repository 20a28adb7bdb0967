"""Packs are tried before they are in force: what each line becomes under them, and what moves."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.terms import Urgency
from tests.unit.triage.engine.conftest import NOW
from triage.assess import main
from triage.domain.moves import Replayed, table
from triage.packs import PackError, Packs
from triage.packs.collection import HERE

BELT = {"id": "belt", "lang": "en", "text": "Dad beats the boy with a belt."}
BELT_ZH = {"id": "belt-zh", "lang": "zh", "text": "爸爸用皮带打孩子。"}
DRINKS = {"id": "drinks", "lang": "en", "text": "Mum drinks every evening."}
THANKS = {"id": "thanks", "lang": "en", "text": "Thank you for your work."}
NEW_RULE = """rules:
  - id: tried-belt
    class: R
    says: {zh: "试", en: "tried"}
    needs:
      - [hit-with-object]
"""

Command = Callable[..., tuple[int, list[dict[str, Any]], str]]


def replaced(path: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def england(tmp_path: Path) -> Path:
    """England's pack with a rule of its own, in force in some years."""
    path = Path(shutil.copy(HERE / "gb-eng.yaml", tmp_path / "next.yaml"))
    dates = ("effective_from: 2026-01-01", "effective_from: 2031-01-01")
    return replaced(path, ("version: 2026", "version: tried-2026"), ("rules: []\n", NEW_RULE), dates)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All packs, in which it takes more to say that a carer drinks."""
    to = tmp_path / "packs"
    shutil.copytree(HERE, to, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    replaced(to / "concerns" / "neglect.yaml", ("      - [substance]\n", "      - [substance]\n      - [absence]\n"))
    return to


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command over lines, by rules alone; gives its exit code, what it printed, and what it told."""
    monkeypatch.setattr("triage.assess.Model.load", lambda: None)

    def run(pack: Path | None, *lines: Any) -> tuple[int, list[dict[str, Any]], str]:
        path = tmp_path / "in.jsonl"
        path.write_text("".join(f"{json.dumps(each)}\n" for each in lines), encoding="utf-8")
        out, errors = io.StringIO(), io.StringIO()
        code = main([str(path), *(["--pack", str(pack)] if pack else [])], nothing_stored, out, errors)
        return code, [json.loads(each) for each in out.getvalue().splitlines()], errors.getvalue()

    return run


def nothing_stored(_days: int, _tried: Packs) -> int:
    raise AssertionError("no stored report was asked for")


def test_one_pack_stands_in_for_that_of_its_jurisdiction_whatever_its_dates(england: Path, command: Command) -> None:
    code, out, told = command(england, BELT, BELT_ZH, THANKS)
    assert code == 0
    assert [(one["id"], one["was"], one["urgency"]) for one in out] == [
        ("belt", "urgent", "immediate"),
        ("belt-zh", "urgent", "urgent"),
        ("thanks", "routine", "routine"),
    ]
    assert out[0]["pack"].startswith("GB-ENG tried-2026")
    assert "tried-belt" in {reason["rule"] for reason in out[0]["reasons"]}
    lines = told.splitlines()
    assert any("-> GB-ENG tried-2026" in line and line.endswith("2 judged, 1 moved") for line in lines)
    assert any(line.startswith("CN ") and line.endswith("1 judged, 0 moved") for line in lines)
    assert lines[-1] == "belt: urgent -> immediate  +tried-belt"


def test_a_whole_folder_is_tried_and_what_falls_is_told(folder: Path, command: Command) -> None:
    code, out, told = command(folder, DRINKS, THANKS)
    assert code == 0
    assert (out[0]["was"], out[0]["urgency"]) == ("priority", "routine")
    assert told.splitlines()[-1] == "drinks: priority -> routine  -substance"


def test_nothing_moves_under_the_same_packs(command: Command) -> None:
    code, out, told = command(HERE, BELT, THANKS)
    assert code == 0
    assert all(one["was"] == one["urgency"] for one in out)
    assert told.splitlines()[-1] == "nothing moved"


def test_without_packs_to_try_a_line_is_as_ever(command: Command) -> None:
    code, (out,), told = command(None, BELT)
    assert (code, told) == (0, "")
    assert "was" not in out


def test_a_line_that_is_an_error_moves_nothing_and_is_told_by_the_exit_code(england: Path, command: Command) -> None:
    code, out, told = command(england, BELT, ["no object"])
    assert code == 1
    assert "error" in out[1]
    assert "1 judged, 1 moved" in told


def test_packs_that_cannot_be_read_are_refused_with_file_and_line(england: Path, command: Command) -> None:
    replaced(england, ("- [hit-with-object]", "- [hit-with-a-word]"))
    code, out, told = command(england, BELT)
    assert (code, out) == (2, [])
    assert "next.yaml:" in told
    assert "hit-with-a-word" in told
    assert command(england.with_name("none.yaml"), BELT)[0] == 2


def test_the_newest_pack_of_a_folder_holds_on_every_day(folder: Path, england: Path) -> None:
    end = ("effective_to: null", "effective_to: 2030-12-31")
    replaced(folder / "gb-eng.yaml", end)
    shutil.copy(england, folder / "zz-later.yaml")
    tried = Packs.tried(folder).for_jurisdiction("GB-ENG", NOW.date())
    assert tried.version.startswith("tried-2026")
    assert not Packs.load(folder).for_jurisdiction("GB-ENG", NOW.date()).version.startswith("tried")


def test_a_parent_that_is_tried_lends_its_rules(tmp_path: Path) -> None:
    path = Path(shutil.copy(HERE / "default.yaml", tmp_path / "parent.yaml"))
    replaced(path, ("\nrules:\n", f"\n{NEW_RULE}"))
    tried = Packs.tried(path)
    assert all("tried-belt" in {rule.id for rule in pack.rules} for pack in tried)
    assert {pack.jurisdiction for pack in tried} == {pack.jurisdiction for pack in Packs.load()}


def test_a_file_that_is_no_pack_is_refused() -> None:
    with pytest.raises(PackError):
        Packs.tried(HERE / "factors.yaml")


def replayed(name: str, was: Urgency, becomes: Urgency, came: str = "", went: str = "") -> Replayed:
    packs = ("CN 1", "CN 2")
    return Replayed(name, was, becomes, frozenset(came.split()), frozenset(went.split()), packs)


def test_the_table_tells_from_where_to_where_and_which_rules_came_and_went() -> None:
    moved = [
        replayed("a", Urgency.ROUTINE, Urgency.ROUTINE, "quiet"),
        replayed("b", Urgency.URGENT, Urgency.ROUTINE, went="old older"),
        replayed("c", Urgency.ROUTINE, Urgency.IMMEDIATE, "new", "old"),
    ]
    assert "\n".join(table(moved)) == (
        "CN 1 -> CN 2: 3 judged, 2 moved\n"
        "\n"
        "from / to   immediate     urgent   priority    routine\n"
        "immediate           .          .          .          .\n"
        "urgent              .          .          .          1\n"
        "priority            .          .          .          .\n"
        "routine             1          .          .          1\n"
        "\n"
        "b: urgent -> routine  -old -older\n"
        "c: routine -> immediate  +new -old"
    )
    assert list(table(moved[:1]))[-1] == "nothing moved"
    assert list(table([])) == ["nothing was judged"]
