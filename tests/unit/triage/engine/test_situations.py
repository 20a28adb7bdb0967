"""The development set: situations labelled by hand before the engine first saw them, with figures printed.

When first seen, words and rules alone placed 58 % of the first part rightly (48 % of the immediate found) and
30 % of the second (3 of 14 immediate), which was written to be poor in keywords. The first part has since been
looked at, so its figures say nothing of unseen words. The floors here only keep what was reached; they are not
the aims of the evaluation set.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from schemas.terms import Urgency
from tests.unit.triage.engine.conftest import NOW
from triage.assess import Judge, judge_lines
from triage.packs import Packs

SITUATIONS = Path(__file__).with_name("situations.jsonl")


@pytest.mark.parametrize(("part", "accuracy", "found"), [("first", 0.9, 0.98), ("second", 0.3, 0.2)])
def test_the_development_set_does_not_get_worse(packs: Packs, part: str, accuracy: float, found: float) -> None:
    lines = [json.loads(line) for line in SITUATIONS.read_text(encoding="utf-8").splitlines()]
    chosen = [line for line in lines if line["set"] == part]
    judged = judge_lines((json.dumps(line).encode() for line in chosen), Judge(packs, NOW))
    pairs = Counter(zip((line["expect"] for line in chosen), (one["urgency"] for one in judged), strict=True))
    immediate = sum(pairs["immediate", urgency] for urgency in Urgency)
    right = sum(pairs[urgency, urgency] for urgency in Urgency) / len(chosen)
    found_now = pairs["immediate", "immediate"] / immediate
    grave = (pairs["immediate", "priority"] + pairs["immediate", "routine"]) / immediate
    print(f"{part}: accuracy {right:.2f}, immediate found {found_now:.2f}, grave under-triage {grave:.2f}")  # noqa: T201 - the figures are the point
    assert right >= accuracy
    assert found_now >= found
