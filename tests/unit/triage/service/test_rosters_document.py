"""The examples of docs/rosters.md are rosters, and those of one team leave no hour of the year empty."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from triage.domain.roster import Roster, gaps, materialise

DOCUMENT = Path(__file__).parents[4] / "docs" / "rosters.md"
EXAMPLES = [
    Roster.model_validate(each)
    for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.S)
    for each in yaml.safe_load(block)["rosters"]
]


def test_there_is_one_for_each_country() -> None:
    assert [each.holidays for each in EXAMPLES] == ["CN", "GB-ENG"]


@pytest.mark.parametrize("roster", EXAMPLES, ids=lambda each: each.team)
def test_an_example_leaves_no_hour_of_a_year_empty(roster: Roster) -> None:
    begin = datetime(2026, 2, 1, tzinfo=UTC)
    end = begin + timedelta(days=365)

    assert gaps(materialise(roster, begin, end), roster.levels, begin, end) == []
