"""Examples, settings, paths and scripts, and proof that each check can fail."""

import os
from pathlib import Path

from pydantic import BaseModel, Field

from infra.settings import Settings
from schemas.events import Event
from schemas.registry import EVENTS
from tests.architecture import published
from tests.architecture.tree import ROOT, report, text_files

# Each must name every setting; docs/settings.md counts from the day it exists.
SETTINGS_DOCUMENTS = ("infra/deploy/hotline.env.example", "docs/settings.md")


def test_every_event_has_a_valid_example() -> None:
    findings = published.bad_examples(EVENTS, ROOT / "schemas" / "examples")
    assert not findings, report(findings)


def test_every_event_is_known_by_its_type() -> None:
    concrete = [each for each in below(Event) if "type" in vars(each)]
    assert concrete, "no event model was found"
    missing = [each.__name__ for each in concrete if EVENTS.get(each.type) is not each]
    assert not missing, f"add to schemas.registry.EVENTS: {missing}"


def test_every_setting_is_documented() -> None:
    documents = {name: (ROOT / name).read_text() for name in SETTINGS_DOCUMENTS if (ROOT / name).is_file()}
    assert documents, "no document lists the settings"
    findings = published.undocumented(Settings.model_fields, documents)
    assert not findings, report(findings)


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    findings = [each for path, text in text_files() for each in published.machine_traces(path, text)]
    assert not findings, report(findings)


def test_scripts_can_be_run() -> None:
    scripts = (".ci/run", "infra/deploy/find-python")
    assert not [name for name in scripts if not os.access(ROOT / name, os.X_OK)], "chmod +x what is listed"


def test_the_readme_names_the_two_commands() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text() if readme.is_file() else ""
    missing = [command for command in ("make run", "make demo") if command not in text]
    assert not missing, f"README.md does not name {missing}"


def test_a_missing_a_wrong_and_a_strange_example_are_found(tmp_path: Path) -> None:
    class Sample(BaseModel):
        number: int

    (tmp_path / "wrong.v1.json").write_text('{"number": "many"}')
    (tmp_path / "strange.v1.json").write_text("{}")
    found = published.bad_examples({"wrong.v1": Sample, "missing.v1": Sample}, tmp_path)
    assert [Path(each.path).stem for each in found] == ["wrong.v1", "missing.v1", "strange.v1"]
    (tmp_path / "wrong.v1.json").write_text('{"number": 1}')
    assert len(published.bad_examples({"wrong.v1": Sample}, tmp_path)) == 1


def test_an_undocumented_setting_is_found() -> None:
    class Sample(BaseModel):
        port: int = Field(1, description="Where it listens.")
        silent: int = 2

    found = published.undocumented(Sample.model_fields, {"README.md": "HOTLINE_PORT, HOTLINE_SILENTLY"})
    assert [each.path for each in found] == ["infra/settings.py", "README.md"]
    assert not published.undocumented({"port": Sample.model_fields["port"]}, {"README.md": "`HOTLINE_PORT`"})


def test_traces_of_a_machine_are_found() -> None:
    bad = ["see /{}/main", "'/{}/.cache'", "https://{}.org/simple"]
    for line, word in zip(bad, ("work", "root", "pypi"), strict=True):
        assert published.machine_traces(Path("x"), line.format(word)), line
    assert not published.machine_traces(Path("x"), "network/work/ and {root}/root/ and docs/home/page")


def below(model: type[Event]) -> list[type[Event]]:
    """Every model that inherits from `model`."""
    return [each for child in model.__subclasses__() for each in (child, *below(child))]
