import pytest

from schemas.terms import Urgency
from tests.unit.triage.engine.conftest import Judge
from triage.domain.assessment import Certainty, Polarity, When, Who


@pytest.mark.parametrize(
    ("text", "factor"),
    [("他没有打孩子", "physical-abuse"), ("He never hit her", "physical-abuse"), ("没看到拿刀", "weapon")],
)
def test_a_denied_finding_is_kept_and_counts_for_nothing(judge: Judge, text: str, factor: str) -> None:
    assessment = judge(text)
    kept = [reason for reason in assessment.reasons if reason.factor == factor]
    assert kept
    assert all(reason.polarity is Polarity.NEGATIVE and reason.rule is None for reason in kept)
    assert assessment.urgency is Urgency.ROUTINE


@pytest.mark.parametrize("text", ["他不停地打孩子", "不是没打过孩子", "He won't stop hitting her"])
def test_a_word_of_denial_that_denies_nothing_is_seen_through(judge: Judge, text: str) -> None:
    assert judge(text).urgency.rank <= Urgency.URGENT.rank


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("如果发现有人打孩子，该找谁？", Certainty.HYPOTHETICAL),
        ("What if a child is being beaten?", Certainty.HYPOTHETICAL),
        ("这是演练：孩子昏迷", Certainty.EXERCISE),
        ("This is a drill. A child is unconscious.", Certainty.EXERCISE),
        ("电影里他拿着刀追孩子", Certainty.EXERCISE),
        ("In the film he is holding a knife", Certainty.EXERCISE),
        ("什么是性侵", Certainty.ASKED),
        ("What are the signs of sexual abuse", Certainty.ASKED),
        ("孩子失踪了一会儿，已经找到了", Certainty.RESOLVED),
    ],
)
def test_words_that_tell_of_nothing_real_do_not_place_a_report(judge: Judge, text: str, certainty: Certainty) -> None:
    assessment = judge(text)
    assert assessment.urgency is Urgency.ROUTINE
    assert certainty in {reason.certainty for reason in assessment.reasons}


def test_a_word_that_it_is_real_ends_a_drill(judge: Judge) -> None:
    assert judge("This is not a drill. A child is unconscious.").urgency is Urgency.IMMEDIATE
    assert judge("不是演练，孩子昏迷了").urgency is Urgency.IMMEDIATE


def test_a_figure_of_speech_is_no_finding_that_counts(judge: Judge) -> None:
    assert judge("作业太多，累死我了").urgency is Urgency.ROUTINE
    assert judge("We beat the traffic and fastened every seat belt").urgency is Urgency.ROUTINE


def test_a_word_that_ends_inside_another_word_is_no_finding_that_counts(judge: Judge) -> None:
    assert judge("男方一直在打听地址").urgency is Urgency.ROUTINE
    assert judge("他一直在打孩子").urgency is Urgency.IMMEDIATE


def test_parts_of_a_phrase_stand_in_one_clause(judge: Judge) -> None:
    assert judge("大的爱抽烟，小的鼻涕糊一脸").urgency is Urgency.ROUTINE
    assert judge("拿着皮带往脸上抽").urgency.rank <= Urgency.URGENT.rank


def test_the_past_is_not_now(judge: Judge) -> None:
    assert judge("前年他用皮带打过孩子").urgency is Urgency.PRIORITY
    assert judge("Two years ago he hit my son").urgency is Urgency.PRIORITY


@pytest.mark.parametrize(
    "text",
    ["When I was a child my uncle raped me. He had a knife.", "我已经成年，小时候被邻居强奸。他拿着刀。"],
)
def test_an_adult_survivor_is_heard_and_no_child_is_assumed(judge: Judge, text: str) -> None:
    assessment = judge(text)
    assert assessment.urgency is Urgency.ROUTINE
    assert {(reason.who, reason.time) for reason in assessment.reasons} == {(Who.ADULT_SURVIVOR, When.PAST)}


def test_hearsay_and_hedges_still_count(judge: Judge) -> None:
    assert judge("听说他可能拿着刀").urgency is Urgency.IMMEDIATE
    assert judge("Apparently he might have a gun").urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "我们学校想要一百份防拐海报，小孩被绑架了该怎么办那种",
        "喂 那个绑架孩子的事是剧组拍戏 不用来了",
        "What should a school do when a man with a knife comes in? Have you a leaflet?",
        "He held a knife to the boy's throat. It is a scene in our play, and we rehearse on Monday. Any tips?",
    ],
)
def test_what_is_asked_for_at_the_end_makes_an_enquiry_of_the_whole(judge: Judge, text: str) -> None:
    assert judge(text).urgency is Urgency.ROUTINE


@pytest.mark.parametrize(
    "text",
    [
        "看了你们的宣传单，这是真的，他拿着刀追孩子",
        "I saw your leaflet. This is real: he is holding a knife.",
    ],
)
def test_a_word_that_it_is_real_ends_an_enquiry(judge: Judge, text: str) -> None:
    assert judge(text).urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "我是老师，想了解儿童虐待的识别",
        "Our press office would like figures on kidnapping, trafficking and exploitation.",
    ],
)
def test_a_subject_is_no_child(judge: Judge, text: str) -> None:
    assert judge(text).urgency is Urgency.ROUTINE
