"""The evaluation set is what it says it is: large, divided for ever, and free of repeats."""

from collections import Counter

from schemas.terms import Urgency
from tests.evaluation.situations import Part, load
from triage.assess import Line

BOTH = [*load(Part.DEVELOPMENT), *load(Part.TEST)]


def test_it_is_large_enough_to_say_something() -> None:
    test = load(Part.TEST)
    assert len(BOTH) >= 1000
    assert sum(each.label is Urgency.IMMEDIATE for each in test) >= 200
    cells = Counter((each.lang, each.channel) for each in test)
    assert len(cells) == 6
    assert min(cells.values()) >= 60


def test_half_of_it_is_hard() -> None:
    assert sum(each.hard != "none" for each in BOTH) >= len(BOTH) / 2


def test_nothing_stands_in_it_twice() -> None:
    assert len({each.id for each in BOTH}) == len(BOTH)
    assert len({"".join(each.text.split()) for each in BOTH}) == len(BOTH)


def test_every_line_can_be_judged() -> None:
    for each in BOTH:
        assert Line.model_validate_json(each.line()).id == each.id
