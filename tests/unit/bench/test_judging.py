"""What the part of the bench that measures judging is made of: its texts, its packs, its ratios."""

from datetime import UTC, datetime

import pytest

from tests.bench.judging import CHARACTERS, FEW, MANY, Cost, Judged, Read, fitted, multiplied, reports, spread
from tests.evaluation.situations import Part, load
from tests.staffed import packs
from triage.domain.assessment import AssessedReport, History, Piece
from triage.domain.engine import assess
from triage.domain.pack import Pack

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return packs().for_jurisdiction("CN", NOW.date())


def read(sentences: int, characters: int, cpu_ms: float) -> Read:
    return Read(sentences, characters, Cost(cpu_ms, 2 * cpu_ms), Cost(1.25 * cpu_ms, cpu_ms))


def judged(few: list[float], many: list[float], texts: list[Read]) -> Judged:
    return Judged({}, [Cost(each, 0) for each in few], [Cost(each, 0) for each in many], {"zh": texts, "en": texts})


def test_texts_are_joined_to_reports_of_one_length() -> None:
    made = [each.pieces[0].text for each in reports(["一" * 300, "二" * 900, "三" * 10])]
    assert [len(each) for each in made] == [CHARACTERS, CHARACTERS]
    assert made[0] == "一" * 300 + " " + "二" * 199


def test_texts_are_taken_from_all_over() -> None:
    assert spread([str(each) for each in range(10)], 3) == ["0", "3", "6"]
    assert spread(["only"], 3) == ["only"]


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_pack_has_as_many_rules_as_were_asked_for_each_once(pack: Pack, count: int) -> None:
    rules = multiplied(pack, count).rules
    assert len(rules) == len({each.id for each in rules}) == count
    assert rules[: len(pack.rules)] == pack.rules


def test_many_rules_place_no_report_otherwise_and_more_of_them_fire(pack: Pack) -> None:
    many = multiplied(pack, MANY)
    told = [each.text for each in load(Part.DEVELOPMENT) if each.lang == "zh"]
    for report in list(reports(told))[:5]:
        ours, theirs = (assess(report, History(), one, NOW) for one in (pack, many))
        assert theirs.rules >= ours.rules
        assert theirs.urgency is ours.urgency
    danger = AssessedReport(pieces=(Piece(id="narrative", text="爸爸正在拿刀打孩子，孩子昏迷了，流了很多血"),))
    assert len(assess(danger, History(), many, NOW).rules) > len(assess(danger, History(), pack, NOW).rules)


def test_what_many_rules_cost_is_told_in_medians() -> None:
    assert judged([1.0, 2.0, 90.0], [3.0, 3.0, 1.0], []).rules_ratio == 1.5


def test_reading_is_measured_against_what_a_sentence_and_its_characters_may_take() -> None:
    # Two sentences and 20 characters: 2 * 12 + 20 * 1.1 = 46 ms in Chinese, 2 * 12 + 20 * 0.4 = 32 in English.
    one = judged([1.0], [1.0], [read(2, 20, 23.0)])
    assert one.meaning_ratio("zh") == pytest.approx(0.5)
    assert one.meaning_ratio("en") == pytest.approx(23 / 32)
    assert one.added("zh") == pytest.approx(0.25)


def test_a_sentence_and_a_character_are_told_apart() -> None:
    texts = [read(sentences, characters, 5.0 * sentences + 0.5 * characters) for sentences, characters in
             ((1, 10), (2, 90), (5, 40))]  # fmt: skip
    assert fitted(texts) == pytest.approx((5.0, 0.5))
