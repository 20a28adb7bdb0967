"""What alarms: over-triage on enough readings, and a share of raised cases that jumped."""

import shutil
from pathlib import Path

import pytest

from schemas.terms import Urgency
from tests.staffed import packs
from triage.domain.figures import Share
from triage.domain.watching import Raises, Watching, has_jumped, is_over
from triage.packs import PackError, Packs
from triage.packs.collection import HERE


@pytest.fixture(scope="module")
def rules() -> Watching:
    return packs().watching


def share(value: float, count: int) -> Share:
    return Share(value, 0.0, 1.0, count)


def test_the_data_is_what_the_project_says(rules: Watching) -> None:
    assert rules.sample.by_urgency()[Urgency.ROUTINE] == 20
    assert rules.cells.least == 10
    assert rules.over_triage.limit == 0.5


@pytest.mark.parametrize(
    ("found", "alarms"),
    [
        (None, False),
        (share(0.51, 30), True),
        (share(0.5, 300), False),
        (share(0.9, 29), False),
    ],
)
def test_over_triage_alarms_above_half_on_thirty_readings(rules: Watching, found: Share | None, alarms: bool) -> None:
    assert is_over(found, rules.over_triage) is alarms


@pytest.mark.parametrize(
    ("week", "before", "jumped"),
    [
        (Raises(100, 30), [Raises(100, 10)] * 4, True),
        (Raises(100, 15), [Raises(100, 10)] * 4, False),
        (Raises(100, 2), [Raises(100, 30)] * 4, False),
        (Raises(100, 30), [Raises(100, 0)] * 4, True),
        # Too few cases now, before, or raised; too few weeks to compare with.
        (Raises(19, 19), [Raises(100, 10)] * 4, False),
        (Raises(100, 30), [Raises(12, 0)] * 4, False),
        (Raises(1000, 4), [Raises(9000, 0)] * 4, False),
        (Raises(100, 30), [Raises(400, 40)], False),
        (Raises(0, 0), [], False),
    ],
)
def test_a_jump_is_an_interval_above_that_of_the_weeks_before(
    rules: Watching, week: Raises, before: list[Raises], jumped: bool
) -> None:
    assert has_jumped(week, before, rules.raises) is jumped


def test_a_wrong_size_is_refused_with_file_and_line(tmp_path: Path) -> None:
    root = tmp_path / "packs"
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = root / "watching.yaml"
    path.write_text(path.read_text("utf-8").replace("routine: 20", "routine: 0"), "utf-8")
    line = next(at for at, text in enumerate(path.read_text("utf-8").splitlines(), 1) if "routine: 0" in text)

    with pytest.raises(PackError) as refused:
        Packs.load(root)

    assert refused.value.problems[0].startswith(f"{path}:{line}: sample.routine: ")


def test_packs_that_were_not_loaded_have_no_rules() -> None:
    with pytest.raises(LookupError):
        _ = Packs(()).watching
