"""The drawing of a tree: whole without colour or script, the same for the same tree, and the way a case took."""

import io
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from infra.locales import Locales
from triage import trees
from triage.domain.concern import Concern
from triage.domain.drawing import Drawing, Mark, wrapped
from triage.domain.pack import Pack
from triage.packs import Packs
from triage.packs.drawn import drawing

SVG = "{http://www.w3.org/2000/svg}"
LOCALES = Locales.load(trees.HERE / "locales")


def drawn(pack: Pack, concern: Concern, language: str) -> Drawing:
    return drawing(pack, concern, LOCALES[language], language)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own drawing


def words(svg: str) -> str:
    return "".join("".join(each.itertext()) for each in parsed(svg).iter(f"{SVG}text"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_question_and_every_urgency_is_drawn_in_words(pack: Pack, language: str) -> None:
    for concern in pack.concerns:
        svg = drawn(pack, concern, language).svg()
        plain = words(svg).replace(" ", "")
        for step in concern.steps:
            assert getattr(step.asks, language).replace(" ", "") in plain
        ends = [each for each in parsed(svg).iter(f"{SVG}g") if "end" in each.attrib["class"]]
        assert [each.attrib["class"].split()[1] for each in ends] == [step.urgency for step in concern.steps]
        assert all(
            LOCALES[language](f"desk_urgency_{each.attrib['class'].split()[1]}") in words_of(each) for each in ends
        )


def words_of(element: ElementTree.Element) -> str:
    return "".join(element.itertext())


def test_a_screen_reader_is_told_all_of_it(pack: Pack) -> None:
    for concern in pack.concerns:
        root = parsed(replace(drawn(pack, concern, "en"), name="here").svg())
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-labelledby"] == "here-title here-desc"
        said = root.findtext(f"{SVG}desc") or ""
        assert all(step.asks.en in said for step in concern.steps)
        assert "Earlier" in said or "earlier reports" in said


def test_no_line_leaves_its_box_and_nothing_runs_in_a_drawing(pack: Pack) -> None:
    for concern in pack.concerns:
        for language in ("zh", "en"):
            svg = drawn(pack, concern, language).svg()
            assert not re.search(r"<script|javascript:|on\w+=|href", svg)
            assert " style=" not in svg


def test_the_way_of_a_case_is_marked_with_words(pack: Pack) -> None:
    concern = pack.concerns[0]
    marks = {
        concern.steps[0].id: Mark("denied", "said not to be so"),
        concern.steps[1].id: Mark("yes", "yes · <b>"),
        concern.steps[2].id: Mark("open", "nothing said", is_walked=False),
    }
    svg = replace(drawn(pack, concern, "en"), marks=marks).svg()
    groups = [each.attrib["class"] for each in parsed(svg).iter(f"{SVG}g") if "step" in each.attrib["class"]]
    assert groups[:4] == ["step denied walked", "step yes walked", "step open", "step "]
    assert "yes · <b>" in words(svg)
    assert "(said not to be so)" in svg
    assert svg.count("way taken") == 2


def test_lines_are_broken_at_words_and_never_before_a_stop() -> None:
    assert wrapped("ab cd ef", 3) == ("ab cd", "ef")
    assert wrapped("孩子不敢回家，怕", 6) == ("孩子不敢回家，", "怕")
    assert wrapped("", 5) == ("",)
    assert wrapped("averyverylongword next", 3) == ("averyverylongword", "next")


def test_the_command_draws_every_tree_and_a_jurisdictions_own(tmp_path: Path, packs: Packs) -> None:
    out, errors = io.StringIO(), io.StringIO()
    assert trees.main(["draw", str(tmp_path / "drawn")], out, errors) == 0
    names = {path.name for path in (tmp_path / "drawn").iterdir()}
    assert names == set(trees.drawings(packs))
    assert {"physical.zh.svg", "exploitation.gb-eng.en.svg"} <= names
    assert "sexual.gb-eng.en.svg" not in names


def test_the_command_says_how_it_is_used_and_what_hindered_it(tmp_path: Path) -> None:
    out, errors = io.StringIO(), io.StringIO()
    assert trees.main([], out, errors) == 2
    assert trees.main(["paint", str(tmp_path)], out, errors) == 2
    (tmp_path / "file").write_text("")
    assert trees.main(["draw", str(tmp_path / "file")], out, errors) == 2
    assert "hotline packs draw FOLDER" in errors.getvalue()
    assert "file" in errors.getvalue()
