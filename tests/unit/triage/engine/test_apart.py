"""Who is away, and who is cared for: words of it silence a call-out for what was, and nothing else."""

import pytest

from schemas.report import Answers
from schemas.terms import Answer, Injury, Urgency
from tests.unit.triage.engine.conftest import Judge


@pytest.mark.parametrize(
    "text",
    [
        "他爸昨晚拿刀追人，已经刑拘了，孩子在外婆家",
        "上周他掐我脖子，他出差去了，我带孩子住我妈家",
        "He pulled a knife on Sunday. He is in custody and the boys are with their gran.",
        "Her stepdad strangled her mum on Friday. They are in a refuge.",
        "孩子胳膊骨折，打了石膏，妈妈陪着她",
        "His arm was fractured on Monday, he is on the ward.",
        "She took an overdose on Friday and is in hospital.",
    ],
)
def test_what_was_is_urgent_while_those_concerned_are_apart_or_the_child_is_cared_for(
    judge: Judge, text: str
) -> None:
    assert judge(text).urgency is Urgency.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "他爸昨晚拿刀追人，没有被拘留",
        "去年他坐牢，现在拿着刀在家门口",
        "He pulled a knife on the boys. He is not in custody.",
        "He may be in custody, I am not sure. He has a knife.",
        "He was in prison last year. He has a knife.",
    ],
)
def test_who_is_not_or_was_once_or_may_be_away_silences_nothing(judge: Judge, text: str) -> None:
    assert judge(text).urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "她在外婆家，攒了一瓶药，今晚就死",
        "She is staying with her aunt and has written a note, she says tonight she will kill herself.",
    ],
)
def test_a_plan_to_die_is_immediate_wherever_the_child_stays(judge: Judge, text: str) -> None:
    assert judge(text).urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    "text", ["他在医院，现在昏迷不醒", "She is in hospital and not breathing", "在外婆家，他正在打孩子"]
)
def test_danger_at_this_moment_is_immediate_wherever_it_is(judge: Judge, text: str) -> None:
    assert judge(text).urgency is Urgency.IMMEDIATE


def test_a_grave_injury_of_a_child_answered_to_be_safe_raises_nothing_further(judge: Judge) -> None:
    text = "He was hit with a belt and his wrist is swollen."
    assert judge(text, Answers(injury=Injury.SERIOUS, child_safe_now=Answer.YES)).urgency is Urgency.URGENT
    assert judge(text, Answers(injury=Injury.SERIOUS)).urgency is Urgency.IMMEDIATE
    assert judge(text, Answers(injury=Injury.UNKNOWN, child_safe_now=Answer.YES)).urgency is Urgency.IMMEDIATE
