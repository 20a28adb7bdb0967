"""Whose age an age is: that of whoever speaks, or of the child they tell of; and how numbers in words are read."""

from datetime import date

import pytest

from schemas.terms import ReporterRole, Urgency
from tests.staffed import packs
from tests.unit.triage.engine.conftest import NOW
from triage.domain.assessment import AssessedReport, History, Piece
from triage.domain.engine import CHILD_AGE, assess
from triage.domain.evidence import ages_of_the_child, child_ages, read
from triage.domain.lexicon import Lexicon
from triage.domain.pack import Pack


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return packs().for_jurisdiction("CN", date(2026, 3, 4)).lexicon


def years(text: str, lexicon: Lexicon) -> list[tuple[float, bool]]:
    """Every age in years, and whether it is the own one of whoever speaks."""
    told = read(Piece(id="", text=text), lexicon, ReporterRole.NOT_SAID)
    return [(age.months / 12, age.is_own) for age in told.ages]


@pytest.mark.parametrize(
    "text",
    [
        "我今年16岁，我妹妹每天被打",
        "我16岁，隔壁的小孩被打",
        "我是一名16岁的学生，我邻居的孩子总是被打",
        "我是个十六岁的高中生，表妹没人管",
        "我叫小明，16岁，我妹妹被打",
        "我叫小明，今年十六岁。我弟弟被打",
        "16岁的我看到邻居的孩子被打",
        "本人十六岁，邻居家孩子没人管",
        "I'm 16 and my sister is being beaten",
        "I am a sixteen year old girl and my cousin is locked in",
        "My name is Ann, age 16, my sister is hurt",
        "I’m a 16yo neighbour, the kid next door is screaming",
    ],
)
def test_an_age_said_of_oneself_is_not_the_childs_where_another_child_is_told_of(text: str, lexicon: Lexicon) -> None:
    told = [read(Piece(id="", text=text), lexicon, ReporterRole.NOT_SAID)]

    assert [(age.months, age.is_own) for age in told[0].ages] == [(16 * 12, True)]
    assert ages_of_the_child(told) == ()
    assert None in child_ages(told), "the child told of may be of any age"


@pytest.mark.parametrize(
    "text",
    [
        "我16岁，我爸打我",
        "我叫小雨，16岁，我爸打我",
        "我是16岁的学生，没人管我",
        "I am 16 and my dad hits me",
        "My name is Ann, age 16.",
    ],
)
def test_it_is_the_childs_where_nobody_else_is_told_of(text: str, lexicon: Lexicon) -> None:
    assert ages_of_the_child([read(Piece(id="", text=text), lexicon, ReporterRole.NOT_SAID)]) == (16 * 12,)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("我15岁的弟弟被打", 15),
        ("我8岁弟弟被打", 8),
        ("我五岁女儿被打", 5),
        ("我是一个5岁孩子的妈妈", 5),
        ("我是5岁的孩子的妈妈", 5),
        ("我是三年级的老师，班里有个学生", 8),
        ("我叫王芳，我儿子8岁", 8),
        ("我叫王芳，8岁的孩子被打", 8),
        ("我三十四岁，我女儿三岁", 3),
        ("My name is Ann and my son is Bob, age 6, he is hurt", 6),
        ("My name is Ann Smith, 6 year old next door is beaten", 6),
        ("I am 34 and my neighbour's boy, aged 6, is beaten", 6),
        ("I'm a year 3 teacher and a boy in my class is hurt", 7),
    ],
)
def test_the_age_of_somebody_else_is_not_the_own_one(text: str, age: int, lexicon: Lexicon) -> None:
    assert years(text, lexicon) == [(age, False)]


def test_both_ages_are_read_and_the_child_has_the_other_one(lexicon: Lexicon) -> None:
    told = [read(Piece(id="", text=text), lexicon, ReporterRole.NOT_SAID) for text in ("我今年16岁。", "妹妹8岁。")]

    assert ages_of_the_child(told) == (8 * 12,)
    assert child_ages(told) == (16 * 12, 8 * 12), "whoever tells of it is a child too, and may be in danger"


@pytest.mark.parametrize(
    "text",
    [
        "我今年三十四岁，邻居家小孩被打",
        "我34岁，邻居家孩子没人管",
        "三四十岁的男人打孩子",
        "我二十二岁，孩子被打",
        "I am 34 and my neighbour's boy is being beaten",
        "I am a thirty-four year old neighbour of the boy",
        "I'm a 45 year old teacher; a boy in my class is hurt",
        "a man aged fifty six hits the boy",
    ],
)
def test_an_adults_age_is_never_a_childs(text: str, lexicon: Lexicon) -> None:
    assert years(text, lexicon) == []


@pytest.mark.parametrize(
    ("text", "age"),
    [("三四岁的孩子", 3), ("十七八岁的男孩", 17), ("十三岁的女孩", 13), ("七八个月大的孩子", 7 / 12), ("三岁半", 3)],
)
def test_of_two_numbers_the_smaller_is_read(text: str, age: float, lexicon: Lexicon) -> None:
    assert years(text, lexicon) == [(age, False)]


def test_tens_belong_to_a_childs_weeks_too(lexicon: Lexicon) -> None:
    assert years("she is thirty two weeks old", lexicon) == [(8 / 12, False)]


@pytest.mark.parametrize(
    ("written", "age"), [("六岁", 72), (" 6 ", 72), ("8个月", 8), ("5 months", 5), ("aged 4", 48)]
)
def test_an_age_beside_a_name_is_the_childs(written: str, age: int, pack: Pack) -> None:
    report = AssessedReport(pieces=(Piece(id="narrative", text="孩子身上有淤青。"),), ages=(written,))
    told = assess(report, History(), pack, NOW)
    assert told.ages_told == (age,)
    assert CHILD_AGE not in told.ask
    assert CHILD_AGE in assess(report.model_copy(update={"ages": ()}), History(), pack, NOW).ask


def test_an_infant_whose_age_is_beside_the_name_is_judged_as_one(pack: Pack) -> None:
    bruised = AssessedReport(pieces=(Piece(id="narrative", text="孩子腿上有淤青，说不清怎么来的。"),))
    infant = bruised.model_copy(update={"ages": ("3个月",)})
    assert assess(infant, History(), pack, NOW).urgency is Urgency.IMMEDIATE
    assert assess(bruised, History(), pack, NOW).urgency is not Urgency.IMMEDIATE
