"""Dangers that are told in many ways: what is found, and what is not."""

import pytest

from schemas.report import Answers
from schemas.terms import Answer, ReporterRole, Urgency
from tests.unit.triage.engine.conftest import Judge
from triage.domain.assessment import Assessment


def rules(assessment: Assessment) -> set[str]:
    return {reason.rule for reason in assessment.reasons if reason.rule}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("teenager says he will hang himself tonight", "suicide-act"),
        ("my daughter says she is going to drown herself", "suicide-act"),
        ("he wants to die and will do it tomorrow", "suicide-act"),
        ("她说今晚就去跳河", "suicide-act"),
        ("flying to Somalia tomorrow for the cutting", "ceremony-near"),
        ("they take her to Gambia this weekend for a circumcision", "ceremony-near"),
        ("明天飞索马里给女儿做割礼", "ceremony-near"),
        ("爸爸妈妈昨晚都被抓走了，孩子四岁", "young-without-carer"),
        ("孩子三岁，爷爷昨天突然被公安拘留了", "young-without-carer"),
        ("both parents were taken by the police last night, the boy is 4 years old", "young-without-carer"),
    ],
)
def test_a_danger_is_found_in_the_many_ways_it_is_told(judge: Judge, text: str, rule: str) -> None:
    found = judge(text)
    assert rule in rules(found)
    assert found.urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "she is not going to hang herself",
        "are you flying home tomorrow?",
        "周末和爸爸妈妈去看电影，抓娃娃",
        "we hang the washing out tonight",
    ],
)
def test_what_only_sounds_alike_is_no_danger(judge: Judge, text: str) -> None:
    assert judge(text).urgency is Urgency.ROUTINE


@pytest.mark.parametrize(
    "text",
    [
        "3 year old with bruises on her ear and neck",
        "my 2 year old has a bruise along the jaw",
        "purple marks on his tummy, he is 3",
        "the handprint on her cheek, she is 3",
        "a torn frenulum, 3 years old",
        "孩子三岁，耳朵和脖子上有淤青",
        "两岁的孩子脸颊上有巴掌印",
        "三岁，肚子青了一块",
        "孩子3岁，上唇系带撕裂",
        "孩子3岁，眼皮发青",
    ],
)
def test_a_bruise_where_falls_leave_none_is_urgent_under_four(judge: Judge, text: str) -> None:
    found = judge(text)
    assert "ten4-bruise" in rules(found)
    assert found.urgency.rank <= Urgency.URGENT.rank


def test_a_bruise_elsewhere_or_of_an_older_child_is_not_that(judge: Judge) -> None:
    for text in ("3 year old with a bruise on her knee", "a 9 year old with a bruise on the ear", "三岁，膝盖有淤青"):
        found = judge(text)
        assert "ten4-bruise" not in rules(found)
        assert found.urgency is Urgency.PRIORITY


def test_a_denied_place_lowers_nothing(judge: Judge) -> None:
    assert judge("3 year old with a bruise on her knee. No bruise on her ear.").urgency is Urgency.PRIORITY


def test_any_bruise_under_five_months_is_urgent(judge: Judge) -> None:
    assert judge("a 4 month old with a bruise on the knee").urgency is Urgency.URGENT
    assert judge("孩子才四个月，腿上有淤青").urgency is Urgency.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "my pupil is pregnant",
        "one of my pupils told me she is pregnant",
        "my daughter may be pregnant",
        "she is pregnant and it may be her stepfather's",
        "怀孕了，可能是继父的",
        "班上有个女生怀孕了",
        "我的学生好像怀孕了",
        "女儿可能怀孕了",
    ],
)
def test_the_pregnancy_of_a_child_whose_age_nobody_told_is_urgent(judge: Judge, text: str) -> None:
    found = judge(text)
    assert "pregnancy-age-unknown" in rules(found)
    assert found.urgency is Urgency.URGENT
    assert "child_age" in found.ask


def test_the_pregnancy_of_an_adult_or_of_a_child_whose_age_is_told_is_not_that(judge: Judge) -> None:
    for text in ("my wife is pregnant", "孩子的妈妈怀孕了", "老师怀孕了", "my pupil is pregnant, she is 15"):
        assert "pregnancy-age-unknown" not in rules(judge(text))
    answered = judge("my pupil is pregnant", Answers(child_age_years=15))
    assert "pregnancy-age-unknown" not in rules(answered)
    assert answered.urgency is Urgency.PRIORITY


@pytest.mark.parametrize(
    "text",
    [
        "I'm 15, my little brother is home alone",
        "I am a 15 year old girl and my baby cousin is left alone",
        "my younger sister is home alone",
        "我15岁，弟弟一个人在家",
        "我今年十四岁，妹妹被锁在屋里",
        "我上初二，小表弟没人管",
    ],
)
def test_the_reporters_own_age_is_not_the_age_of_another_child(judge: Judge, text: str) -> None:
    for role in (ReporterRole.NOT_SAID, ReporterRole.CHILD):
        found = judge(text, role=role)
        assert found.urgency is Urgency.IMMEDIATE
        assert "child_age" in found.ask or "baby" in text


def test_another_childs_age_unknown_counts_as_young_where_the_answer_says_alone(judge: Judge) -> None:
    answers = Answers(child_alone=Answer.YES)
    assert "alone-age-unknown" in rules(judge("I'm 15, it is about my friend's child", answers))
    assert "alone-age-unknown" in rules(judge("我16岁，我同学家的孩子", answers))
    assert "alone-age-unknown" not in rules(judge("I'm 15", answers))


def test_an_age_told_of_the_other_child_counts(judge: Judge) -> None:
    for text in ("I'm 15, my little brother is home alone, he is 9", "我15岁，9岁的弟弟一个人在家"):
        found = judge(text)
        assert found.urgency is Urgency.URGENT
        assert "child_age" not in found.ask
    answered = judge("I'm 15, my little brother is home alone", Answers(child_age_years=9))
    assert "little-one-alone" not in rules(answered)


def test_the_reporters_own_age_still_counts_for_themselves(judge: Judge) -> None:
    found = judge("I'm 13 and pregnant, my sister knows")
    assert "pregnancy-under-14" in rules(found)
    assert "pregnancy-under-14" in rules(judge("我13岁，怀孕了，妹妹知道"))
